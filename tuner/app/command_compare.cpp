// svetune compare: two databases, or two sweeps, problem by problem. Exit code 1 on a regression.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "app/command.hpp"
#include "app/compare.hpp"
#include "app/output.hpp"

namespace svetune::app {
namespace {

// "FILE" or "FILE@SWEEP"
struct Operand {
  std::string file, sweep;
};

Operand parse_operand(const std::string& text) {
  const auto at = text.rfind('@');
  if (at == std::string::npos || std::filesystem::exists(text)) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool same_build(const db::Sweep& a, const db::Sweep& b) {
  return a.session.machine == b.session.machine && a.session.timer == b.session.timer &&
         a.provenance.source_revision == b.provenance.source_revision;
}

db::Sweep find_sweep(const db::Store& store, const std::string& name) {
  const auto sweeps = store.sweeps();
  if (sweeps.empty()) throw InputError(store.file().string() + " holds no sweep");
  if (name == "last") return sweeps.back();
  if (name == "previous") {
    const auto found = std::find_if(sweeps.rbegin(), sweeps.rend(),
                                    [&](const db::Sweep& sweep) { return !same_build(sweep, sweeps.back()); });
    if (found != sweeps.rend()) return *found;
    throw InputError(store.file().string() + " holds the sweeps of one build and timer only: there is no previous one");
  }
  const db::Sweep* match = nullptr;
  for (const db::Sweep& sweep : sweeps) {
    if (name.empty() || !sweep.uid.starts_with(name)) continue;
    if (match != nullptr && !same_build(*match, sweep))
      throw InputError("several sweeps of " + store.file().string() + " begin with " + name + "; write more digits");
    match = &sweep;
  }
  if (match != nullptr) return *match;
  throw InputError("no sweep of " + store.file().string() + " begins with \"" + name +
                   "\"; write last, previous, or the first digits of a uid that svetune show prints");
}

// Results as they were after the named sweep, of its build; empty: all as they are.
db::Store::Filter as_of(db::Store& store, const std::string& name, db::Store::Filter filter) {
  if (name.empty()) return filter;
  const db::Sweep sweep = find_sweep(store, name);
  store.rewind_to(sweep);
  filter.session = sweep.session;
  return filter;
}

double parse_noise(const Options& options) {
  const std::string text = options.text("noise").value_or("0.5");
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc{} || end != text.data() + text.size() || !(percent >= 0 && percent <= 1000))
    throw InputError("--noise '" + text + "' must be a percentage from 0 to 1000");
  return percent / 100;
}

std::size_t count(const Comparison& comparison, Verdict verdict) {
  return static_cast<std::size_t>(std::count_if(comparison.problems.begin(), comparison.problems.end(),
                                                [&](const Compared& entry) { return entry.verdict == verdict; }));
}

std::string signed_percent(double fraction) {
  return (fraction > 0 ? "+" : "") + fixed_text(100 * fraction, 2);
}

Table to_table(const Comparison& comparison) {
  Table table{{{"problem"},
               {"timer"},
               {"A cycles", true},
               {"B cycles", true},
               {"change %", true},
               {"noise %", true},
               {"verdict"},
               {"A configuration"},
               {"B configuration"}},
              {}};
  for (const Compared& entry : comparison.problems)
    table.rows.push_back({svetune::to_text(entry.a.problem), entry.a.timer, cycles_text(entry.a.cycles),
                          cycles_text(entry.b.cycles), signed_percent(entry.change), fixed_text(100 * entry.noise, 2),
                          std::string(to_text(entry.verdict)), svetune::to_text(entry.a.config),
                          entry.b.config == entry.a.config ? "the same" : svetune::to_text(entry.b.config)});
  for (const auto& row : comparison.only_a)
    table.rows.push_back({svetune::to_text(row.problem), row.timer, cycles_text(row.cycles), "-", "-", "-", "only in A",
                          svetune::to_text(row.config), "-"});
  for (const auto& row : comparison.only_b)
    table.rows.push_back({svetune::to_text(row.problem), row.timer, "-", cycles_text(row.cycles), "-", "-", "only in B",
                          "-", svetune::to_text(row.config)});
  return table;
}

// Of the ratios of cycles; 0 where there is none.
double mean_change(const Comparison& comparison) {
  double sum = 0;
  for (const Compared& entry : comparison.problems) sum += std::log1p(entry.change);
  return comparison.problems.empty() ? 0 : std::expm1(sum / static_cast<double>(comparison.problems.size()));
}

Json to_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const Compared& entry : comparison.problems)
    rows.push_back({{"problem", svetune::to_text(entry.a.problem)},
                    {"timer", entry.a.timer},
                    {"a",
                     {{"cycles", db::verified_cycles(entry.a)},
                      {"config", svetune::to_text(entry.a.config)},
                      {"machine", entry.a.machine},
                      {"timer_version", entry.a.timer_version},
                      {"when", entry.a.when}}},
                    {"b",
                     {{"cycles", db::verified_cycles(entry.b)},
                      {"config", svetune::to_text(entry.b.config)},
                      {"machine", entry.b.machine},
                      {"timer_version", entry.b.timer_version},
                      {"when", entry.b.when}}},
                    {"change", entry.change},
                    {"noise", entry.noise},
                    {"verdict", to_text(entry.verdict)}});
  const auto problems = [](const std::vector<db::Evaluation>& side) {
    Json names = Json::array();
    for (const auto& row : side) names.push_back(svetune::to_text(row.problem));
    return names;
  };
  return {{"problems", rows},
          {"wins", count(comparison, Verdict::win)},
          {"losses", count(comparison, Verdict::loss) + count(comparison, Verdict::regression)},
          {"regressions", count(comparison, Verdict::regression)},
          {"mean_change", mean_change(comparison)},
          {"only_a", problems(comparison.only_a)},
          {"only_b", problems(comparison.only_b)},
          {"timer_versions_differ", comparison.timer_versions_differ}};
}

std::string to_plain(const Comparison& comparison) {
  std::string text = plain_text(to_table(comparison));
  text += std::to_string(comparison.problems.size()) + " problems: " + std::to_string(count(comparison, Verdict::win)) +
          " wins, " + std::to_string(count(comparison, Verdict::loss) + count(comparison, Verdict::regression)) +
          " losses, " + std::to_string(count(comparison, Verdict::regression)) +
          " regressions beyond the noise; geometric mean of the change " + signed_percent(mean_change(comparison)) +
          " %\n";
  if (comparison.timer_versions_differ)
    text += "note: the versions of a timer differ; a change may be the timer's, not the kernels'\n";
  return text;
}

}  // namespace

int run_compare(const Arguments& arguments, const Environment& environment) {
  Options options("compare", "A B [options]",
                  "Compares the winners of two databases (A.db B.db), or of one as it was after two sweeps\n"
                  "(results.db@previous results.db@last, or the first digits of a sweep's uid). A change of up to the "
                  "noise, which\n"
                  "comes from the samples, counts for nothing. Exit code 1 where B has a regression beyond it.");
  options.add()("a", value("FILE[@SWEEP]"), "the older results (or as the first word)")        //
      ("b", value("FILE[@SWEEP]"), "the newer results (or as the second word)")                //
      ("noise", value("PERCENT"), "the least change that is beyond the noise (default: 0.5)")  //
      ("problem", value("MxNCxD"), "this problem only")                                        //
      ("timer", value("NAME"), "times of this timer only")                                     //
      ("processor", value("NAME"), "this processor only");
  add_output_options(options);
  options.positional("a", 1);
  options.positional("b", 1);
  if (!options.parse(arguments, environment)) return 0;
  const OutputFormat format = output_format(options);
  const double noise = parse_noise(options);
  const Operand a = parse_operand(options.required("a")), b = parse_operand(options.required("b"));
  db::Store left = open_to_read(a.file), right = open_to_read(b.file);
  db::Store::Filter filter;
  if (const auto problem = options.text("problem")) filter.problem = parse_problem(*problem);
  filter.timer = options.text("timer");
  filter.processor = options.text("processor");
  const Comparison comparison =
      compare({left, as_of(left, a.sweep, filter)}, {right, as_of(right, b.sweep, filter)}, noise);
  if (comparison.problems.empty())
    throw InputError("A and B have no problem in common that was timed by the same timer on the same processor");
  const auto table = [&] { return to_table(comparison); };
  print(environment.out, format, {[&] { return to_json(comparison); }, [&] { return to_plain(comparison); }, table});
  return count(comparison, Verdict::regression) == 0 ? 0 : 1;
}

}  // namespace svetune::app
