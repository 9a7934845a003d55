// svetune best: what the database knows to be fastest.
#include <ostream>

#include "app/command.hpp"
#include "app/present.hpp"

namespace svetune::app {
namespace {

// Peak of the processor that a time belongs to; nothing where the timer does not tell.
std::optional<double> peak_of(const db::Evaluation& row) {
  if (!row.timer.starts_with("model:")) return std::nullopt;
  return timing::choose_timer(row.timer).facts({}).peak_flop_per_cycle;
}

Json to_json(const std::vector<db::Evaluation>& rows) {
  Json json = Json::array();
  for (const db::Evaluation& row : rows) {
    const auto peak = peak_of(row);
    Json entry = evaluation_json(row, row.timer, peak.value_or(1));
    if (!peak) entry["percent_of_peak"] = nullptr;
    entry["machine"] = row.machine;
    entry["when"] = row.when;
    json.push_back(std::move(entry));
  }
  return json;
}

void print_text(std::ostream& out, const std::vector<db::Evaluation>& rows) {
  std::vector<std::vector<std::string>> table{{"cycles", "% of peak", "error", "timer", "when", "configuration"}};
  for (const db::Evaluation& row : rows) {
    const auto peak = peak_of(row);
    table.push_back({cycles_text(row.cycles),
                     peak && row.cycles ? fixed_text(percent_of_peak(row.problem, *row.cycles, *peak), 1) : "-",
                     error_text(row.error), row.timer, row.when, svetune::to_text(row.config)});
  }
  out << table_text(table, {true, true, true, false, false, false});
}

std::string known_problems(const db::Store& store) {
  std::string known;
  for (const Problem& problem : store.problems()) known += (known.empty() ? "" : ", ") + svetune::to_text(problem);
  return known.empty() ? "it holds none yet" : "it holds " + known;
}

}  // namespace

int run_best(const Arguments& arguments, const Environment& environment) {
  Options options(
      "best", "--db FILE --problem MxNCxD [options]",
      "Prints the fastest verified configurations of a problem, fastest first. Times of different timers are\n"
      "never compared: where the database holds several, --timer chooses.");
  options.add()("db", value("FILE"), "database")            //
      ("problem", value("MxNCxD"), "as 4x64x128")           //
      ("top", value("N"), "how many (default: 1)")          //
      ("timer", value("NAME"), "times of this timer only")  //
      ("strategy", value("NAME"), "this strategy only")     //
      ("json", "print one JSON array");
  if (!options.parse(arguments, environment)) return 0;
  db::Store::Filter filter;
  filter.problem = parse_problem(options.required("problem"));
  filter.timer = options.text("timer");
  filter.strategy = options.text("strategy");
  if (filter.strategy) filter.winners_only = false;
  const auto top = static_cast<std::size_t>(options.integer("top", 1, 1'000'000).value_or(1));
  const std::string file = options.required("db");
  if (!std::filesystem::exists(file)) throw InputError("there is no database " + file + "; svetune sweep makes one");
  const db::Store store(file, db::Store::Mode::read_only);
  const std::vector<db::Evaluation> rows = store.best(filter, top);
  if (rows.empty()) {
    throw InputError(file + " holds no verified evaluation of " + svetune::to_text(*filter.problem) +
                     (filter.timer ? " by " + *filter.timer : "") + " (" + known_problems(store) +
                     "); run svetune sweep --db " + file + " --problem " + svetune::to_text(*filter.problem));
  }
  if (options.has("json")) {
    environment.out << to_json(rows).dump(2) << '\n';
  } else {
    print_text(environment.out, rows);
  }
  return 0;
}

}  // namespace svetune::app
