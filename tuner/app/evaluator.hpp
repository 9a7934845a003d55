// One evaluation: constraints, verification, time. A worker's own; whatever a candidate does, the result is a row.
#pragma once

#include <memory>
#include <optional>

#include "app/options.hpp"
#include "db/store.hpp"
#include "measure/runner_process.hpp"
#include "timing/timer.hpp"

namespace svetune::app {

struct Evaluated {
  db::Evaluation row;
  std::optional<model::Report> report;
};

struct StageSeconds {
  double verify = 0, trace = 0, model = 0, store = 0;  // CPU seconds; store: wall-clock, for it waits for the disk
  StageSeconds& operator+=(const StageSeconds& other);
};

class Evaluator {
 public:
  // `time_wrong_results`: a person who benches one candidate wants to see both; a sweep has no use for such times.
  Evaluator(const RunChoice& choice, bool time_wrong_results);

  Evaluated evaluate(const Problem& problem, const svetune_config& config);
  StageSeconds cpu_seconds() const;

 private:
  void verify(const measure::Request& request, db::Evaluation& row);
  void time(const measure::Request& request, Evaluated& result);
  measure::Deadline deadline(const Problem& problem) const;

  const RunChoice& choice_;
  bool time_wrong_results_;
  measure::RunnerProcess verifier_;
  std::unique_ptr<timing::Timer> timer_;
};

// 100 * flop / cycles / peak
double percent_of_peak(const Problem& problem, double cycles, double peak_flop_per_cycle);

// The identity that results of this choice are stored under; asks the runner to describe itself.
db::Machine machine_of(const RunChoice& choice);

}  // namespace svetune::app
