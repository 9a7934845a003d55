// What a sweep shows while it runs: one live line on a terminal, a plain line every few seconds elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "db/store.hpp"

namespace svetune::app {

// Of one problem; numbers only, filled by the sweep.
struct ProblemProgress {
  std::string problem;
  std::size_t total = 0;   // candidates within the budget
  std::size_t reused = 0;  // of these, found in the database
  std::size_t done = 0;    // of these, reused ones included
  std::size_t stale = 0;   // found in the database, but of kernels that have changed since
  std::map<db::Status, std::size_t> failures;
  std::optional<double> best_percent;
};

struct SweepProgress {
  std::vector<ProblemProgress> problems;
  std::size_t current = 0;    // index of the problem that candidates are taken from
  std::size_t evaluated = 0;  // in this run
  double seconds = 0;         // of this run
};

// "[2/3] 4x128x128  240/1894  best 74.1 % of peak  83/s  20 s left  wrong_result 3"
std::string progress_line(const SweepProgress& progress);
// "45 s", "3 min 20 s", "2 h 5 min"
std::string duration_text(double seconds);

class ProgressView {
 public:
  ProgressView(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}
  // Shows the state where it is time to; `now` in seconds since the start.
  void show(const SweepProgress& progress, bool force = false);
  // Removes the live line, so that other text can follow.
  void clear();

 private:
  std::ostream& out_;
  bool terminal_;
  double next_ = 0;
  std::string last_;
};

}  // namespace svetune::app
