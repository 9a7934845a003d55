// A program as it is deployed: generated header, installed library, on the operands that the runner's mode `trace`
// makes. Prints the rule, the cycles that the header promises and a hash of O's bits after eight calls; a profile of
// `deployed_call` has the cycles of each, lookup and dispatch included. Usage: deployed_call [M NC D]
#include <svetune/kernels.h>

#include <cstdio>
#include <cstdlib>

#include "runner/operands.hpp"
#include "svetune_config.h"

extern "C" {

__attribute__((noinline)) svetune_status deployed_call(svetune_tuned* tuned, const svetune_problem* problem,
                                                       const svetune_args* args) {
  return svetune_run_tuned(tuned, problem, args);
}

}  // extern "C"

int main(int argc, char** argv) {
  svetune::Problem problem;
  problem.shape = {SVETUNE_EXP2_GEMM, SVETUNE_ACCURACY_FULL, 4, 64, 128};
  if (argc == 4)
    problem.shape.m = std::atol(argv[1]), problem.shape.nc = std::atol(argv[2]), problem.shape.d = std::atol(argv[3]);
  svetune_config config{};
  const svetune_choice choice = svetune_configure(&problem.shape, &config);
  // Memory as the runner lays it out: a stack or a workspace whose lines meet those of V costs two to eight misses a
  // call.
  svetune::Arena arena(std::size_t{1} << 30);
  const svetune::Operands operands(problem, 1, svetune::Layout::kAligned, svetune::Masks::kNone, &arena);
  const std::size_t bytes = svetune_workspace_bytes(&problem.shape, &config);
  const svetune_args args = operands.args(arena.take(bytes), bytes);
  svetune_tuned tuned{};
  svetune_status status = SVETUNE_OK;
  arena.run([&] {
    for (int call = 0; call < 8 && status == SVETUNE_OK; ++call) status = deployed_call(&tuned, &problem.shape, &args);
  });
  if (status != SVETUNE_OK) {
    std::fprintf(stderr, "%s\n", svetune_status_text(status));
    return 1;
  }
  std::printf("rule=%d\tcycles=%g\to_hash=%016llx\n", static_cast<int>(choice.rule), choice.entry->cycles,
              static_cast<unsigned long long>(svetune::hash_of_bits(operands.o)));
  return 0;
}
