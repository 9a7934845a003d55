// The tables of a generated header as data: what header.cpp prints.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "db/series.hpp"
#include "db/store.hpp"

namespace svetune::db {

inline constexpr std::size_t kAccuracies = 4;

struct Entry {
  svetune_problem shape{};  // m = nc = d = 0: a default
  Choice choice;
  double cycles = 0, percent_of_peak = 0;
  double worst_loss = 0;  // of a default
};

// As svetune_node and svetune_shapes of lookup.h.in.
struct Node {
  std::int64_t extent = 0;
  std::int32_t first = 0, last = 0;
};
struct Range {
  std::int32_t first = 0, last = 0;
};
struct Shapes {
  Range m, nc, d;
  std::int32_t fallback = -1;
};

struct MachineTables {
  std::string processor, timer;
  std::vector<std::string> timer_versions;
  std::uint32_t vector_bits = 0;
  double peak_flop_per_cycle = 0;
  std::vector<Entry> entries;  // winners by accuracy, m, nc, d; then defaults by accuracy
  std::vector<Node> nodes;
  std::array<Shapes, kAccuracies> shapes;
  std::set<std::string> builds;  // that the winners were timed with
  std::string first_date, last_date;
};

MachineTables make_tables(const Store& store, const Series& series);

// One series a processor and vector length: of several timers measured times come before modelled ones.
std::vector<Series> one_timer_each(std::vector<Series> all);

}  // namespace svetune::db
