// svetune plan: what a sweep would do, before anything runs.
#include <algorithm>
#include <ostream>

#include "app/command.hpp"
#include "app/evaluator.hpp"
#include "app/plan.hpp"
#include "app/sweep_request.hpp"

namespace svetune::app {
namespace {

constexpr std::size_t kCalibrationRuns = 3;

// Evaluates some candidates spread over the space and takes their mean time in the place of the estimate.
void calibrate(PlannedSpace& space, const SpaceRules& rules, const RunChoice& choice) {
  const auto candidates = enumerate_allowed({space.problem, choice.facts.vector_bits}, rules);
  if (candidates.empty()) return;
  Evaluator evaluator(choice, false);
  evaluator.evaluate(space.problem, candidates.front());  // starts the runners
  const auto start = measure::Clock::now();
  for (std::size_t run = 0; run < kCalibrationRuns; ++run) {
    evaluator.evaluate(space.problem, candidates[(2 * run + 1) * candidates.size() / (2 * kCalibrationRuns)]);
  }
  const std::chrono::duration<double> taken = measure::Clock::now() - start;
  space.seconds_per_evaluation = taken.count() / kCalibrationRuns;
}

}  // namespace

int run_plan(const Arguments& arguments, const Environment& environment) {
  Options options("plan", "FILE | --problem MxNCxD[,...] [options]",
                  "Prints what a sweep would do: problems, the size of each space after constraints, what each\n"
                  "constraint rejects, and how long it takes. Nothing is stored.");
  add_sweep_options(options);
  options.add()("calibrate", "evaluate some candidates of each problem for the expected duration")  //
      ("json", "print one JSON object");
  add_run_options(options);
  if (!options.parse(arguments, environment)) return 0;
  const SweepRequest request = sweep_request(options, environment);
  Plan plan = make_plan(request.file, request.jobs, [&](const std::string& timer) {
    return run_choice(options, environment, timer).facts.vector_bits;
  });
  if (options.has("calibrate")) {
    for (PlannedSpace& space : plan.spaces) {
      calibrate(space, request.file.rules, run_choice(options, environment, space.timer));
    }
    plan.calibrated = true;
  }
  if (options.has("json")) {
    environment.out << plan_json(plan).dump(2) << '\n';
  } else {
    print_plan(environment.out, plan);
  }
  return 0;
}

}  // namespace svetune::app
