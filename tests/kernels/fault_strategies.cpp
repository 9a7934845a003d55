// A registry for tests: the product's strategies, and four that fail each in its own way.
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

[[gnu::section(".svetune_text")]] std::size_t no_workspace(const svetune_problem&, const svetune_config&) {
  return 0;
}

[[gnu::section(".svetune_text")]] svetune_status segfault(const MicroKernels&, const svetune_problem&,
                                                          const svetune_config&, const svetune_args&) {
  float* volatile nowhere = nullptr;
  *static_cast<volatile float*>(nowhere) = 1;
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status illegal(const MicroKernels&, const svetune_problem&,
                                                         const svetune_config&, const svetune_args&) {
#if defined(__aarch64__)
  asm volatile("udf #0");
#else
  asm volatile("ud2");
#endif
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status loop(const MicroKernels&, const svetune_problem&,
                                                      const svetune_config&, const svetune_args&) {
  for (;;) asm volatile("" : : : "memory");
}

[[gnu::section(".svetune_text")]] svetune_status wrong(const MicroKernels&, const svetune_problem&,
                                                       const svetune_config&, const svetune_args& args) {
  args.o[0] += 1000;
  return SVETUNE_OK;
}

using Run = svetune_status (*)(const MicroKernels&, const svetune_problem&, const svetune_config&, const svetune_args&);

Strategy faulty(std::int32_t id, std::string_view name, Run run) {
  return {.id = id,
          .name = name,
          .summary = "fails on purpose",
          .axes = {},
          .constraints = {},
          .workspace_bytes = no_workspace,
          .run = run};
}

const Strategy kStrategies[] = {
    separate_strategy,
    two_pass_strategy,
    fused_strategy,
    k_blocked_strategy,
    gemm_strategy,
    faulty(1000, "fault_segfault", segfault),
    faulty(1001, "fault_illegal", illegal),
    faulty(1002, "fault_loop", loop),
    faulty(1003, "fault_wrong", wrong),
};

}  // namespace

[[gnu::section(".svetune_text")]] std::span<const Strategy> strategies() {
  return kStrategies;
}

}  // namespace svetune
