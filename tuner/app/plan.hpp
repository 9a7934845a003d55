// What a sweep would do, before anything runs: the spaces, what constraints reject, how long it takes.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <vector>

#include "app/present.hpp"
#include "app/sweep_file.hpp"

namespace svetune::app {

struct PlannedSpace {
  Problem problem;
  double weight = 1;
  std::string timer;
  SpaceSize size;
  std::size_t evaluations = 0;        // within the budget of evaluations
  double seconds_per_evaluation = 0;  // of one job
};

struct Plan {
  std::vector<PlannedSpace> spaces;  // by timer, then in the order of the file
  std::size_t jobs = 1;
  std::optional<std::chrono::seconds> time;  // that the sweep may take at most
  bool calibrated = false;                   // seconds were measured, not estimated

  std::size_t evaluations() const;
  double full_seconds() const;  // of all evaluations
  double seconds() const;       // full_seconds() within `time`
};

// Seconds of CPU of one evaluation by a core model, a rough figure of a laptop's core: start-up, then tracing and
// replaying what a call executes.
double estimated_seconds(const Problem& problem);

// `vector_bits` of a timer's name.
Plan make_plan(const SweepFile& file, std::size_t jobs, const std::function<unsigned(const std::string&)>& vector_bits);

Json plan_json(const Plan& plan);
void print_plan(std::ostream& out, const Plan& plan);

}  // namespace svetune::app
