// The verified times of one processor and timer as plain data: what queries and exports compute with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "space/configuration.hpp"

namespace svetune::db {

struct Time {
  std::uint32_t problem = 0, choice = 0;  // indices into Series
  double cycles = 0;
  std::int64_t evaluation = 0;  // id in the store
};

struct Choice {
  std::string text;  // canonical
  svetune_config config{};
};

struct Series {
  std::string processor;
  std::uint32_t vector_bits = 0;
  double peak_flop_per_cycle = 0;
  std::string timer;
  std::vector<std::string> timer_versions;  // that the times come from, sorted
  std::vector<Problem> problems;            // by operation, accuracy, m, nc, d, row stride of V
  std::vector<Choice> choices;              // by text
  std::vector<Time> times;                  // by problem, cycles, choice: the first of a problem is its winner
};

// The configuration that loses least where it loses most (robust_default() in db/query.hpp).
struct Robust {
  std::uint32_t choice = 0;
  std::size_t problems = 0;  // that it was timed for
  double worst_loss = 0;
  Time worst;  // where it lost most
};

// The order of Series::problems.
bool shape_less(const Problem& a, const Problem& b);

}  // namespace svetune::db
