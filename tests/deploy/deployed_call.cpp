// A program as it is deployed: generated header, installed library, on the operands that the runner's mode `trace`
// makes. Prints the configuration and a hash of O's bits after three calls; a profile of `deployed_call` has the
// cycles, look-up included. Usage: deployed_call [M NC D]
#include <svetune/kernels.h>

#include <cstdio>
#include <cstdlib>

#include "runner/operands.hpp"
#include "svetune_config.h"

extern "C" {

__attribute__((noinline)) svetune_status deployed_call(const svetune_problem* problem, const svetune_args* args) {
  svetune_config config{};
  if (svetune_configure(problem, &config).rule == SVETUNE_RULE_NONE) return SVETUNE_BAD_CONFIGURATION;
  return svetune_run(problem, &config, args);
}

}  // extern "C"

int main(int argc, char** argv) {
  svetune::Problem problem;
  problem.shape = {SVETUNE_EXP2_GEMM, SVETUNE_ACCURACY_FULL, 4, 64, 128};
  if (argc == 4)
    problem.shape.m = std::atol(argv[1]), problem.shape.nc = std::atol(argv[2]), problem.shape.d = std::atol(argv[3]);
  svetune_config config{};
  const svetune_choice choice = svetune_configure(&problem.shape, &config);
  const svetune::Operands operands(problem, 1, svetune::Layout::kAligned);
  const std::size_t bytes = svetune_workspace_bytes(&problem.shape, &config);
  const svetune::GuardedBuffer workspace(bytes, 256);
  const svetune_args args = operands.args(workspace.data(), bytes);
  for (int call = 0; call < 3; ++call) {
    const svetune_status status = deployed_call(&problem.shape, &args);
    if (status != SVETUNE_OK) {
      std::fprintf(stderr, "%s\n", svetune_status_text(status));
      return 1;
    }
  }
  std::printf("rule=%d\tcycles=%g\to_hash=%016llx\n", static_cast<int>(choice.rule), choice.entry->cycles,
              static_cast<unsigned long long>(svetune::hash_of_bits(operands.o)));
  return 0;
}
