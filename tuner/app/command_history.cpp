// svetune history: the winners of a problem, build by build.
#include <map>
#include <tuple>

#include "app/command.hpp"
#include "app/output.hpp"

namespace svetune::app {
namespace {

struct Past {
  db::Evaluation winner;
  db::Machine machine;
  std::string revision;          // of the kernels that the sweep ran
  std::optional<double> change;  // of the cycles, as a fraction of those of the entry before with the same timer
};

using Build = std::tuple<std::int64_t, std::int64_t, std::string>;  // machine, timer, revision

// The last sweep of each build of the kernels and version of the timer, by the date of the first.
std::vector<db::Sweep> builds(const db::Store& store) {
  std::vector<db::Sweep> last;
  std::map<Build, std::size_t> places;
  for (const db::Sweep& sweep : store.sweeps()) {
    const Build build{sweep.session.machine, sweep.session.timer, sweep.provenance.source_revision};
    const auto [place, added] = places.emplace(build, last.size());
    if (added) {
      last.push_back(sweep);
    } else {
      last[place->second] = sweep;
    }
  }
  return last;
}

// An entry each: the winner as the database had it after that sweep.
std::vector<Past> history(db::Store& store, const db::Store::Filter& asked) {
  std::vector<Past> all;
  for (const db::Sweep& sweep : builds(store)) {
    db::Store::Filter filter = asked;
    filter.session = sweep.session;
    store.rewind_to(sweep);
    auto best = store.best(filter, 1);
    if (best.empty()) continue;
    Past past{std::move(best.front()), store.machine(sweep.session.machine), sweep.provenance.source_revision, {}};
    for (const Past& other : all) {  // the last one that may be compared
      if (other.winner.timer == past.winner.timer && other.machine.processor == past.machine.processor &&
          other.machine.vector_bits == past.machine.vector_bits)
        past.change = db::verified_cycles(past.winner) / db::verified_cycles(other.winner) - 1;
    }
    all.push_back(std::move(past));
  }
  return all;
}

std::string change_text(const Past& past) {
  if (!past.change) return "-";
  return (*past.change > 0 ? "+" : "") + fixed_text(100 * *past.change, 2);
}

Table to_table(const std::vector<Past>& all) {
  Table table{{{"when"},
               {"cycles", true},
               {"change %", true},
               {"configuration"},
               {"timer"},
               {"timer version"},
               {"processor"},
               {"revision"},
               {"compiler"}},
              {}};
  for (const Past& past : all)
    table.rows.push_back({past.winner.when, cycles_text(past.winner.cycles), change_text(past),
                          svetune::to_text(past.winner.config), past.winner.timer, past.winner.timer_version,
                          past.machine.processor, past.revision, past.machine.compiler});
  return table;
}

Json to_json(const std::vector<Past>& all) {
  Json json = Json::array();
  for (const Past& past : all) {
    Json entry = evaluation_json(past.winner, past.winner.timer, past.machine.peak_flop_per_cycle);
    if (!(past.machine.peak_flop_per_cycle > 0)) entry["percent_of_peak"] = nullptr;
    entry["change"] = past.change ? Json(*past.change) : Json(nullptr);
    entry["timer_version"] = past.winner.timer_version;
    entry["machine"] = past.winner.machine;
    entry["source_revision"] = past.revision;
    entry["kernel_hash"] = past.winner.kernel_hash ? Json(*past.winner.kernel_hash) : Json(nullptr);
    entry["when"] = past.winner.when;
    entry["id"] = past.winner.id < 0 ? Json(nullptr) : Json(past.winner.id);  // null: superseded since
    json.push_back(std::move(entry));
  }
  return json;
}

}  // namespace

int run_history(const Arguments& arguments, const Environment& environment) {
  Options options(
      "history", "--db FILE --problem MxNCxD [options]",
      "Prints the winner that each build of the kernels, and each version of the timer, had for a problem,\n"
      "oldest first, and how its cycles changed.");
  options.add()("db", value("FILE"), "database")            //
      ("problem", value("MxNCxD"), "as 4x64x128")           //
      ("timer", value("NAME"), "times of this timer only")  //
      ("processor", value("NAME"), "this processor only");
  add_output_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const OutputFormat format = output_format(options);
  db::Store::Filter filter;
  filter.problem = parse_problem(options.required("problem"));
  filter.timer = options.text("timer");
  filter.processor = options.text("processor");
  const std::string file = options.required("db");
  db::Store store = open_to_read(file);
  const auto all = history(store, filter);
  if (all.empty())
    throw InputError(file + " holds no verified evaluation of " + svetune::to_text(*filter.problem) +
                     "; run svetune sweep --db " + file + " --problem " + svetune::to_text(*filter.problem));
  const auto table = [&] { return to_table(all); };
  print(environment.out, format, {[&] { return to_json(all); }, [&] { return plain_text(table()); }, table});
  return 0;
}

}  // namespace svetune::app
