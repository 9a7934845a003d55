// svetune report: the winner of each problem beside the study's five approaches, timed now by the same timer.
#include <ostream>

#include "app/command.hpp"
#include "app/present.hpp"
#include "app/study.hpp"

namespace svetune::app {
namespace {

struct Line {
  std::string name;
  db::Evaluation row;
};

struct ProblemReport {
  Problem problem;
  std::vector<Line> lines;  // the winner first where there is one
};

std::optional<db::Evaluation> winner(const db::Store& store, const Problem& problem, const RunChoice& choice) {
  db::Store::Filter filter;
  filter.problem = problem;
  filter.processor = choice.facts.processor;
  filter.timer = choice.facts.timer.name;
  auto best = store.best(filter, 1);
  if (best.empty()) return std::nullopt;
  return std::move(best.front());
}

ProblemReport report(const db::Store& store, const Problem& problem, const RunChoice& choice, Evaluator& evaluator) {
  ProblemReport result{problem, {}};
  if (auto best = winner(store, problem, choice)) result.lines.push_back({"winner", std::move(*best)});
  for (const Approach& approach : study_approaches()) {
    const svetune_problem& shape = problem.shape;
    const Problem part = approach_problem(approach, shape.m, shape.nc, shape.d);
    result.lines.push_back(
        {std::string(approach.name), evaluator.evaluate(part, parse_configuration(approach.config)).row});
  }
  return result;
}

Json to_json(const std::vector<ProblemReport>& reports, const RunChoice& choice) {
  Json json = Json::array();
  for (const ProblemReport& entry : reports) {
    Json lines = Json::array();
    for (const Line& line : entry.lines) {
      Json row{{"name", line.name}};
      row.update(evaluation_json(line.row, choice.facts.timer.name, choice.facts.peak_flop_per_cycle));
      lines.push_back(std::move(row));
    }
    json.push_back({{"problem", svetune::to_text(entry.problem)}, {"rows", std::move(lines)}});
  }
  return json;
}

void print_text(std::ostream& out, const ProblemReport& report, const RunChoice& choice) {
  std::vector<std::vector<std::string>> rows{
      {svetune::to_text(report.problem), "cycles", "% of peak", "error", "configuration"}};
  for (const auto& [name, row] : report.lines) {
    const std::string configuration = svetune::to_text(row.config);
    const bool other = !(row.problem == report.problem);
    rows.push_back(
        {name, cycles_text(row.cycles),
         row.cycles ? fixed_text(percent_of_peak(row.problem, *row.cycles, choice.facts.peak_flop_per_cycle), 1) : "-",
         error_text(row.error),
         row.status == db::Status::ok ? configuration + (other ? "  (at " + svetune::to_text(row.problem) + ")" : "")
                                      : std::string(db::to_text(row.status)) + ": " + row.detail});
  }
  out << table_text(rows, {false, true, true, true, false});
  if (report.lines.empty() || report.lines.front().name != "winner") {
    out << "no winner stored for " << svetune::to_text(report.problem) << "; run svetune sweep --problem "
        << svetune::to_text(report.problem) << '\n';
  }
  out << '\n';
}

}  // namespace

int run_report(const Arguments& arguments, const Environment& environment) {
  Options options("report", "--problem MxNCxD[,...] --db FILE [options]",
                  "Prints the stored winner of each problem and, timed now by the same timer, the study's five\n"
                  "approaches: 4x4v tile, fourteen-instruction exp2, accuracy low; a pass covers 64 columns of V.");
  options.add()("problem", value("LIST"), "problems separated by commas (default: all of the database)")  //
      ("db", value("FILE"), "database")                                                                   //
      ("json", "print one JSON array");
  add_run_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const db::Store store(options.required("db"), db::Store::Mode::read_only);
  const RunChoice choice = run_choice(options, environment);
  const auto list = options.text("problem");
  const std::vector<Problem> problems = list ? parse_problems(*list) : store.problems();
  machine_of(choice);
  Evaluator evaluator(choice, true);
  std::vector<ProblemReport> reports;
  reports.reserve(problems.size());
  for (const Problem& problem : problems) reports.push_back(report(store, problem, choice, evaluator));
  if (options.has("json")) {
    environment.out << to_json(reports, choice).dump(2) << '\n';
    return 0;
  }
  for (const ProblemReport& entry : reports) print_text(environment.out, entry, choice);
  environment.out << "times by " << choice.facts.timer.name << ", version " << choice.facts.timer.version << '\n';
  return 0;
}

}  // namespace svetune::app
