#include "db/export/one_problem.hpp"

#include <map>

#include "db/export/writers.hpp"

namespace svetune::db {
namespace {

[[noreturn]] void refuse(std::string_view format, const std::string& what, const std::string& a, const std::string& b) {
  throw InputError("the format " + std::string(format) + " holds one " + what + ", and there are several (" + a + ", " +
                   b + "); choose one with --" + what);
}

}  // namespace

OneProblem one_problem(const Store& store, const ExportOptions& options, std::string_view format) {
  OneProblem one;
  std::map<std::string, std::size_t> place;
  const auto machines = store.machines();
  store.each([&](const Evaluation& row) {
    const Machine& machine = machines.at(row.machine_id);
    if (!selected(row, machine, options) || (options.problem && !(row.problem == *options.problem))) return;
    if (one.rows.empty()) {
      one.problem = row.problem;
      one.machine = machine;
      one.timer = row.timer;
    }
    if (!(row.problem == one.problem))
      refuse(format, "problem", svetune::to_text(one.problem), svetune::to_text(row.problem));
    if (machine.processor != one.machine.processor)
      refuse(format, "processor", one.machine.processor, machine.processor);
    if (row.timer != one.timer) refuse(format, "timer", one.timer, row.timer);
    const auto [found, added] = place.try_emplace(svetune::to_text(row.config), one.rows.size());
    if (added) {
      one.rows.push_back(row);
    } else if (row.when >= one.rows[found->second].when) {
      one.rows[found->second] = row;
    }
  });
  if (one.rows.empty()) {
    throw InputError("database " + store.file().string() +
                     " has no evaluation of that problem; svetune best --db FILE shows what it has");
  }
  return one;
}

std::vector<std::pair<std::string, nlohmann::ordered_json>> parameters(const svetune_config& config) {
  const Strategy* strategy = find_strategy(config.strategy);
  if (strategy == nullptr) throw InputError("no strategy has the number " + std::to_string(config.strategy));
  std::vector<std::pair<std::string, nlohmann::ordered_json>> out{{"strategy", strategy->name}};
  for (const Axis& axis : axes()) {
    const std::int32_t value = config.*axis.field;
    const auto index = static_cast<std::size_t>(value);
    if (axis.value_names.empty() || index >= axis.value_names.size()) {
      out.emplace_back(axis.name, value);
    } else {
      out.emplace_back(axis.name, axis.value_names[index]);
    }
  }
  return out;
}

double milliseconds(double cycles, const Machine& machine) {
  return cycles * 1e-6 / (machine.clock_ghz > 0 ? machine.clock_ghz : 1.0);
}

}  // namespace svetune::db
