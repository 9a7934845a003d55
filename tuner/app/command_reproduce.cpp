// svetune reproduce: a study's measured cycles beside the cycles that this program finds for the same approaches.
#include <cmath>
#include <ostream>

#include "app/command.hpp"
#include "app/present.hpp"
#include "app/study.hpp"

namespace svetune::app {
namespace {

struct Reproduced {
  MeasuredRow measured;
  Evaluated ours;
  std::optional<double> measured_cycles;  // published, or computed from the published percentage

  std::optional<double> error_percent() const {
    if (!measured_cycles || !ours.row.cycles) return std::nullopt;
    return 100.0 * (*ours.row.cycles / *measured_cycles - 1.0);
  }
};

Reproduced reproduce(Evaluator& evaluator, const MeasuredRow& row, double peak) {
  const Approach& approach = find_approach(row.approach);
  Problem problem = approach_problem(approach, row.m, row.nc, row.d);
  problem.shape.d = row.d_tile;
  problem.ldv = row.d_tile == row.d ? 0 : row.d;
  Reproduced result{row, evaluator.evaluate(problem, parse_configuration(approach.config)), row.cycles};
  if (!row.cycles && row.percent_of_peak) {
    result.measured_cycles = problem.flop() / (*row.percent_of_peak / 100.0) / peak;
  }
  return result;
}

Json to_json(const std::vector<Reproduced>& results, const RunChoice& choice) {
  const auto or_null = [](const std::optional<double>& number) { return number ? Json(*number) : Json(nullptr); };
  Json json{{"timer", choice.facts.timer.name}, {"timer_version", choice.facts.timer.version}};
  double sum = 0;
  std::size_t count = 0;
  for (const Reproduced& result : results) {
    Json entry{{"approach", result.measured.approach}};
    entry["measured_cycles"] = or_null(result.measured.cycles);
    entry["measured_percent_of_peak"] = or_null(result.measured.percent_of_peak);
    entry["error_percent"] = or_null(result.error_percent());
    entry.update(evaluation_json(result.ours.row, choice.facts.timer.name, choice.facts.peak_flop_per_cycle));
    entry["modelled_cycles"] = entry["cycles"];
    entry["report"] = result.ours.report ? report_json(*result.ours.report) : Json(nullptr);
    json["rows"].push_back(std::move(entry));
    const auto error = result.error_percent();
    if (result.measured.cycles && error) {
      sum += std::abs(*error);
      ++count;
    }
  }
  json["mean_absolute_error_percent"] = count > 0 ? Json(sum / static_cast<double>(count)) : Json(nullptr);
  return json;
}

void print_text(std::ostream& out, const std::vector<Reproduced>& results, const RunChoice& choice) {
  std::vector<std::vector<std::string>> rows{
      {"approach", "problem", "measured", "% of peak", "modelled", "% of peak", "error"}};
  for (const Reproduced& result : results) {
    const db::Evaluation& row = result.ours.row;
    const double peak = choice.facts.peak_flop_per_cycle;
    const auto percent = [&](const std::optional<double>& cycles) {
      return cycles ? fixed_text(percent_of_peak(row.problem, *cycles, peak), 1) : std::string("-");
    };
    const auto error = result.error_percent();
    rows.push_back({result.measured.approach, svetune::to_text(row.problem), cycles_text(result.measured.cycles),
                    percent(result.measured_cycles), cycles_text(row.cycles), percent(row.cycles),
                    error ? (*error >= 0 ? "+" : "") + fixed_text(*error, 1) + " %" : row.detail});
  }
  out << table_text(rows, {false, false, true, true, true, true, true}) << "modelled by " << choice.facts.timer.name
      << ", version " << choice.facts.timer.version << '\n';
}

}  // namespace

int run_reproduce(const Arguments& arguments, const Environment& environment) {
  Options options("reproduce", "--measured FILE.csv [options]",
                  "Runs the study's approaches at each row's problem and prints measured, modelled and error.\n"
                  "Columns: approach,m,nc,d,d_tile,cycles,pct_peak; cycles may be empty where pct_peak is known.");
  options.add()("measured", value("FILE"), "measured cycles")  //
      ("json", "print one JSON object");
  add_run_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const std::vector<MeasuredRow> measured = read_measured(options.required("measured"));
  const RunChoice choice = run_choice(options, environment);
  machine_of(choice);  // a runner that does not work is an error before any row
  Evaluator evaluator(choice, true);
  std::vector<Reproduced> results;
  bool complete = true;
  for (const MeasuredRow& row : measured) {
    results.push_back(reproduce(evaluator, row, choice.facts.peak_flop_per_cycle));
    complete = complete && results.back().ours.row.cycles.has_value();
  }
  if (options.has("json")) {
    environment.out << to_json(results, choice).dump(2) << '\n';
  } else {
    print_text(environment.out, results, choice);
  }
  return complete ? 0 : 1;
}

}  // namespace svetune::app
