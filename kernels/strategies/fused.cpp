// fused: exp2 of one vector of nc a row in registers, broadcast from there into the GEMM; P is never stored. With more
// than one column tile exp2 is computed once a tile.
#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

constexpr AxisUse kAxes[] = {kExp2Axis, kMrAxis, kNrAxis, kOrderAxis};
constexpr Constraint kConstraints[] = {kAccuracy, kFusedExp2, kFusedRegisters, kOrder};

// Scratch for the vector of k that is not full, and for row sums.
[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem&, const svetune_config& config) {
  return config.mr >= 1 && config.mr <= kMaxTileRows ? workspace_size(2 * static_cast<std::int64_t>(config.mr), 16) : 0;
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  if (!has_fused(kernels, config)) return SVETUNE_BAD_CONFIGURATION;
  auto* const scratch = static_cast<float*>(args.workspace);
  const std::int64_t width = config.nr * static_cast<std::int64_t>(kernels.lanes);
  const std::int64_t height = config.mr;
  const bool rows_outside = config.order == SVETUNE_ORDER_ROWS;
  const std::int64_t outer_end = rows_outside ? problem.m : problem.d;
  const std::int64_t inner_end = rows_outside ? problem.d : problem.m;
  const std::int64_t outer_step = rows_outside ? height : width;
  const std::int64_t inner_step = rows_outside ? width : height;
  for (std::int64_t outer = 0; outer < outer_end; outer += outer_step) {
    for (std::int64_t inner = 0; inner < inner_end; inner += inner_step) {
      const std::int64_t row = rows_outside ? outer : inner;
      const std::int64_t column = rows_outside ? inner : outer;
      const std::int64_t rows = problem.m - row < height ? problem.m - row : height;
      const std::int64_t n = problem.d - column < width ? problem.d - column : width;
      fused_tile(kernels, config, problem, args, {row, rows, column, n, scratch, 16, false, scratch + height * 16});
    }
  }
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy fused_strategy = {.id = SVETUNE_FUSED,
                                           .name = "fused",
                                           .summary = "exp2 in registers, broadcast into the GEMM; P is never stored",
                                           .may_win = true,
                                           .axes = kAxes,
                                           .constraints = kConstraints,
                                           .workspace_bytes = workspace,
                                           .run = run,
                                           .operations = kExp2GemmOperations,
                                           .calls = kCallsFused};

}  // namespace svetune
