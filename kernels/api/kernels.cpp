// The public C API: argument checks, then the strategy.
#include "svetune/kernels.h"

#include "api/processor.hpp"
#include "micro/micro_kernels.hpp"
#include "space/configuration.hpp"

namespace svetune {
namespace {

constexpr std::int64_t kLargestExtent = 0x7FFFFFFF;

[[gnu::section(".svetune_text")]] svetune_status check_problem(const svetune_problem& problem) {
  if (problem.m < 1 || problem.nc < 1 || problem.d < 1) return SVETUNE_BAD_SHAPE;
  if (problem.m > kLargestExtent || problem.nc > kLargestExtent || problem.d > kLargestExtent) return SVETUNE_BAD_SHAPE;
  if (problem.accuracy < SVETUNE_ACCURACY_FULL || problem.accuracy > SVETUNE_ACCURACY_LOW)
    return SVETUNE_BAD_CONFIGURATION;
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status check_operands(const svetune_problem& problem,
                                                                const svetune_args& args, bool p_given) {
  if (args.v == nullptr || args.o == nullptr) return SVETUNE_NULL_POINTER;
  if (p_given ? args.p == nullptr : (args.s == nullptr || args.max == nullptr)) return SVETUNE_NULL_POINTER;
  if (problem.operation == SVETUNE_EXP2_GEMM_SUMS && args.row_sum == nullptr) return SVETUNE_NULL_POINTER;
  if (args.ldv < problem.d || args.ldo < problem.d || (p_given ? args.ldp : args.lds) < problem.nc)
    return SVETUNE_BAD_STRIDE;
  return SVETUNE_OK;
}

}  // namespace
}  // namespace svetune

using svetune::Strategy;

extern "C" {

unsigned svetune_vector_bits(void) {
  return svetune::processor_vector_bits();
}

uint64_t svetune_midr(void) {
  return svetune::processor_midr();
}

size_t svetune_workspace_bytes(const svetune_problem* problem, const svetune_config* config) {
  if (problem == nullptr || config == nullptr || svetune::check_problem(*problem) != SVETUNE_OK) return 0;
  const Strategy* const strategy = svetune::find_strategy(config->strategy);
  return strategy == nullptr ? 0 : strategy->workspace_bytes(*problem, *config);
}

[[gnu::section(".svetune_text")]] svetune_status svetune_run(const svetune_problem* problem,
                                                             const svetune_config* config, const svetune_args* args) {
  if (problem == nullptr || config == nullptr || args == nullptr) return SVETUNE_NULL_POINTER;
  if (const svetune_status status = svetune::check_problem(*problem); status != SVETUNE_OK) return status;
  const Strategy* const strategy = svetune::find_strategy(config->strategy);
  if (strategy == nullptr || !strategy->computes(problem->operation)) return SVETUNE_BAD_CONFIGURATION;
  // A coarser exp2 is never taken silently.
  if (svetune::accuracy_of(config->exp2) > problem->accuracy) return SVETUNE_BAD_CONFIGURATION;
  if (const svetune_status status = svetune::check_operands(*problem, *args, config->strategy == SVETUNE_GEMM);
      status != SVETUNE_OK)
    return status;
  const std::size_t needed = strategy->workspace_bytes(*problem, *config);
  if (needed != 0 && args->workspace == nullptr) return SVETUNE_NULL_POINTER;
  if (args->workspace_bytes < needed) return SVETUNE_SMALL_WORKSPACE;
  const svetune::MicroKernels* const kernels = svetune::micro_kernels(svetune::processor_vector_bits());
  if (kernels == nullptr) return SVETUNE_NO_VECTOR_LENGTH;
  return strategy->run(*kernels, *problem, *config, *args);
}

const char* svetune_status_text(svetune_status status) {
  switch (status) {
    case SVETUNE_OK:
      return "The call was carried out.";
    case SVETUNE_NULL_POINTER:
      return "A pointer that the call needs is null.";
    case SVETUNE_BAD_SHAPE:
      return "m, nc and d must be 1 to 2147483647.";
    case SVETUNE_BAD_STRIDE:
      return "A leading dimension is smaller than its row.";
    case SVETUNE_BAD_CONFIGURATION:
      return "The library has no such strategy or micro-kernel for this problem.";
    case SVETUNE_SMALL_WORKSPACE:
      return "The workspace has fewer bytes than svetune_workspace_bytes() says.";
    case SVETUNE_NO_VECTOR_LENGTH:
      return "The processor has no SVE, or a vector length other than 128, 256 and 512 bits.";
    case SVETUNE_BAD_BATCH:
      return "A batch needs a count and parts of at least 1, and a place of its own for each output.";
  }
  return "This is no status of svetune.";
}

}  // extern "C"
