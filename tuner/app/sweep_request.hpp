// What `svetune plan` and `svetune sweep` are asked to do: a sweep file or --problem, and the options that change it.
#pragma once

#include "app/options.hpp"
#include "app/sweep_file.hpp"

namespace svetune::app {

// FILE, --problem, --timer, --jobs, --evals, --budget, --until, --strategy, --search
void add_sweep_options(Options& options);

struct SweepRequest {
  SweepFile file;  // options applied: at least one timer; `time` includes `until`
  std::size_t jobs = 1;
};
SweepRequest sweep_request(const Options& options, const Environment& environment);

}  // namespace svetune::app
