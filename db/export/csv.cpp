// RFC 4180: fields with a comma, a quote or a line's end are quoted. Samples are separated by spaces.
#include <array>
#include <map>

#include "db/export/writers.hpp"

namespace svetune::db {
namespace {

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) quoted += character == '"' ? std::string("\"\"") : std::string(1, character);
  return quoted + '"';
}

std::string field(const std::optional<double>& value) {
  return value ? number_text(*value) : std::string{};
}

template <class Values, class ToText>
std::string joined(const Values& values, ToText to_text) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : " ") + to_text(value);
  return text;
}

void write_row(std::ostream& out, const Evaluation& row, const Machine& machine) {
  const std::array fields{svetune::to_text(row.problem),
                          svetune::to_text(row.config),
                          std::string(to_text(row.status)),
                          field(row.cycles),
                          field(row.error),
                          field(row.p_ulp),
                          joined(row.samples, number_text),
                          row.timer,
                          row.timer_version,
                          machine.processor,
                          std::to_string(machine.vector_bits),
                          number_text(machine.clock_ghz),
                          number_text(machine.peak_flop_per_cycle),
                          machine.compiler,
                          machine.flags,
                          row.source_revision,
                          row.kernel_hash.value_or(""),
                          joined(row.warnings, [](const std::string& word) { return word; }),
                          row.when,
                          row.detail};
  for (std::size_t i = 0; i < fields.size(); ++i) out << (i == 0 ? "" : ",") << field(fields.at(i));
  out << '\n';
}

}  // namespace

void write_csv(const Store& store, const ExportOptions& options, std::ostream& out) {
  out << "problem,config,status,cycles,error,p_ulp,samples,timer,timer_version,processor,vector_bits,clock_ghz,"
         "peak_flop_per_cycle,compiler,flags,source_revision,kernel_hash,warnings,when,detail\n";
  const auto machines = store.machines();
  store.each([&](const Evaluation& row) {
    const Machine& machine = machines.at(row.machine_id);
    if (selected(row, machine, options)) write_row(out, row, machine);
  });
}

}  // namespace svetune::db
