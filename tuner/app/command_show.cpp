// svetune show: one evaluation in full.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "app/command.hpp"
#include "app/output.hpp"
#include "app/staleness.hpp"
#include "measure/statistics.hpp"
#include "measure/warnings.hpp"

namespace svetune::app {
namespace {

struct Shown {
  db::Evaluation row;
  db::Machine machine;
  db::Sweep sweep;
  std::vector<db::Evaluation> superseded;
};

std::vector<Shown> find(const db::Store& store, const Options& options) {
  std::vector<db::Evaluation> rows;
  if (const auto id = options.integer("id", 1, INT64_MAX)) {
    if (options.has("problem") || options.has("config"))
      throw InputError("give either an id, or --problem and --config");
    rows.push_back(store.evaluation(*id));
  } else {
    const Problem problem = parse_problem(options.required("problem"));
    const svetune_config config = parse_configuration(options.required("config"));
    rows = store.find(problem, config);
    if (const auto timer = options.text("timer"))
      std::erase_if(rows, [&](const db::Evaluation& row) { return row.timer != *timer; });
    if (rows.empty())
      throw InputError("database " + store.file().string() + " holds no evaluation of " + to_text(config) + " for " +
                       to_text(problem) + "; svetune best --top 10 lists some that it holds");
  }
  std::vector<Shown> shown;
  for (db::Evaluation& row : rows) {
    db::Machine machine = store.machine(row.machine_id);
    db::Sweep sweep = store.sweep_of(row.id);
    auto superseded = store.superseded(row);
    shown.push_back({std::move(row), std::move(machine), std::move(sweep), std::move(superseded)});
  }
  return shown;
}

std::string or_none(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string clock_text(double ghz) {
  return ghz > 0 ? fixed_text(ghz, 2) + " GHz" : "-";
}

std::string samples_text(const std::vector<double>& samples) {
  if (samples.empty()) return "none";
  std::string text = std::to_string(samples.size());
  if (samples.size() > 1) {
    text += ", least " + cycles_text(*std::min_element(samples.begin(), samples.end())) + ", median " +
            cycles_text(measure::median(samples)) + ", largest " +
            cycles_text(*std::max_element(samples.begin(), samples.end())) + ", median absolute deviation " +
            fixed_text(measure::median_absolute_deviation(samples), 2);
    const measure::Interval interval = measure::median_interval(samples);
    if (std::isfinite(interval.low))
      text += ", the median with 95 % from " + cycles_text(interval.low) + " to " + cycles_text(interval.high);
  }
  return text;
}

// Name and value of everything known, in reading order.
std::vector<std::vector<std::string>> facts(const Shown& shown, const Staleness& staleness) {
  const db::Evaluation& row = shown.row;
  const db::Machine& machine = shown.machine;
  const double peak = machine.peak_flop_per_cycle;
  std::vector<std::vector<std::string>> facts{
      {"id", std::to_string(row.id)},
      {"problem", to_text(row.problem)},
      {"configuration", to_text(row.config)},
      {"status", std::string(db::to_text(row.status)) + (row.detail.empty() ? "" : ": " + row.detail)},
      {"cycles", cycles_text(row.cycles)},
      {"% of peak", row.cycles && peak > 0 ? fixed_text(percent_of_peak(row.problem, *row.cycles, peak), 2) : "-"},
      {"samples", samples_text(row.samples)},
      {"error", error_text(row.error) + " (accepted: " + error_text(error_bound(row.problem)) + ")"},
      {"error of P in ULP", row.p_ulp ? fixed_text(*row.p_ulp, 3) : "-"},
      {"timer", row.timer + ", version " + row.timer_version},
      {"processor", machine.processor + ", " + std::to_string(machine.vector_bits) + " bits, " +
                        (machine.clock_ghz > 0 ? fixed_text(machine.clock_ghz, 2) + " GHz, " : "") +
                        fixed_text(peak, 0) + " flop a cycle"},
      {"compiler", machine.compiler + ", " + machine.flags},
      {"source revision", or_none(row.source_revision)},
      {"kernel hash", row.kernel_hash.value_or("-")},
      {"when", row.when},
      {"stale", staleness.of(row).value_or(
                    staleness.blind().empty() ? "no" : "its kernels could not be compared: " + staleness.blind())},
      {"MIDR", or_none(shown.sweep.provenance.midr)},
      {"emulator", or_none(shown.sweep.provenance.emulator)},
      {"governor", or_none(shown.sweep.provenance.governor)},
      {"clock", clock_text(shown.sweep.provenance.clock_ghz)},
      {"sweep", shown.sweep.uid + ", started " + shown.sweep.started_at + ", seed " + shown.sweep.seed},
      {"command", shown.sweep.command}};
  for (const std::string& name : row.warnings) {
    const measure::Warning* known = measure::find_warning(name);
    std::string text = name;
    if (known != nullptr) text.append(": ").append(known->meaning).append("; ").append(known->remedy);
    facts.push_back({"warning", text});
  }
  for (const db::Evaluation& other : shown.superseded)
    facts.push_back({"superseded", std::string(db::to_text(other.status)) + ", " + cycles_text(other.cycles) +
                                       " cycles, " + other.when});
  return facts;
}

Json to_json(const Shown& shown, const Staleness& staleness) {
  const db::Machine& machine = shown.machine;
  Json json = evaluation_json(shown.row, shown.row.timer, std::max(machine.peak_flop_per_cycle, 1e-300));
  if (!(machine.peak_flop_per_cycle > 0)) json["percent_of_peak"] = nullptr;
  const auto stale = staleness.of(shown.row);
  json["id"] = shown.row.id;
  json["timer_version"] = shown.row.timer_version;
  json["when"] = shown.row.when;
  json["stale"] = stale.has_value();
  json["stale_reason"] = stale.value_or("");
  json["kernel_hash"] = shown.row.kernel_hash ? Json(*shown.row.kernel_hash) : Json(nullptr);
  json["warnings"] = shown.row.warnings;
  json["machine"] = {{"processor", machine.processor}, {"vector_bits", machine.vector_bits},
                     {"clock_ghz", machine.clock_ghz}, {"peak_flop_per_cycle", machine.peak_flop_per_cycle},
                     {"compiler", machine.compiler},   {"flags", machine.flags}};
  const db::Provenance& provenance = shown.sweep.provenance;
  json["provenance"] = {{"source_revision", provenance.source_revision},
                        {"midr", provenance.midr},
                        {"emulator", provenance.emulator},
                        {"governor", provenance.governor},
                        {"clock_ghz", provenance.clock_ghz}};
  json["sweep"] = {{"uid", shown.sweep.uid},           {"command", shown.sweep.command},
                   {"seed", shown.sweep.seed},         {"started_at", shown.sweep.started_at},
                   {"ended_at", shown.sweep.ended_at}, {"outcome", shown.sweep.outcome}};
  json["superseded"] = Json::array();
  for (const db::Evaluation& other : shown.superseded)
    json["superseded"].push_back({{"status", db::to_text(other.status)},
                                  {"cycles", other.cycles ? Json(*other.cycles) : Json(nullptr)},
                                  {"samples", other.samples},
                                  {"when", other.when}});
  return json;
}

}  // namespace

int run_show(const Arguments& arguments, const Environment& environment) {
  Options options("show", "--db FILE (ID | --problem MxNCxD --config TEXT) [options]",
                  "Prints all that is stored of an evaluation: result, raw samples, machine, timer, sweep. The id is\n"
                  "that of svetune best --json; a problem and a configuration may have several evaluations.");
  options.add()("id", value("ID"), "number of an evaluation (or as the first word)")  //
      ("db", value("FILE"), "database")                                               //
      ("problem", value("MxNCxD"), "as 4x64x128")                                     //
      ("config", value("TEXT"), "as \"strategy=separate mr=4 nr=4\"")                 //
      ("timer", value("NAME"), "times of this timer only");
  options.positional("id", 1);
  add_output_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const OutputFormat format = output_format(options);
  const db::Store store = open_to_read(options.required("db"));
  const auto shown = find(store, options);
  const Staleness staleness(store, environment);
  const auto json = [&] {
    Json all = Json::array();
    for (const Shown& one : shown) all.push_back(to_json(one, staleness));
    return all;
  };
  const auto text = [&] {
    std::string all;
    for (const Shown& one : shown) all += (all.empty() ? "" : "\n") + table_text(facts(one, staleness), {false, false});
    return all;
  };
  const auto table = [&] {
    Table all{{{"field"}, {"value"}}, {}};
    for (const Shown& one : shown) {
      const auto rows = facts(one, staleness);
      all.rows.insert(all.rows.end(), rows.begin(), rows.end());
    }
    return all;
  };
  print(environment.out, format, {json, text, table});
  return 0;
}

}  // namespace svetune::app
