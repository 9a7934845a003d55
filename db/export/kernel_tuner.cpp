// Cache file of Kernel Tuner 1.4 (its schema 1.0.0): an object whose last member is "cache", an entry a line; the end
// "}\n}" marks it complete. Replayed there with simulation mode.
#include <algorithm>

#include "db/export/one_problem.hpp"
#include "db/export/writers.hpp"

namespace svetune::db {
namespace {

using Json = nlohmann::ordered_json;

// As Python's str() writes a value, for the key.
std::string python_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string key_of(const svetune_config& config) {
  std::string key;
  for (const auto& [name, value] : parameters(config)) key += (key.empty() ? "" : ",") + python_text(value);
  return key;
}

// Kernel Tuner reads "YYYY-MM-DD HH:MM:SS.ffffff+00:00".
std::string python_time(std::string when) {
  std::ranges::replace(when, 'T', ' ');
  if (!when.empty() && when.back() == 'Z') when.replace(when.size() - 1, 1, "+00:00");
  return when;
}

Json entry(const Evaluation& row, const Machine& machine) {
  Json json;
  for (const auto& [name, value] : parameters(row.config)) json[name] = value;
  if (row.status == Status::ok && row.cycles) {
    json["time"] = milliseconds(*row.cycles, machine);
    for (const double sample : row.samples) json["times"].push_back(milliseconds(sample, machine));
  } else {
    // The cause is lost in Kernel Tuner's three names; the member after it keeps it.
    json["time"] = row.status == Status::rejected ? "InvalidConfig" : "RuntimeFailedConfig";
    json["__error__"] = json["time"];
    json["svetune_status"] = to_text(row.status);
  }
  for (const char* unknown : {"compile_time", "verification_time", "benchmark_time", "strategy_time", "framework_time"})
    json[unknown] = 0;
  json["timestamp"] = python_time(row.when);
  return json;
}

}  // namespace

void write_kernel_tuner(const Store& store, const ExportOptions& options, std::ostream& out) {
  const OneProblem one = one_problem(store, options, "kernel-tuner");
  Json values;
  for (const Evaluation& row : one.rows) {
    for (const auto& [name, value] : parameters(row.config)) {
      if (std::find(values[name].begin(), values[name].end(), value) == values[name].end())
        values[name].push_back(value);
    }
  }
  Json keys = Json::array();
  for (auto& [name, list] : values.items()) {
    keys.push_back(name);
    std::sort(list.begin(), list.end());
  }
  const svetune_problem& shape = one.problem.shape;
  out << "{\n\"schema_version\": \"1.0.0\",\n\"device_name\": " << Json(one.machine.processor + " " + one.timer)
      << ",\n\"kernel_name\": " << Json("svetune " + svetune::to_text(one.problem))
      << ",\n\"problem_size\": " << Json({shape.m, shape.nc, shape.d}) << ",\n\"tune_params_keys\": " << keys
      << ",\n\"tune_params\": " << values << ",\n\"objective\": \"time\",\n\"cache\": {\n";
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    out << (i == 0 ? "" : ",\n") << Json(key_of(one.rows[i].config)) << ": "
        << entry(one.rows[i], one.machine).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  out << "}\n}\n";
}

}  // namespace svetune::db
