#include "app/sweep_request.hpp"

#include <algorithm>
#include <ctime>
#include <thread>

#include "search/searcher.hpp"

namespace svetune::app {
namespace {

std::string search_help() {
  std::string known;
  for (const search::SearcherKind& kind : search::searchers())
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  return known + " (default: exhaustive where the budget allows it, else guided)";
}

std::chrono::seconds local_time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  return std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

SweepFile named_problems(const Options& options) {
  if (options.has("file") && options.has("problem")) {
    throw InputError("a sweep takes its problems from a sweep file or from --problem, not from both");
  }
  if (options.has("file")) return read_sweep_file(options.required("file"));
  SweepFile file;
  for (const Problem& problem : parse_problems(options.required("problem"))) file.problems.push_back({problem, 1});
  return file;
}

}  // namespace

void add_sweep_options(Options& options) {
  options.add()("file", value("FILE"), "sweep file (TOML), see examples/sweeps; instead of --problem")  //
      ("problem", value("LIST"), "problems separated by commas")                                        //
      ("jobs", value("N"), "workers (default: one a core; where this processor is timed, one)")         //
      ("evals", value("N"), "at most N configurations a problem, those stored before included")         //
      ("budget", value("TIME"), "wall-clock time of this run: 90s, 30m, 8h")                            //
      ("until", value("HH:MM"), "end at that time of day: 07:00")                                       //
      ("strategy", value("NAME"), "this strategy only")                                                 //
      ("search", value("NAME"), search_help().c_str());
  options.positional("file", 1);
}

SweepRequest sweep_request(const Options& options, const Environment& environment) {
  SweepRequest request{named_problems(options), 1};
  SweepFile& file = request.file;
  if (const auto timer = options.text("timer")) file.timers = {*timer};
  if (file.timers.empty()) file.timers = {run_choice(options, environment).facts.timer.name};  // the default one
  if (const auto strategy = options.text("strategy")) file.rules.strategies = {*strategy};
  check_strategies(file.rules.strategies);
  file.searcher = options.text("search").value_or(file.searcher);
  if (!file.searcher.empty()) search::find_searcher(file.searcher);
  if (const auto evals = options.integer("evals", 1, INT64_MAX)) file.evaluations = static_cast<std::size_t>(*evals);
  // A limit of time on the command line takes the place of those of the file.
  if (options.has("budget") || options.has("until")) {
    file.time.reset();
    file.until = options.text("until").value_or("");
    if (const auto budget = options.text("budget")) file.time = parse_duration(*budget);
  }
  if (!file.until.empty()) {
    const auto left = time_until(file.until, local_time_of_day());
    file.time = std::min(left, file.time.value_or(left));
  }
  const bool modelled = std::ranges::all_of(
      file.timers, [](const std::string& timer) { return timing::choose_timer(timer).kind->takes_machine; });
  const std::int64_t cores = modelled ? std::max(1U, std::thread::hardware_concurrency()) : 1;
  request.jobs = static_cast<std::size_t>(options.integer("jobs", 1, 1024).value_or(cores));
  return request;
}

}  // namespace svetune::app
