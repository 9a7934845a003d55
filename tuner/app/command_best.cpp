// svetune best: what to run for a problem, measured or not.
#include <cmath>

#include "app/command.hpp"
#include "app/output.hpp"
#include "app/staleness.hpp"
#include "db/query.hpp"

namespace svetune::app {
namespace {

std::optional<double> percent(const db::Answer& answer) {
  const auto& row = answer.evaluation;
  if (!row.cycles || !(answer.machine.peak_flop_per_cycle > 0)) return std::nullopt;
  return percent_of_peak(row.problem, *row.cycles, answer.machine.peak_flop_per_cycle);
}

std::string percent_text(const std::optional<double>& fraction, int decimals) {
  return fraction ? fixed_text(100 * *fraction, decimals) : "-";
}

Json to_json(const Problem& asked, const std::vector<db::Answer>& answers, const Staleness& staleness) {
  Json json = Json::array();
  for (const db::Answer& answer : answers) {
    const db::Evaluation& row = answer.evaluation;
    const auto stale = staleness.of(row);
    Json entry = evaluation_json(row, row.timer, answer.machine.peak_flop_per_cycle);
    if (!percent(answer)) entry["percent_of_peak"] = nullptr;
    entry["asked"] = svetune::to_text(asked);
    entry["rule"] = db::to_text(answer.rule);
    entry["distance"] = answer.distance;
    entry["expected_loss"] = answer.expected_loss ? Json(*answer.expected_loss) : Json(nullptr);
    entry["timer_version"] = row.timer_version;
    entry["machine"] = row.machine;
    entry["when"] = row.when;
    entry["kernel_hash"] = row.kernel_hash ? Json(*row.kernel_hash) : Json(nullptr);
    entry["source_revision"] = row.source_revision;
    entry["stale"] = stale.has_value();
    entry["stale_reason"] = stale.value_or("");
    entry["warnings"] = row.warnings;
    entry["id"] = row.id;
    json.push_back(std::move(entry));
  }
  return json;
}

// "exact: 4x64x128 was measured"
std::string rule_text(const Problem& asked, const db::Answer& answer) {
  const std::string measured = svetune::to_text(answer.evaluation.problem);
  const std::string distance = "distance " + fixed_text(answer.distance, 2) + " doublings";
  const std::string loss = answer.expected_loss ? ", expected loss " + percent_text(answer.expected_loss, 1) + " %"
                                                : ", expected loss unknown (timed for no other problem)";
  switch (answer.rule) {
    case db::Rule::exact:
      return "exact: " + svetune::to_text(asked) + " was measured; distance 0, expected loss 0 %";
    case db::Rule::nearest:
      return "nearest: " + svetune::to_text(asked) + " was not measured; " + measured + " is nearest, " + distance +
             loss;
    case db::Rule::robust_default:
      return "default: no measured problem is near " + svetune::to_text(asked) +
             "; the configuration that loses least where it loses most (at " + measured + ", " + distance + ")" + loss;
  }
  return {};
}

std::string freshness(const Staleness& staleness, const std::optional<std::string>& stale) {
  if (stale) return "stale: " + *stale + "; sweep it again";
  return staleness.blind().empty() ? "not stale"
                                   : "its kernels could not be compared with this program's: " + staleness.blind();
}

std::string to_plain(const Problem& asked, const std::vector<db::Answer>& answers, const Staleness& staleness) {
  const db::Answer& first = answers.front();
  const db::Evaluation& row = first.evaluation;
  const auto stale = staleness.of(row);
  Table table{{{"cycles", true}, {"% of peak", true}, {"loss %", true}, {"error", true}, {"configuration"}}, {}};
  for (const db::Answer& answer : answers) {
    const auto peak = percent(answer);
    table.rows.push_back({cycles_text(answer.evaluation.cycles), peak ? fixed_text(*peak, 1) : "-",
                          percent_text(answer.expected_loss, 1), error_text(answer.evaluation.error),
                          svetune::to_text(answer.evaluation.config)});
  }
  return rule_text(asked, first) + "\ntimed by " + row.timer + " (version " + row.timer_version + ") on " +
         row.machine + ", " + row.when + ", " + freshness(staleness, stale) + "\n\n" + plain_text(table);
}

Table to_table(const Problem& asked, const std::vector<db::Answer>& answers, const Staleness& staleness) {
  Table table{{{"asked"},
               {"rule"},
               {"distance", true},
               {"expected_loss", true},
               {"problem"},
               {"cycles", true},
               {"percent_of_peak", true},
               {"error", true},
               {"config"},
               {"timer"},
               {"timer_version"},
               {"machine"},
               {"when"},
               {"stale"},
               {"id", true}},
              {}};
  for (const db::Answer& answer : answers) {
    const db::Evaluation& row = answer.evaluation;
    const auto peak = percent(answer);
    table.rows.push_back({svetune::to_text(asked), std::string(db::to_text(answer.rule)),
                          fixed_text(answer.distance, 4),
                          answer.expected_loss ? fixed_text(*answer.expected_loss, 6) : "",
                          svetune::to_text(row.problem), cycles_text(row.cycles), peak ? fixed_text(*peak, 2) : "",
                          error_text(row.error), svetune::to_text(row.config), row.timer, row.timer_version,
                          row.machine, row.when, staleness.of(row).value_or("no"), std::to_string(row.id)});
  }
  return table;
}

}  // namespace

int run_best(const Arguments& arguments, const Environment& environment) {
  Options options(
      "best", "--db FILE --problem MxNCxD [options]",
      "Prints what to run for a problem, fastest first. A problem that was measured is answered by its winner "
      "(exact),\n"
      "another one by the winner of the nearest measured problem that is valid for it (nearest; distance: the sum of\n"
      "|log2 ratio| of m, nc and d, up to 4), else by the configuration with the least worst-case loss over the\n"
      "measured problems (default). Times of different timers are never compared: --timer chooses.");
  options.add()("db", value("FILE"), "database")            //
      ("problem", value("MxNCxD"), "as 4x64x128")           //
      ("top", value("N"), "how many (default: 1)")          //
      ("timer", value("NAME"), "times of this timer only")  //
      ("processor", value("NAME"), "this processor only")   //
      ("strategy", value("NAME"), "this strategy only");
  add_output_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const OutputFormat format = output_format(options);
  const Problem asked = parse_problem(options.required("problem"));
  db::Store::Filter filter;
  filter.timer = options.text("timer");
  filter.processor = options.text("processor");
  filter.strategy = options.text("strategy");
  if (filter.strategy && find_strategy(*filter.strategy) == nullptr)
    throw InputError("unknown strategy \"" + *filter.strategy + "\"; svetune space --help tells how to list them");
  if (filter.strategy) filter.winners_only = false;
  const auto top = static_cast<std::size_t>(options.integer("top", 1, 1'000'000).value_or(1));
  const db::Store store = open_to_read(options.required("db"));
  const auto answers = db::answers(store, asked, filter, top);
  const Staleness staleness(store, environment);
  print(environment.out, format,
        {[&] { return to_json(asked, answers, staleness); }, [&] { return to_plain(asked, answers, staleness); },
         [&] { return to_table(asked, answers, staleness); }});
  return 0;
}

}  // namespace svetune::app
