// svetune sweep: the space of some problems, into a database.
#include <algorithm>
#include <ostream>

#include "app/command.hpp"
#include "app/present.hpp"
#include "app/sweep.hpp"
#include "app/sweep_request.hpp"
#include "measure/warnings.hpp"

namespace svetune::app {
namespace {

constexpr int kInterrupted = 130;  // as a shell reports a program that SIGINT ended

SweepOptions sweep_options(const SweepRequest& request, const std::string& database, const Arguments& arguments) {
  SweepOptions chosen;
  for (const WeightedProblem& wanted : request.file.problems) {
    chosen.problems.push_back(wanted.problem);
    chosen.weights.push_back(wanted.weight);
  }
  chosen.database = database;
  chosen.rules = request.file.rules;
  chosen.searcher = request.file.searcher;
  chosen.jobs = request.jobs;
  chosen.stop.evaluations = request.file.evaluations;
  chosen.command = command_text("sweep", arguments);
  return chosen;
}

// What is left of the budget for the timer in turn: equal shares of what the ones before have left.
std::optional<std::chrono::seconds> share_of_time(std::optional<std::chrono::seconds> budget, double used,
                                                  std::size_t timers_left) {
  if (!budget) return std::nullopt;
  const double left = std::max(0.0, static_cast<double>(budget->count()) - used);
  return std::chrono::seconds(static_cast<std::int64_t>(left / static_cast<double>(timers_left)));
}

std::string_view to_text(Outcome outcome) {
  return outcome == Outcome::finished ? "finished" : outcome == Outcome::interrupted ? "interrupted" : "out_of_time";
}

double rate(const SweepResult& result) {
  return result.seconds > 0 ? static_cast<double>(result.evaluated) / result.seconds : 0.0;
}

// A search that was cut short and found its best in the last quarter of its evaluations has not settled.
bool deserves_more(const SweptProblem& swept) {
  const ProblemProgress& progress = swept.progress;
  return progress.done < swept.space && (!swept.winner || 4 * progress.best_at > 3 * progress.done);
}

Json to_json(const SweepResult& result, const SweepOptions& options, const RunChoice& choice) {
  Json json;
  json["outcome"] = to_text(result.outcome);
  json["database"] = options.database.string();
  json["timer"] = choice.facts.timer.name;
  json["jobs"] = options.jobs;
  json["evaluations"] = result.evaluated;
  json["seconds"] = result.seconds;
  json["evaluations_per_second"] = rate(result);
  json["cpu_seconds"] = cpu_json(result.cpu);
  json["warnings"] = result.warnings;
  for (const SweptProblem& swept : result.problems) {
    Json entry{{"problem", svetune::to_text(swept.problem)},
               {"space", swept.space},
               {"search", swept.searcher},
               {"budget", swept.progress.total},
               {"done", swept.progress.done},
               {"reused", swept.progress.reused},
               {"stale", swept.progress.stale}};
    const auto gain = swept.progress.gain();
    entry["gain"] = gain ? Json(*gain) : Json(nullptr);
    entry["deserves_more_time"] = deserves_more(swept);
    entry["stored"] = Json::object();
    for (const auto& [status, count] : swept.counts) entry["stored"][std::string(db::to_text(status))] = count;
    entry["winner"] = swept.winner ? evaluation_json(*swept.winner, choice.facts.timer.name, result.peak_flop_per_cycle)
                                   : Json(nullptr);
    json["problems"].push_back(std::move(entry));
  }
  return json;
}

std::string gain_text(const ProblemProgress& progress) {
  const auto gain = progress.gain();
  return gain ? fixed_text(*gain, 2) + "x" : "-";
}

void print_unsettled(std::ostream& out, const SweepResult& result) {
  for (const SweptProblem& swept : result.problems) {
    if (!deserves_more(swept)) continue;
    out << svetune::to_text(swept.problem) << " deserves more time: ";
    if (swept.winner) {
      out << "its best came at evaluation " << swept.progress.best_at << " of " << swept.progress.done << '\n';
    } else {
      out << "none of " << swept.progress.done << " evaluations was verified" << '\n';
    }
  }
}

void print_warnings(std::ostream& out, const SweepResult& result) {
  for (const auto& [name, count] : result.warnings) {
    const measure::Warning* known = measure::find_warning(name);
    if (known == nullptr) continue;
    out << "warning " << name << ", " << count << " times: " << known->meaning << "; " << known->remedy << '\n';
  }
}

void print_text(std::ostream& out, const SweepResult& result, const SweepOptions& options, const RunChoice& choice) {
  std::vector<std::vector<std::string>> rows{
      {"problem", "done", "of", "cycles", "% of peak", "gain", "error", "winner"}};
  for (const SweptProblem& swept : result.problems) {
    std::vector<std::string> row{svetune::to_text(swept.problem), std::to_string(swept.progress.done),
                                 std::to_string(swept.progress.total)};
    if (swept.winner && swept.winner->cycles) {
      const double cycles = *swept.winner->cycles;
      row.insert(
          row.end(),
          {cycles_text(cycles), fixed_text(percent_of_peak(swept.problem, cycles, result.peak_flop_per_cycle), 1),
           gain_text(swept.progress), error_text(swept.winner->error), svetune::to_text(swept.winner->config)});
    } else {
      row.insert(row.end(), {"-", "-", "-", "-", "none verified"});
    }
    rows.push_back(std::move(row));
  }
  out << table_text(rows, {false, true, true, true, true, true, true, false});
  for (const SweptProblem& swept : result.problems) {
    std::string failures;
    for (const auto& [status, count] : swept.counts) {
      if (status != db::Status::ok) failures += "  " + std::string(db::to_text(status)) + ' ' + std::to_string(count);
    }
    if (!failures.empty()) out << svetune::to_text(swept.problem) << " stored without a time:" << failures << '\n';
  }
  print_unsettled(out, result);
  print_warnings(out, result);
  const StageSeconds& cpu = result.cpu;
  out << result.evaluated << " evaluations in " << fixed_text(result.seconds, 1) << " s, "
      << fixed_text(rate(result), 1) << " a second, by " << choice.facts.timer.name << "; CPU seconds: verify "
      << fixed_text(cpu.verify, 1) << ", trace " << fixed_text(cpu.trace, 1) << ", model " << fixed_text(cpu.model, 1)
      << ", store " << fixed_text(cpu.store, 1) << '\n';
  if (result.outcome != Outcome::finished) {
    out << (result.outcome == Outcome::interrupted ? "interrupted" : "the time budget is used up")
        << "; everything measured is saved. To continue: " << options.command << '\n';
  }
}

// Says what a continued sweep finds, as soon as it is known.
void announce(std::ostream& err, const SweepOptions& options, const std::string& timer) {
  err << "svetune: sweep of " << options.problems.size() << (options.problems.size() == 1 ? " problem" : " problems")
      << " by " << timer << " into " << options.database.string() << " with " << options.jobs
      << (options.jobs == 1 ? " job" : " jobs") << '\n'
      << std::flush;
}

void print_result(const Environment& environment, const SweepResult& result, const SweepOptions& options,
                  const RunChoice& choice, bool json, bool several) {
  std::size_t reused = 0, stale = 0;
  for (const SweptProblem& swept : result.problems) {
    reused += swept.progress.reused;
    stale += swept.progress.stale;
  }
  if (reused > 0) {
    environment.err << "svetune: continued: " << reused << " evaluations were in the database already" << '\n'
                    << std::flush;
  }
  if (stale > 0) {
    environment.err << "svetune: " << stale
                    << " evaluations were stale (their kernels have changed since); they do not count, "
                    << "and are replaced as they are measured again" << '\n'
                    << std::flush;
  }
  if (json) {
    environment.out << to_json(result, options, choice).dump(several ? -1 : 2) << '\n' << std::flush;
  } else {
    print_text(environment.out, result, options, choice);
  }
}

}  // namespace

int run_sweep(const Arguments& arguments, const Environment& environment) {
  Options options(
      "sweep", "FILE | --problem MxNCxD[,...] --db DATABASE [options]",
      "Verifies and times the configurations of each problem and stores every evaluation at once.\n"
      "Run again it continues: what is stored is not evaluated twice. Ctrl-C saves and says how to continue.");
  options.add()("db", value("DATABASE"), "database; made where there is none");
  add_sweep_options(options);
  options.add()("json", "print the closing report as one JSON object (a line for each timer where there are several)");
  add_run_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const SweepRequest request = sweep_request(options, environment);
  SweepOptions chosen = sweep_options(request, options.required("db"), arguments);
  const auto& timers = request.file.timers;
  double used = 0;
  for (std::size_t i = 0; i < timers.size(); ++i) {
    const RunChoice choice = run_choice(options, environment, timers[i]);
    chosen.stop.time = share_of_time(request.file.time, used, timers.size() - i);
    announce(environment.err, chosen, choice.facts.timer.name);
    ProgressView view(environment.err, environment.err_is_terminal);
    const SweepResult result = sweep(choice, chosen, view);
    used += result.seconds;
    print_result(environment, result, chosen, choice, options.has("json"), timers.size() > 1);
    if (result.outcome == Outcome::interrupted) return kInterrupted;
  }
  return 0;
}

}  // namespace svetune::app
