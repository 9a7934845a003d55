// Two sets of results, problem by problem. Times are compared where processor, vector length and timer are the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/store.hpp"

namespace svetune::app {

enum class Verdict : std::uint8_t {
  same,        // the same cycles
  win,         // B is faster beyond the noise
  loss,        // B is slower, within the noise
  gain,        // B is faster, within the noise
  regression,  // B is slower beyond the noise
};
std::string_view to_text(Verdict verdict);

struct Compared {
  db::Evaluation a, b;  // the winners
  double change = 0;    // of the cycles: b / a - 1
  double noise = 0;     // changes up to this one may be chance
  Verdict verdict = Verdict::same;
};

struct Comparison {
  std::vector<Compared> problems;
  std::vector<db::Evaluation> only_a, only_b;  // winners without a counterpart
  bool timer_versions_differ = false;
};

// One side: the results of a database, or of the build and timer that one of its sweeps used.
struct Side {
  const db::Store& store;
  db::Store::Filter filter;
};

// Three standard errors of a median, estimated by the median absolute deviation, as a fraction of the median; 0 for one
// sample.
double relative_noise(const std::vector<double>& samples);
// `least_noise`: changes up to this fraction are never beyond the noise.
Comparison compare(const Side& a, const Side& b, double least_noise);

}  // namespace svetune::app
