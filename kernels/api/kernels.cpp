// The public C API: argument checks, then the strategy.
#include "svetune/kernels.h"

#include <cstddef>
#include <new>
#include <type_traits>

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
  if (p_given ? args.p == nullptr : args.s == nullptr) return SVETUNE_NULL_POINTER;
  const bool needs_max = !p_given && problem.operation != SVETUNE_SOFTMAX_GEMM;
  if (needs_max && args.max == nullptr) return SVETUNE_NULL_POINTER;
  if (problem.operation == SVETUNE_EXP2_GEMM_SUMS && args.row_sum == nullptr) return SVETUNE_NULL_POINTER;
  if (args.ldv < problem.d || args.ldo < problem.d || (p_given ? args.ldp : args.lds) < problem.nc)
    return SVETUNE_BAD_STRIDE;
  return SVETUNE_OK;
}

// What svetune_plan holds.
struct Plan {
  PreparedState state;                 // first: a call that checks its operands itself is given it
  const Strategy* strategy = nullptr;  // null: not prepared
  const MicroKernels* kernels = nullptr;
  std::size_t workspace_bytes = 0;
  svetune_problem problem{};
  svetune_config config{};
};
static_assert(sizeof(Plan) <= sizeof(svetune_plan) && alignof(Plan) <= alignof(svetune_plan));
static_assert(std::is_trivially_copyable_v<Plan> && std::is_trivially_destructible_v<Plan>);

static_assert(offsetof(Plan, state) == 0);

svetune_status refused(const void* state, const svetune_args* args);

[[gnu::section(".svetune_text")]] svetune_status prepare(const svetune_problem& problem, const svetune_config& config,
                                                         Plan& plan) {
  if (const svetune_status status = check_problem(problem); status != SVETUNE_OK) return status;
  const Strategy* const strategy = find_strategy(config.strategy);
  if (strategy == nullptr || !strategy->computes(problem.operation)) return SVETUNE_BAD_CONFIGURATION;
  // A coarser exp2 is never taken silently.
  if (accuracy_of(config.exp2) > problem.accuracy) return SVETUNE_BAD_CONFIGURATION;
  plan.kernels = micro_kernels(processor_vector_bits());
  if (plan.kernels == nullptr) return SVETUNE_NO_VECTOR_LENGTH;
  plan.workspace_bytes = strategy->workspace_bytes(problem, config);
  plan.problem = problem;
  plan.config = config;
  if (strategy->prepare != nullptr) {
    plan.state.refused = refused;
    const svetune_status status = strategy->prepare(*plan.kernels, problem, config, plan.state);
    if (status != SVETUNE_OK) return status;
  }
  plan.strategy = strategy;
  return SVETUNE_OK;
}

// What is wrong with the arguments; SVETUNE_OK: nothing.
[[gnu::section(".svetune_text"), gnu::noinline]] svetune_status refuse(const Plan& plan, const svetune_args& args) {
  if (plan.strategy == nullptr) return SVETUNE_BAD_CONFIGURATION;
  if (const svetune_status status = check_operands(plan.problem, args, plan.strategy->p_given); status != SVETUNE_OK)
    return status;
  if (plan.workspace_bytes != 0 && args.workspace == nullptr) return SVETUNE_NULL_POINTER;
  return args.workspace_bytes < plan.workspace_bytes ? SVETUNE_SMALL_WORKSPACE : SVETUNE_OK;
}

// By itself, and the last thing a caller does: a call that is plainly right then needs no frame.
[[gnu::section(".svetune_text"), gnu::noinline]] svetune_status checked_call(const Plan& plan,
                                                                             const svetune_args& args) {
  if (const svetune_status status = refuse(plan, args); status != SVETUNE_OK) return status;
  if (plan.state.call != nullptr) return plan.state.call(plan.state.data.data(), &args);
  return plan.strategy->run(*plan.kernels, plan.problem, plan.config, args);
}

// What a call that checks its operands itself goes to: they may yet be right.
[[gnu::section(".svetune_text")]] svetune_status refused(const void* state, const svetune_args* args) {
  return checked_call(*static_cast<const Plan*>(state), *args);
}

[[gnu::always_inline]] inline svetune_status call(const Plan& plan, const svetune_args& args) {
  if (__builtin_expect(static_cast<int>(plan.state.checked != nullptr), 1) != 0)
    return plan.state.checked(&plan.state, &args);
  return checked_call(plan, args);
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

svetune_status svetune_prepare(const svetune_problem* problem, const svetune_config* config, svetune_plan* plan) {
  if (problem == nullptr || config == nullptr || plan == nullptr) return SVETUNE_NULL_POINTER;
  return svetune::prepare(*problem, *config, *new (plan) svetune::Plan);  // not zeroed: that would be memset
}

[[gnu::section(".svetune_text")]] svetune_status svetune_call(const svetune_plan* plan, const svetune_args* args) {
  if (__builtin_expect(static_cast<int>(plan == nullptr || args == nullptr), 0) != 0) return SVETUNE_NULL_POINTER;
  return svetune::call(*reinterpret_cast<const svetune::Plan*>(plan), *args);
}

[[gnu::section(".svetune_text")]] svetune_status svetune_run(const svetune_problem* problem,
                                                             const svetune_config* config, const svetune_args* args) {
  if (problem == nullptr || config == nullptr || args == nullptr) return SVETUNE_NULL_POINTER;
  svetune::Plan plan;
  const svetune_status status = svetune::prepare(*problem, *config, plan);
  return status == SVETUNE_OK ? svetune::call(plan, *args) : status;
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
