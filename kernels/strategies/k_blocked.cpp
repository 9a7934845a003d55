// k_blocked: exp2 of a block of k of all rows into a small buffer, then the GEMM of that block over all tiles.
#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

// Vectors times 2^i and 3 * 2^i, shorter than nc: a block of all of nc is `separate`.
Values k_block_values(const Target& target) {
  Values values;
  const auto lanes = static_cast<std::int32_t>(target.vector_bits / 32);
  for (std::int64_t block = lanes; block < target.problem.shape.nc && block <= 1 << 20; block *= 2) {
    values.push_back(static_cast<std::int32_t>(block));
    if (block > lanes && block / 2 * 3 < target.problem.shape.nc)
      values.push_back(static_cast<std::int32_t>(block / 2 * 3));
  }
  return values;
}

bool k_block_holds(const Target& target, const svetune_config& config) {
  return config.k_block >= 1 && config.k_block < target.problem.shape.nc;
}

bool in_flight_holds(const Target& target, const svetune_config& config) {
  return config.exp2_unroll == 1 ||
         config.exp2_unroll * static_cast<std::int64_t>(target.vector_bits / 32) <= config.k_block;
}

constexpr AxisUse kAxes[] = {kExp2Axis,    {"exp2_unroll", exp2_unroll_values, 1}, kMrAxis,   kNrAxis,
                             kKUnrollAxis, {"k_block", k_block_values, 32},        kOrderAxis};
constexpr Constraint kConstraints[] = {
    kAccuracy,
    kExp2Unroll,
    kGemmRegisters,
    kKUnroll,
    {"k_block", "1 to nc - 1 (a block of all of nc is strategy=separate)", k_block_holds},
    {"in_flight", "exp2_unroll vectors must not exceed a block", in_flight_holds},
    kOrder};

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config& config) {
  return workspace_size(problem.m, block_length(problem, config));
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  const Exp2Row exp2 = find_exp2(kernels, problem, config);
  if (exp2 == nullptr || !has_gemm(kernels, config)) return SVETUNE_BAD_CONFIGURATION;
  const std::int64_t block = block_length(problem, config);
  auto* const p = static_cast<float*>(args.workspace);
  const std::ptrdiff_t ldp = workspace_stride(block);
  for (std::int64_t k = 0; k < problem.nc; k += block) {
    const std::int64_t length = problem.nc - k < block ? problem.nc - k : block;
    exp2_rows(exp2, {args.s + k, args.lds, args.max, args.scale, p, ldp, row_sums(problem, args)}, problem.m, length);
    gemm_tiles(kernels, config,
               {p, ldp, args.v + k * args.ldv, args.ldv, args.o, args.ldo, problem.m, length, problem.d});
  }
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy k_blocked_strategy = {.id = SVETUNE_K_BLOCKED,
                                               .name = "k_blocked",
                                               .summary = "exp2 of a block of nc, then its GEMM over all tiles",
                                               .may_win = true,
                                               .axes = kAxes,
                                               .constraints = kConstraints,
                                               .workspace_bytes = workspace,
                                               .run = run,
                                               .operations = kExp2GemmOperations,
                                               .calls = kCallsGemm};

}  // namespace svetune
