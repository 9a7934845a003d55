// svetune space: what a problem allows, before anything runs.
#include <ostream>

#include "app/command.hpp"
#include "app/present.hpp"

namespace svetune::app {
namespace {

struct Part {
  std::string strategy;
  bool may_win = true;
  SpaceSize size;
  std::vector<svetune_config> configurations;
};

std::vector<Part> parts_of(const Target& target, const std::string& only) {
  if (!only.empty() && find_strategy(only) == nullptr) {
    std::string known;
    for (const Strategy& strategy : strategies()) known += (known.empty() ? "" : ", ") + std::string(strategy.name);
    throw InputError("unknown strategy '" + only + "'; known are: " + known);
  }
  std::vector<Part> parts;
  for (const Strategy& strategy : strategies()) {
    if (!only.empty() && strategy.name != only) continue;
    Part part{std::string(strategy.name), strategy.may_win, {}, {}};
    part.configurations = enumerate(target, strategy.name, &part.size);
    parts.push_back(std::move(part));
  }
  return parts;
}

Json to_json(const Target& target, const std::vector<Part>& parts, bool list) {
  Json json;
  std::size_t valid = 0;
  json["problem"] = to_text(target.problem);
  json["vector_bits"] = target.vector_bits;
  for (const Part& part : parts) {
    Json entry{{"strategy", part.strategy},
               {"may_win", part.may_win},
               {"valid", part.size.valid},
               {"total", part.size.total},
               {"rejected", part.size.rejected}};
    if (part.may_win) valid += part.size.valid;
    if (list) {
      for (const svetune_config& config : part.configurations) entry["configurations"].push_back(to_text(config));
    }
    json["strategies"].push_back(std::move(entry));
  }
  json["valid"] = valid;
  return json;
}

void print_text(std::ostream& out, const Target& target, const std::vector<Part>& parts) {
  std::vector<std::vector<std::string>> rows{{"strategy", "valid", "of", "rejected by"}};
  std::size_t valid = 0;
  for (const Part& part : parts) {
    std::string rejected;
    for (const auto& [name, count] : part.size.rejected) {
      rejected += (rejected.empty() ? "" : ", ") + name + ' ' + std::to_string(count);
    }
    if (part.may_win) valid += part.size.valid;
    rows.push_back({part.strategy + (part.may_win ? "" : " (never a winner)"), std::to_string(part.size.valid),
                    std::to_string(part.size.total), rejected});
  }
  out << to_text(target.problem) << " with vectors of " << target.vector_bits << " bits: " << valid
      << " configurations may win\n"
      << table_text(rows, {false, true, true, false});
}

}  // namespace

int run_space(const Arguments& arguments, const Environment& environment) {
  Options options("space", "--problem MxNCxD [options]",
                  "Prints how many configurations each strategy offers, and how many each constraint rejects.");
  options.add()("problem", value("MxNCxD"), "as 4x64x128")                          //
      ("vector-bits", value("N"), "vector length: 128, 256 or 512 (default: 512)")  //
      ("strategy", value("NAME"), "this strategy only")                             //
      ("list", "print every configuration, one a line")                             //
      ("json", "print one JSON object");
  options.positional("problem", 1);
  if (!options.parse(arguments, environment)) return 0;
  Target target{parse_problem(options.required("problem"))};
  target.vector_bits = static_cast<unsigned>(options.integer("vector-bits", 128, 512).value_or(512));
  if ((target.vector_bits & (target.vector_bits - 1)) != 0) throw InputError("--vector-bits must be 128, 256 or 512");
  const std::vector<Part> parts = parts_of(target, options.text("strategy").value_or(""));
  if (options.has("json")) {
    environment.out << to_json(target, parts, options.has("list")).dump(2) << '\n';
  } else if (options.has("list")) {
    for (const Part& part : parts) {
      for (const svetune_config& config : part.configurations) environment.out << to_text(config) << '\n';
    }
  } else {
    print_text(environment.out, target, parts);
  }
  return 0;
}

}  // namespace svetune::app
