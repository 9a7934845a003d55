// separate: exp2 of all rows into the workspace, then GEMM tiles. The study's baseline is
// "mr=4 nr=4 exp2=study exp2_unroll=4 order=columns".
#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

constexpr AxisUse kAxes[] = {kExp2Axis, kExp2UnrollAxis, kMrAxis, kNrAxis, kKUnrollAxis, kOrderAxis};
constexpr Constraint kConstraints[] = {kAccuracy, kExp2Unroll, kGemmRegisters, kKUnroll, kOrder};

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config&) {
  return workspace_size(problem.m, problem.nc);
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  const Exp2Row exp2 = find_exp2(kernels, problem, config);
  if (exp2 == nullptr || !has_gemm(kernels, config)) return SVETUNE_BAD_CONFIGURATION;
  auto* const p = static_cast<float*>(args.workspace);
  const std::ptrdiff_t ldp = workspace_stride(problem.nc);
  exp2_rows(exp2, {args.s, args.lds, args.max, args.scale, p, ldp, row_sums(problem, args)}, problem.m, problem.nc);
  gemm_tiles(kernels, config, {p, ldp, args.v, args.ldv, args.o, args.ldo, problem.m, problem.nc, problem.d});
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy separate_strategy = {.id = SVETUNE_SEPARATE,
                                              .name = "separate",
                                              .summary = "exp2 of all rows, then GEMM tiles",
                                              .may_win = true,
                                              .axes = kAxes,
                                              .constraints = kConstraints,
                                              .workspace_bytes = workspace,
                                              .run = run,
                                              .operations = kExp2GemmOperations,
                                              .calls = kCallsGemm};

}  // namespace svetune
