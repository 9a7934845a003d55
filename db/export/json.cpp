// A line an evaluation, so that a large database can be read and compared line by line.
#include <map>
#include <nlohmann/json.hpp>

#include "db/export/writers.hpp"

namespace svetune::db {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json machine_json(const Machine& machine) {
  return {{"processor", machine.processor}, {"vector_bits", machine.vector_bits},
          {"clock_ghz", machine.clock_ghz}, {"peak_flop_per_cycle", machine.peak_flop_per_cycle},
          {"compiler", machine.compiler},   {"flags", machine.flags}};
}

Json evaluation_json(const Evaluation& row, const Machine& machine) {
  return {{"problem", svetune::to_text(row.problem)},
          {"config", svetune::to_text(row.config)},
          {"status", to_text(row.status)},
          {"detail", row.detail},
          {"cycles", or_null(row.cycles)},
          {"samples", row.samples},
          {"error", or_null(row.error)},
          {"p_ulp", or_null(row.p_ulp)},
          {"kernel_hash", or_null(row.kernel_hash)},
          {"source_revision", row.source_revision},
          {"warnings", row.warnings},
          {"when", row.when},
          {"timer", row.timer},
          {"timer_version", row.timer_version},
          {"machine", machine_json(machine)}};
}

}  // namespace

void write_json(const Store& store, const ExportOptions& options, std::ostream& out) {
  out << "{\"format\": 1, \"content\": \"" << store.content_hash() << "\", \"evaluations\": [";
  std::map<std::int64_t, Machine> machines = store.machines();
  bool first = true;
  store.each([&](const Evaluation& row) {
    const Machine& machine = machines.at(row.machine_id);
    if (!selected(row, machine, options)) return;
    // Text from outside may hold any bytes.
    out << (first ? "\n" : ",\n") << evaluation_json(row, machine).dump(-1, ' ', false, Json::error_handler_t::replace);
    first = false;
  });
  out << "\n]}\n";
}

}  // namespace svetune::db
