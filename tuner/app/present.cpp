#include "app/present.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace svetune::app {
namespace {

template <typename Number>
Json json_or_null(const std::optional<Number>& number) {
  return number ? Json(*number) : Json(nullptr);
}

std::string format(const char* pattern, double value) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), pattern, value);
  return {text.data(), static_cast<std::size_t>(std::clamp(length, 0, 63))};
}

std::vector<std::pair<std::string, std::uint64_t>> largest_first(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace

Json evaluation_json(const db::Evaluation& row, const std::string& timer, double peak_flop_per_cycle) {
  Json json;
  json["problem"] = to_text(row.problem);
  json["config"] = to_text(row.config);
  json["timer"] = timer;
  json["status"] = db::to_text(row.status);
  json["detail"] = row.detail;
  json["cycles"] = json_or_null(row.cycles);
  json["percent_of_peak"] =
      row.cycles ? Json(percent_of_peak(row.problem, *row.cycles, peak_flop_per_cycle)) : Json(nullptr);
  json["error"] = json_or_null(row.error);
  json["error_bound"] = error_bound(row.problem);
  json["p_ulp"] = json_or_null(row.p_ulp);
  json["samples"] = row.samples;
  return json;
}

Json report_json(const model::Report& report) {
  Json json;
  json["instructions"] = report.instructions;
  json["micro_ops"] = report.micro_ops;
  json["cycles"] = report.cycles;
  json["ipc"] = report.ipc();
  json["full_dispatch_cycles"] = report.full_dispatch_cycles;
  json["lost_dispatch"] = report.lost_dispatch;
  json["pipe_busy"] = report.pipe_busy;
  json["pipe_share"] = Json::object();
  for (const auto& [pipe, busy] : report.pipe_busy)
    json["pipe_share"][pipe] =
        static_cast<double>(busy) / static_cast<double>(std::max<std::uint64_t>(report.cycles, 1));
  json["l1_misses"] = report.l1_misses;
  json["l2_misses"] = report.l2_misses;
  json["flushes"] = report.flushes;
  return json;
}

Json cpu_json(const StageSeconds& cpu) {
  return {{"verify", cpu.verify}, {"trace", cpu.trace}, {"model", cpu.model}, {"store", cpu.store}};
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right) {
  std::vector<std::size_t> widths(right.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      line += (i == 0 ? "" : "  ") + (right[i] ? gap + row[i] : row[i] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string fixed_text(double value, int decimals) {
  return format(("%." + std::to_string(decimals) + "f").c_str(), value);
}

std::string cycles_text(const std::optional<double>& cycles) {
  if (!cycles) return "-";
  return fixed_text(*cycles, *cycles == std::floor(*cycles) ? 0 : 1);
}

std::string error_text(const std::optional<double>& error) {
  return error ? format("%.1e", *error) : "-";
}

void print_report(std::ostream& out, const model::Report& report) {
  out << "where the cycles of the last call go\n"
      << "  " << report.instructions << " instructions, " << report.micro_ops << " micro-ops, "
      << fixed_text(report.ipc(), 2) << " instructions a cycle\n"
      << "  L1 misses " << report.l1_misses << ", L2 misses " << report.l2_misses << ", flushes " << report.flushes
      << '\n';
  print_cycle_tables(out, report, 1.0, 0, "");
}

void print_cycle_tables(std::ostream& out, const model::Report& report, double per, int decimals,
                        const std::string& unit) {
  const auto cycles = static_cast<double>(std::max<std::uint64_t>(report.cycles, 1));
  const auto row = [&](const std::string& name, std::uint64_t count) {
    const auto value = static_cast<double>(count);
    return std::vector<std::string>{"  " + name, fixed_text(value / per, decimals),
                                    fixed_text(100.0 * value / cycles, 1)};
  };
  const std::string of = unit.empty() ? "" : " " + unit;
  std::vector<std::vector<std::string>> rows{{"  dispatch cycles" + of + " lost to", "cycles", "%"}};
  for (const auto& [cause, lost] : largest_first(report.lost_dispatch)) {
    if (lost > 0) rows.push_back(row(cause, lost));
  }
  rows.push_back(row("(none: full width)", report.full_dispatch_cycles));
  rows.push_back({"  pipe", "busy", "%"});
  for (const auto& [pipe, busy] : report.pipe_busy) rows.push_back(row(pipe, busy));
  out << table_text(rows, {false, true, true});
}

}  // namespace svetune::app
