#include "app/plan.hpp"

#include <algorithm>
#include <ostream>

#include "app/progress.hpp"

namespace svetune::app {

std::size_t Plan::evaluations() const {
  std::size_t sum = 0;
  for (const PlannedSpace& space : spaces) sum += space.evaluations;
  return sum;
}

double Plan::full_seconds() const {
  double sum = 0;
  for (const PlannedSpace& space : spaces) {
    sum += static_cast<double>(space.evaluations) * space.seconds_per_evaluation / static_cast<double>(jobs);
  }
  return sum;
}

double Plan::seconds() const {
  return time ? std::min(full_seconds(), static_cast<double>(time->count())) : full_seconds();
}

double estimated_seconds(const Problem& problem) {
  constexpr double kStart = 0.01, kPerFlop = 5e-7;
  return kStart + kPerFlop * problem.flop();
}

Plan make_plan(const SweepFile& file, std::size_t jobs,
               const std::function<unsigned(const std::string&)>& vector_bits) {
  Plan plan;
  plan.jobs = jobs;
  plan.time = file.time;
  for (const std::string& timer : file.timers) {
    for (const WeightedProblem& wanted : file.problems) {
      PlannedSpace space;
      space.problem = wanted.problem;
      space.weight = wanted.weight;
      space.timer = timer;
      space.seconds_per_evaluation = estimated_seconds(wanted.problem);
      enumerate_allowed({wanted.problem, vector_bits(timer)}, file.rules, &space.size);
      space.evaluations = std::min(space.size.valid, file.evaluations.value_or(space.size.valid));
      plan.spaces.push_back(std::move(space));
    }
  }
  return plan;
}

Json plan_json(const Plan& plan) {
  Json json;
  for (const PlannedSpace& space : plan.spaces) {
    json["spaces"].push_back({{"problem", to_text(space.problem)},
                              {"timer", space.timer},
                              {"weight", space.weight},
                              {"valid", space.size.valid},
                              {"total", space.size.total},
                              {"rejected", space.size.rejected},
                              {"evaluations", space.evaluations},
                              {"seconds_per_evaluation", space.seconds_per_evaluation}});
  }
  json["evaluations"] = plan.evaluations();
  json["jobs"] = plan.jobs;
  json["seconds_without_limit"] = plan.full_seconds();
  json["seconds"] = plan.seconds();
  json["time_limit_seconds"] = plan.time ? Json(plan.time->count()) : Json(nullptr);
  json["calibrated"] = plan.calibrated;
  return json;
}

void print_plan(std::ostream& out, const Plan& plan) {
  std::vector<std::vector<std::string>> rows{{"problem", "timer", "weight", "valid", "of", "to do", "rejected by"}};
  for (const PlannedSpace& space : plan.spaces) {
    std::string rejected;
    for (const auto& [name, count] : space.size.rejected) {
      rejected += (rejected.empty() ? "" : ", ") + name + ' ' + std::to_string(count);
    }
    rows.push_back({to_text(space.problem), space.timer, fixed_text(space.weight, 1), std::to_string(space.size.valid),
                    std::to_string(space.size.total), std::to_string(space.evaluations), rejected});
  }
  out << table_text(rows, {false, false, true, true, true, true, false});
  out << plan.evaluations() << " evaluations with " << plan.jobs << (plan.jobs == 1 ? " job" : " jobs") << ": about "
      << duration_text(plan.full_seconds())
      << (plan.calibrated ? " (some were timed now)" : " (a rough figure; --calibrate times some)");
  if (plan.time) {
    out << ", limited to " << duration_text(static_cast<double>(plan.time->count()));
    const double share = plan.full_seconds() > 0 ? plan.seconds() / plan.full_seconds() : 1.0;
    if (share < 1) out << ": the searcher visits about " << fixed_text(100 * share, 1) << " % of the candidates";
  }
  out << '\n';
}

}  // namespace svetune::app
