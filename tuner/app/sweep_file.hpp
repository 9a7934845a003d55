// A sweep as a TOML file: what docs/tuning.md describes. Every key is checked; an error names the file and the line.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/space_rules.hpp"

namespace svetune::app {

struct WeightedProblem {
  Problem problem;
  double weight = 1;  // share of the evaluations, relative to the other problems
};

struct SweepFile {
  std::vector<WeightedProblem> problems;  // in the order of the file, none twice
  std::vector<std::string> timers;        // "model:a64fx"; empty: not said
  SpaceRules rules;
  std::string searcher;                    // empty: the default one
  std::optional<std::size_t> evaluations;  // of a problem
  std::optional<std::chrono::seconds> time;
  std::string until;  // "07:00"; empty: not said
};

// Throws InputError: "FILE:LINE: what; remedy".
SweepFile parse_sweep_file(std::string_view text, const std::string& name);
SweepFile read_sweep_file(const std::filesystem::path& file);

// Seconds from `now` (local time of day, in seconds) to the next "HH:MM"; throws InputError for another form.
std::chrono::seconds time_until(std::string_view clock, std::chrono::seconds now);

}  // namespace svetune::app
