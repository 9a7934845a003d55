// svetune sweep: the space of some problems, into a database.
#include <algorithm>
#include <ostream>
#include <thread>

#include "app/command.hpp"
#include "app/present.hpp"
#include "app/sweep.hpp"
#include "search/searcher.hpp"

namespace svetune::app {
namespace {

constexpr int kInterrupted = 130;  // as a shell reports a program that SIGINT ended

SweepOptions sweep_options(const Options& options, const Arguments& arguments) {
  SweepOptions chosen;
  chosen.problems = parse_problems(options.required("problem"));
  chosen.database = options.required("db");
  chosen.strategy = options.text("strategy").value_or("");
  if (!chosen.strategy.empty() && find_strategy(chosen.strategy) == nullptr) {
    throw InputError("unknown strategy '" + chosen.strategy + "'; svetune space --problem " +
                     to_text(chosen.problems.front()) + " lists them");
  }
  chosen.searcher = options.text("search").value_or("");
  if (!chosen.searcher.empty()) search::find_searcher(chosen.searcher);
  const std::int64_t cores = std::max(1U, std::thread::hardware_concurrency());
  chosen.jobs = static_cast<std::size_t>(options.integer("jobs", 1, 1024).value_or(cores));
  if (const auto evals = options.integer("evals", 1, INT64_MAX)) {
    chosen.stop.evaluations = static_cast<std::size_t>(*evals);
  }
  if (const auto budget = options.text("budget")) chosen.stop.time = parse_duration(*budget);
  chosen.command = "svetune sweep";
  for (const std::string& word : arguments) chosen.command += ' ' + word;
  return chosen;
}

std::string search_help() {
  std::string known;
  for (const search::SearcherKind& kind : search::searchers())
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  return known + " (default: exhaustive where --evals allows it)";
}

std::string_view to_text(Outcome outcome) {
  return outcome == Outcome::finished ? "finished" : outcome == Outcome::interrupted ? "interrupted" : "out_of_time";
}

double rate(const SweepResult& result) {
  return result.seconds > 0 ? static_cast<double>(result.evaluated) / result.seconds : 0.0;
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
  for (const SweptProblem& swept : result.problems) {
    Json entry{{"problem", svetune::to_text(swept.problem)},
               {"space", swept.space},
               {"search", swept.searcher},
               {"budget", swept.progress.total},
               {"done", swept.progress.done},
               {"reused", swept.progress.reused}};
    entry["stored"] = Json::object();
    for (const auto& [status, count] : swept.counts) entry["stored"][std::string(db::to_text(status))] = count;
    entry["winner"] = swept.winner ? evaluation_json(*swept.winner, choice.facts.timer.name, result.peak_flop_per_cycle)
                                   : Json(nullptr);
    json["problems"].push_back(std::move(entry));
  }
  return json;
}

void print_text(std::ostream& out, const SweepResult& result, const SweepOptions& options, const RunChoice& choice) {
  std::vector<std::vector<std::string>> rows{{"problem", "done", "of", "cycles", "% of peak", "error", "winner"}};
  for (const SweptProblem& swept : result.problems) {
    std::vector<std::string> row{svetune::to_text(swept.problem), std::to_string(swept.progress.done),
                                 std::to_string(swept.progress.total)};
    if (swept.winner && swept.winner->cycles) {
      const double cycles = *swept.winner->cycles;
      row.insert(row.end(), {cycles_text(cycles),
                             fixed_text(percent_of_peak(swept.problem, cycles, result.peak_flop_per_cycle), 1),
                             error_text(swept.winner->error), svetune::to_text(swept.winner->config)});
    } else {
      row.insert(row.end(), {"-", "-", "-", "none verified"});
    }
    rows.push_back(std::move(row));
  }
  out << table_text(rows, {false, true, true, true, true, true, false});
  for (const SweptProblem& swept : result.problems) {
    std::string failures;
    for (const auto& [status, count] : swept.counts) {
      if (status != db::Status::ok) failures += "  " + std::string(db::to_text(status)) + ' ' + std::to_string(count);
    }
    if (!failures.empty()) out << svetune::to_text(swept.problem) << " stored without a time:" << failures << '\n';
  }
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
void announce(std::ostream& err, const SweepOptions& options) {
  err << "svetune: sweep of " << options.problems.size() << (options.problems.size() == 1 ? " problem" : " problems")
      << " into " << options.database.string() << " with " << options.jobs << (options.jobs == 1 ? " job" : " jobs")
      << '\n'
      << std::flush;
}

}  // namespace

int run_sweep(const Arguments& arguments, const Environment& environment) {
  Options options(
      "sweep", "--problem MxNCxD[,...] --db FILE [options]",
      "Verifies and times the configurations of each problem and stores every evaluation at once.\n"
      "Run again it continues: what is stored is not evaluated twice. Ctrl-C saves and says how to continue.");
  options.add()("problem", value("LIST"), "problems separated by commas")                        //
      ("db", value("FILE"), "database; made where there is none")                                //
      ("jobs", value("N"), "workers (default: one a core)")                                      //
      ("evals", value("N"), "at most N configurations a problem, those stored before included")  //
      ("budget", value("TIME"), "wall-clock time of this run: 90s, 30m, 8h")                     //
      ("strategy", value("NAME"), "this strategy only")                                          //
      ("search", value("NAME"), search_help().c_str())                                           //
      ("json", "print the closing report as one JSON object");
  add_run_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const SweepOptions chosen = sweep_options(options, arguments);
  const RunChoice choice = run_choice(options, environment);
  announce(environment.err, chosen);
  ProgressView view(environment.err, environment.err_is_terminal);
  const SweepResult result = sweep(choice, chosen, view);
  std::size_t reused = 0;
  for (const SweptProblem& swept : result.problems) reused += swept.progress.reused;
  if (reused > 0) {
    environment.err << "svetune: continued: " << reused << " evaluations were in the database already" << '\n'
                    << std::flush;
  }
  if (options.has("json")) {
    environment.out << to_json(result, chosen, choice).dump(2) << '\n';
  } else {
    print_text(environment.out, result, chosen, choice);
  }
  return result.outcome == Outcome::interrupted ? kInterrupted : 0;
}

}  // namespace svetune::app
