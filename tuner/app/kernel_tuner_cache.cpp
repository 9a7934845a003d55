#include "app/kernel_tuner_cache.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace svetune::app {
namespace {

using Json = nlohmann::json;

constexpr double kCyclesPerMillisecond = 1e6;
constexpr std::string_view kProblemName = "svetune ";  // begins the kernel's name in our own files

// Kernel Tuner appends an entry and a comma at a time, and the end "}\n}" when all are done.
Json parse(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw InputError("cannot read " + file.string());
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (Json json = Json::parse(text, nullptr, false); !json.is_discarded()) return json;
  const auto last = text.find_last_not_of(" \n\r\t");
  if (last != std::string::npos && text[last] == ',') return Json::parse(text.substr(0, last) + "}}");
  return Json::parse(text + "}}");
}

Problem problem_of(const Json& json) {
  const auto name = json.value("kernel_name", std::string());
  if (name.starts_with(kProblemName)) return parse_problem(std::string_view(name).substr(kProblemName.size()));
  std::string shape;
  for (const Json& extent : json.at("problem_size")) shape += (shape.empty() ? "" : "x") + extent.dump();
  return parse_problem(shape);
}

svetune_config config_of(const Json& entry, const Json& keys) {
  const auto name = entry.at("strategy").get<std::string>();
  const Strategy* strategy = find_strategy(name);
  std::string text = "strategy=" + name;
  for (const Json& key : keys) {
    const auto axis = key.get<std::string>();
    const auto uses = [&](const AxisUse& use) { return use.axis == axis; };
    if (strategy == nullptr || !std::ranges::any_of(strategy->axes, uses)) continue;  // an axis that is not used
    const Json& value = entry.at(axis);
    text += " " + axis + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return parse_configuration(text);
}

db::Status failure_of(const Json& entry) {
  if (entry.contains("svetune_status")) return db::parse_status(entry.at("svetune_status").get<std::string>());
  return entry.at("time") == "InvalidConfig" ? db::Status::rejected : db::Status::crashed;
}

// "2026-11-25 21:50:21.000000+00:00", as Python writes it; anything else is left to the store.
std::string date_of(const Json& entry) {
  auto text = entry.value("timestamp", std::string());
  if (text.size() < 19 || text[10] != ' ' || !text.ends_with("+00:00")) return {};
  text[10] = 'T';
  return text.substr(0, 19) + "Z";
}

db::Evaluation row_of(const Json& entry, const Json& keys, const Problem& problem) {
  db::Evaluation row;
  row.problem = problem;
  row.config = config_of(entry, keys);
  row.when = date_of(entry);
  const Json& time = entry.at("time");
  if (!time.is_number()) {
    row.status = failure_of(entry);
    row.detail = "Kernel Tuner: " + time.dump();
    return row;
  }
  row.cycles = time.get<double>() * kCyclesPerMillisecond;
  if (!(*row.cycles > 0)) throw InputError("the time " + time.dump() + " ms is not above 0");
  for (const Json& sample : entry.value("times", Json::array()))
    row.samples.push_back(sample.get<double>() * kCyclesPerMillisecond);
  if (row.samples.empty()) row.samples = {*row.cycles};
  return row;
}

}  // namespace

KernelTunerCache read_kernel_tuner(const std::filesystem::path& file) {
  try {
    const Json json = parse(file);
    KernelTunerCache cache{problem_of(json), json.value("device_name", std::string()), {}};
    const Json& keys = json.at("tune_params_keys");
    for (const Json& entry : json.at("cache")) cache.rows.push_back(row_of(entry, keys, cache.problem));
    return cache;
  } catch (const Json::exception& error) {
    throw InputError(file.string() + " is no cache file of Kernel Tuner for one of our spaces: " + error.what() +
                     "; svetune export kernel-tuner writes one");
  }
}

}  // namespace svetune::app
