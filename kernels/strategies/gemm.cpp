// gemm: P is given; the reference line of the other strategies, never a winner.
#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

constexpr AxisUse kAxes[] = {kMrAxis, kNrAxis, kKUnrollAxis, kOrderAxis};
constexpr Constraint kConstraints[] = {kGemmRegisters, kKUnroll, kOrder};

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem&, const svetune_config&) {
  return 0;
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  if (!has_gemm(kernels, config)) return SVETUNE_BAD_CONFIGURATION;
  gemm_tiles(kernels, config, {args.p, args.ldp, args.v, args.ldv, args.o, args.ldo, problem.m, problem.nc, problem.d});
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy gemm_strategy = {.id = SVETUNE_GEMM,
                                          .name = "gemm",
                                          .summary = "GEMM tiles alone, P given: a reference line",
                                          .may_win = false,
                                          .axes = kAxes,
                                          .constraints = kConstraints,
                                          .workspace_bytes = workspace,
                                          .run = run};

}  // namespace svetune
