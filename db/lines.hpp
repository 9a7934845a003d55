// Which machines and timers belong together: the same processor, vector length and timer, in several builds and
// versions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/sqlite.hpp"
#include "db/store.hpp"

namespace svetune::db {

// One build and one version of the timer.
struct Source {
  std::int64_t machine = 0, timer = 0;
  std::string timer_version;
};

struct Line {
  std::string processor;
  std::uint32_t vector_bits = 0;
  double peak_flop_per_cycle = 0;  // of the newest
  std::string timer;
  std::vector<Source> sources;  // newest sweep first
};

// Sorted by processor, vector length, timer.
std::vector<Line> select_lines(Connection& connection, const Store::Filter& filter);

// The sources of a line whose times of a problem may be compared: those of the newest version of the timer that has
// timed it.
std::vector<Source> comparable_sources(Connection& connection, const Line& line, std::int64_t problem);

}  // namespace svetune::db
