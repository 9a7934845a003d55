// A loop that runs again and again: what one iteration costs once the caches are warm and the predictors trained.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/core_model.hpp"

namespace svetune::model {

// Adds the counts of `other`; by_instruction is left alone.
void add_counts(Report& sum, const Report& other);

struct SteadyLoop {
  std::uint64_t iterations = 0;           // of the measured run
  std::uint64_t first = 0, measured = 0;  // `sum` is that of iterations first .. first + measured - 1, from 0
  Report sum;                             // by_instruction: of all iterations of the measured run
  double per_iteration(std::uint64_t count) const { return static_cast<double>(count) / static_cast<double>(measured); }
};

// Runs the loop twice on one core: iterations/2 times to warm it up, then `iterations` times. Of these the first
// quarter (the pipeline fills) and the last iteration (it leaves the loop) do not count; the mean over the others is
// that of a long loop, also where its pattern repeats only every few iterations. `iterations` is at least 1.
SteadyLoop run_steady(std::shared_ptr<const MachineDescription> machine, const std::vector<Instruction>& body,
                      std::uint64_t iterations, const StageListener& on_stage = {});

}  // namespace svetune::model
