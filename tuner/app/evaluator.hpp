// One evaluation: constraints, verification, time. A worker's own; whatever a candidate does, the result is a row.
#pragma once

#include <memory>
#include <optional>

#include "app/options.hpp"
#include "db/store.hpp"
#include "measure/kernel_image.hpp"
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

// The problem's best candidate so far: one that is many times as slow is stopped. 0: there is none yet.
struct Best {
  double cycles = 0;
  double seconds = 0;  // wall-clock of its evaluation
};

class Evaluator {
 public:
  // `time_wrong_results`: a person who benches one candidate wants to see both; a sweep has no use for such times.
  // `image`: of the runner's kernels, for the hash of each candidate's code; null: there will be none.
  Evaluator(const RunChoice& choice, bool time_wrong_results,
            std::shared_ptr<const measure::KernelImage> image = nullptr);

  Evaluated evaluate(const Problem& problem, const svetune_config& config, const Best& best = {});
  // A verified candidate's time alone, by so many batches where times vary.
  timing::Timed time_again(const Problem& problem, const svetune_config& config, unsigned batches);
  StageSeconds cpu_seconds() const;

 private:
  Evaluated evaluate_once(const Problem& problem, const svetune_config& config);
  void verify(const measure::Request& request, db::Evaluation& row);
  void note_code(const measure::Answer& answer, db::Evaluation& row) const;
  void time(const measure::Request& request, Evaluated& result);
  measure::Request request_for(const Problem& problem, const svetune_config& config) const;
  measure::Deadline deadline(const Problem& problem) const;
  void refuse_vanished_runner() const;

  const RunChoice& choice_;
  bool time_wrong_results_;
  std::shared_ptr<const measure::KernelImage> image_;
  Best best_;
  measure::RunnerProcess verifier_;
  std::unique_ptr<timing::Timer> timer_;
};

// 100 * flop / cycles / peak
double percent_of_peak(const Problem& problem, double cycles, double peak_flop_per_cycle);

// The identity that results of this choice are stored under, and what else is so; asks the runner to describe itself.
struct Described {
  db::Machine machine;
  db::Provenance provenance;
};
Described machine_of(const RunChoice& choice);

}  // namespace svetune::app
