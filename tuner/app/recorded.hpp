// Spaces that were evaluated whole, from a database or from a recording: lines "problem,configuration,cycles" in a CSV
// file, whose cycles are empty where the candidate failed, below lines "# problem origin"; or from a cache file of
// Kernel Tuner (.json) of such a space.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "search/replay.hpp"

namespace svetune::app {

struct RecordedProblem {
  Problem problem;
  std::string origin;  // timer, machine and revision of the times; empty where the file does not say
  search::RecordedSpace space;
};

// `wanted` empty: all of the file, of which those that a database holds in part are left out; of several builds in a
// database the newest that evaluated the whole space. Throws InputError for a
// wanted problem that is not there or not whole, and where times of several timers are there and none is named.
std::vector<RecordedProblem> read_recorded(const std::filesystem::path& file, const std::optional<std::string>& timer,
                                           const std::vector<Problem>& wanted);

// Writes a recording, compressed where the name ends in .gz; the same spaces give the same bytes.
void write_recording(const std::filesystem::path& file, const std::vector<RecordedProblem>& problems);

}  // namespace svetune::app
