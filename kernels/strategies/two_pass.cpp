// two_pass: pass 1 computes the first column tile fused and stores P; pass 2 loads P for the other column tiles. A
// problem one tile wide is pass 1 alone.
#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

constexpr AxisUse kAxes[] = {kExp2Axis, kMrAxis, kNrAxis, kKUnrollAxis, kOrderAxis};
constexpr Constraint kConstraints[] = {kAccuracy, kFusedExp2, kFusedRegisters, kKUnroll, kOrder};

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config&) {
  const std::size_t p = workspace_size(problem.m, problem.nc);
  const std::size_t partial = problem.operation == SVETUNE_EXP2_GEMM_SUMS ? workspace_size(kMaxTileRows, 16) : 0;
  return p > SIZE_MAX - partial ? SIZE_MAX : p + partial;
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  if (!has_fused(kernels, config) || !has_gemm(kernels, config)) return SVETUNE_BAD_CONFIGURATION;
  auto* const p = static_cast<float*>(args.workspace);
  const std::ptrdiff_t ldp = workspace_stride(problem.nc);
  float* const partial = p + problem.m * ldp;  // of row sums
  const std::int64_t width = config.nr * static_cast<std::int64_t>(kernels.lanes);
  const std::int64_t first = problem.d < width ? problem.d : width;
  const std::int64_t height = config.mr;
  // Rows outside: both passes of a row block at once, while its P is in L1.
  const std::int64_t step = config.order == SVETUNE_ORDER_ROWS ? height : problem.m;
  for (std::int64_t block = 0; block < problem.m; block += step) {
    const std::int64_t end = problem.m - block < step ? problem.m : block + step;
    for (std::int64_t row = block; row < end; row += height) {
      const std::int64_t rows = end - row < height ? end - row : height;
      fused_tile(kernels, config, problem, args, {row, rows, 0, first, p + row * ldp, ldp, true, partial});
    }
    if (first < problem.d)
      gemm_tiles(kernels, config,
                 {p + block * ldp, ldp, args.v + first, args.ldv, args.o + block * args.ldo + first, args.ldo,
                  end - block, problem.nc, problem.d - first});
  }
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy two_pass_strategy = {.id = SVETUNE_TWO_PASS,
                                              .name = "two_pass",
                                              .summary = "first tile fused with P stored, then GEMM of the rest",
                                              .may_win = true,
                                              .axes = kAxes,
                                              .constraints = kConstraints,
                                              .workspace_bytes = workspace,
                                              .run = run,
                                              .operations = kExp2GemmOperations,
                                              .calls = kCallsGemm | kCallsFused};

}  // namespace svetune
