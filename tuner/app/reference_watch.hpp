// A reference configuration, timed again and again through a sweep: when its time moves, the machine has changed.
#pragma once

#include <string>
#include <utility>

#include "app/evaluator.hpp"

namespace svetune::app {

// True where a time differs from the first one by more than 2 %.
bool drifted(double first, double now);

// One worker's, for the processor that its runner is bound to. Does nothing where times come from a model.
class ReferenceWatch {
 public:
  // Without a configuration it does nothing.
  ReferenceWatch(const RunChoice& choice, Evaluator& evaluator, const Problem& problem, std::string config)
      : choice_(choice), evaluator_(evaluator), problem_(problem), config_(std::move(config)) {}

  // Times the reference where it is time to. True from a time that has moved until one that has not.
  bool has_drifted();

 private:
  const RunChoice& choice_;
  Evaluator& evaluator_;
  Problem problem_;
  std::string config_;
  double first_ = 0;  // cycles
  bool drifted_ = false;
  measure::Clock::time_point next_{};
};

}  // namespace svetune::app
