// The header that a program is deployed with: constant tables, and the lookup of lookup.h.in, which follows the rules
// of db/query.hpp. Nothing in it depends on when or where it is written.
#include <algorithm>
#include <array>
#include <cstdio>

#include "db/distance.hpp"
#include "db/export/header_parts.hpp"
#include "db/export/tables.hpp"
#include "db/export/writers.hpp"
#include "db/schema.hpp"
#include "space/processors.hpp"

namespace svetune::db {
namespace {

constexpr int kHeaderFormat = 3;

// A C string literal of any text; a question mark is escaped because of trigraphs.
std::string literal(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\' || character == '?') {
      quoted += {'\\', character};
    } else if (byte < 0x20 || byte > 0x7e) {
      std::array<char, 8> octal{};
      std::snprintf(octal.data(), octal.size(), "\\%03o", byte);
      quoted += octal.data();
    } else {
      quoted += character;
    }
  }
  return quoted + '"';
}

// Text that cannot end a comment or begin one, nor a trigraph.
std::string comment(std::string_view text) {
  std::string safe;
  for (const char character : text) {
    const bool printable = character >= 0x20 && character <= 0x7e;
    const bool pair =
        !safe.empty() && (safe.back() == '*' || safe.back() == '/') && (character == '*' || character == '/');
    if (pair) safe += ' ';
    safe += printable && character != '?' && character != '\\' ? character : '.';
  }
  return safe;
}

// A double in C, in every locale.
std::string real(double value) {
  std::string text = number_text(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  std::replace(text.begin(), text.end(), ',', '.');
  return text.data();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::size_t entry_count(const std::vector<MachineTables>& machines) {
  std::size_t count = 0;
  for (const auto& machine : machines) count += machine.entries.size();
  return count;
}

void write_provenance(const Store& store, const std::vector<MachineTables>& machines, std::ostream& out) {
  const std::string hash = store.content_hash();
  out << "/* The fastest configurations of svetune's kernels. Written by `svetune export header` of "
         "svetune " SVETUNE_VERSION "; do not edit.\n *\n * database "
      << hash << " (hash of its content)\n";
  for (const auto& machine : machines) {
    out << " * " << comment(machine.processor) << ", " << machine.vector_bits << " bits: " << machine.entries.size()
        << " entries, timed by " << comment(machine.timer) << " (version " << comment(joined(machine.timer_versions))
        << "), " << comment(machine.first_date) << " to " << comment(machine.last_date) << '\n';
    for (const auto& build : machine.builds) out << " *   kernels: " << comment(build) << '\n';
  }
  out << " *\n * C11 and C++17; constant data, no dependency. svetune_lookup() answers for a processor and a "
         "shape;\n"
         " * after svetune/kernels.h has been included, svetune_configure() does for this processor. */\n"
         "#ifndef SVETUNE_CONFIG_H\n#define SVETUNE_CONFIG_H\n\n#include <stdint.h>\n\n"
         "#define SVETUNE_CONFIG_FORMAT "
      << kHeaderFormat << "\n#define SVETUNE_CONFIG_DATABASE_SCHEMA " << migrations().size()
      << "\n#define SVETUNE_CONFIG_DATABASE " << literal(hash) << "\n#define SVETUNE_CONFIG_TUNER_VERSION "
      << literal(SVETUNE_VERSION) << "\n#define SVETUNE_CONFIG_MACHINES " << machines.size()
      << "\n#define SVETUNE_CONFIG_ENTRIES " << entry_count(machines) << "\n\n";
}

void write_entry_type(std::ostream& out) {
  out << "/* A shape and its winner; a default has m = nc = d = 0 and no time. The numbers of the configuration are "
         "those of\n"
         " * svetune/kernels.h. */\n"
         "typedef struct svetune_entry {\n"
         "  int32_t m, nc, d, operation, accuracy;\n"
         "  int32_t ldv;                      /* row stride of V that it was timed with */\n"
         "  int32_t least_m, least_nc, least_d; /* the smallest extents that the configuration is valid for */\n"
         "  int32_t strategy";
  for (const Axis& axis : axes()) out << ", " << axis.name;
  out << ";\n  double cycles, percent_of_peak;\n} svetune_entry;\n\n";
}

void write_entries(const MachineTables& machine, const std::string& name, std::ostream& out) {
  out << "\nstatic const svetune_entry " << name << "_entries[" << machine.entries.size() << "] = {\n";
  for (const Entry& entry : machine.entries) {
    const auto& shape = entry.shape;
    out << "    {" << shape.m << ", " << shape.nc << ", " << shape.d << ", " << shape.operation << ", "
        << shape.accuracy << ", " << entry.ldv << ", " << entry.least.m << ", " << entry.least.nc << ", "
        << entry.least.d << ", " << entry.choice.config.strategy;
    for (const Axis& axis : axes()) out << ", " << entry.choice.config.*axis.field;
    out << ", " << real(entry.cycles) << ", " << fixed(entry.percent_of_peak, 2) << "}, /* "
        << comment(entry.choice.text);
    if (shape.m == 0) out << "; default, loses at most " << fixed(100 * entry.worst_loss, 1) << " %";
    out << " */\n";
  }
  out << "};\n";
}

void write_cells(const MachineTables& machine, const std::string& name, std::ostream& out) {
  const Cells& cells = machine.cells;
  out << "static const svetune_cell " << name << "_cells[" << cells.cells.size() << "] = {";
  for (std::size_t i = 0; i < cells.cells.size(); ++i) {
    const Cell& cell = cells.cells[i];
    out << (i % 6 == 0 ? "\n    " : " ") << '{' << cell.split << ", " << cell.axis << ", " << cell.next << "},";
  }
  out << "\n};\nstatic const svetune_candidate " << name << "_candidates[" << cells.candidates.size() << "] = {";
  for (std::size_t i = 0; i < cells.candidates.size(); ++i) {
    const auto& shape = machine.entries[static_cast<std::size_t>(cells.candidates[i])].shape;
    out << (i % 4 == 0 ? "\n    " : " ") << '{' << cells.candidates[i] << ", " << fixed_log2(shape.m) << ", "
        << fixed_log2(shape.nc) << ", " << fixed_log2(shape.d) << "},";
  }
  out << "\n};\n";
}

void write_classes(const MachineTables& machine, const std::string& name, std::ostream& out) {
  out << "static const svetune_class " << name << "_classes[" << machine.classes.size() << "] = {\n";
  for (const Class& one : machine.classes) {
    out << "    {" << one.operation << ", " << one.accuracy << ", ";
    for (std::size_t d = 0; d < 3; ++d) out << one.grid.first.at(d) << ", " << one.grid.count.at(d) << ", ";
    out << one.grid.root << ", " << one.fallback << "},\n";
  }
  out << "};\n";
}

void write_machine(const MachineTables& machine, const std::string& name, std::ostream& out) {
  std::array<char, 16> midr{};
  std::snprintf(midr.data(), midr.size(), "0x%08xu", processor_midr(machine.processor));
  out << "    {" << literal(machine.processor) << ", " << midr.data() << ", " << machine.vector_bits << ", "
      << literal(machine.timer) << ", " << real(machine.peak_flop_per_cycle) << ", " << machine.entries.size() << ", "
      << machine.classes.size() << ", " << name << "_entries, " << name << "_cells, " << name << "_candidates, " << name
      << "_classes},\n";
}

void write_lookup(std::ostream& out) {
  std::string steps;
  for (std::int32_t i = 0; i <= kLog2Steps; ++i)
    steps += (i == 0        ? ""
              : i % 11 == 0 ? ",\n                                    "
                            : ", ") +
             std::to_string(log2_step(i));
  out << replaced(replaced(std::string(lookup_text()), "@STEPS@", steps), "@FARTHEST@", std::to_string(kFarthest));
}

void write_end(std::ostream& out) {
  std::string copy = "  config.strategy = entry->strategy;\n";
  for (const Axis& axis : axes())
    copy += "  config." + std::string(axis.name) + " = entry->" + std::string(axis.name) + ";\n";
  out << replaced(std::string(machines_text()), "@COPY_FIELDS@", copy);
}

}  // namespace

void write_header(const Store& store, const ExportOptions& options, std::ostream& out) {
  Store::Filter filter;
  filter.processor = options.processor;
  filter.timer = options.timer;
  std::vector<MachineTables> machines;
  for (const Series& series : one_timer_each(store.series(filter))) {
    machines.push_back(make_tables(store, series));
    if (machines.back().cells.cells.empty()) machines.pop_back();
  }
  if (machines.empty())
    throw InputError("database " + store.file().string() +
                     " holds no verified time to export; run svetune sweep --db " + store.file().string() + " first");
  write_provenance(store, machines, out);
  write_entry_type(out);
  write_lookup(out);
  const auto name = [](std::size_t i) { return "svetune_machine_" + std::to_string(i); };
  for (std::size_t i = 0; i < machines.size(); ++i) {
    write_entries(machines[i], name(i), out);
    write_cells(machines[i], name(i), out);
    write_classes(machines[i], name(i), out);
  }
  out << "static const svetune_machine svetune_machines[SVETUNE_CONFIG_MACHINES] = {\n";
  for (std::size_t i = 0; i < machines.size(); ++i) write_machine(machines[i], name(i), out);
  out << "};\n";
  write_end(out);
}

}  // namespace svetune::db
