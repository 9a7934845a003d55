// What a sweep shows while it runs: one live block on a terminal, a plain line every few seconds elsewhere.
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
  std::optional<double> best_percent, best_cycles;
  std::string default_config;  // what the others are compared with; empty: the space has none
  std::optional<double> default_cycles;
  std::size_t best_at = 0;  // `done` when the best was found; 0: it was in the database

  // How many times as fast as the default the best is.
  std::optional<double> gain() const;
};

struct SweepProgress {
  std::vector<ProblemProgress> problems;
  std::size_t current = 0;    // index of the problem that candidates are taken from
  std::size_t evaluated = 0;  // in this run
  double seconds = 0;         // of this run
};

// "[2/3] 4x128x128  240/1894  best 74.1 % of peak, 1.31 times the default  83/s  20 s left  wrong_result 3"
std::string progress_line(const SweepProgress& progress);
// The same in lines: all problems, the one at hand, failures by kind where there are any.
std::vector<std::string> progress_block(const SweepProgress& progress);
// "45 s", "3 min 20 s", "2 h 5 min"
std::string duration_text(double seconds);

class ProgressView {
 public:
  ProgressView(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}
  // Shows the state where it is time to; `now` in seconds since the start.
  void show(const SweepProgress& progress, bool force = false);
  // Removes the live block, so that other text can follow.
  void clear();
  // A line of its own; after clear().
  void note(const std::string& line);

 private:
  std::ostream& out_;
  bool terminal_;
  double next_ = 0;
  std::string last_;
  std::size_t lines_ = 0;  // of the block that the terminal shows

  void draw(const std::vector<std::string>& lines);
};

}  // namespace svetune::app
