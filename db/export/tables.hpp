// The tables of a generated header as data: what header.cpp prints.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "db/export/cells.hpp"
#include "db/series.hpp"
#include "db/store.hpp"

namespace svetune::db {

struct Entry {
  svetune_problem shape{};  // m = nc = d = 0: a default
  std::int64_t ldv = 0;
  Choice choice;
  double cycles = 0, percent_of_peak = 0;
  double worst_loss = 0;    // of a default
  svetune_problem least{};  // the smallest m, nc and d that the configuration is valid for
};

// As svetune_class of lookup.h.in.
struct Class {
  std::int32_t operation = 0, accuracy = 0;
  Grid grid;
  std::int32_t fallback = -1;  // an entry; -1: none
};

struct MachineTables {
  std::string processor, timer;
  std::vector<std::string> timer_versions;
  std::uint32_t vector_bits = 0;
  double peak_flop_per_cycle = 0;
  std::vector<Entry> entries;    // winners by operation, accuracy, m, nc, d; then defaults by operation and accuracy
  Cells cells;                   // of each class, those of stricter ones included
  std::vector<Class> classes;    // every accuracy of each operation that occurs
  std::set<std::string> builds;  // that the winners were timed with
  std::string first_date, last_date;
};

MachineTables make_tables(const Store& store, const Series& series);

// One series a processor and vector length: of several timers measured times come before modelled ones.
std::vector<Series> one_timer_each(std::vector<Series> all);

}  // namespace svetune::db
