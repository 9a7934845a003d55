// What strategies share: values and constraints of axes, workspace layout, and the loops over register tiles.
//
// Code that runs within svetune_run carries [[gnu::section(".svetune_text")]]: the tuner traces that section, and
// nothing in it may call code outside it (no library calls, no std containers).
#pragma once

#include <cstddef>
#include <cstdint>

#include "micro/micro_kernels.hpp"
#include "space/configuration.hpp"

namespace svetune {

// Axes, as every strategy that has them uses them.
Values exp2_values(const Target& target);
Values exp2_unroll_values(const Target& target);
Values mr_values(const Target& target);
Values nr_values(const Target& target);
Values k_unroll_values(const Target& target);
Values block_values(const Target& target);  // 0: all of nc
Values order_values(const Target& target);

inline constexpr AxisUse kExp2Axis = {"exp2", exp2_values, SVETUNE_EXP2_FEXPA};
inline constexpr AxisUse kExp2UnrollAxis = {"exp2_unroll", exp2_unroll_values, 4};
inline constexpr AxisUse kMrAxis = {"mr", mr_values, 4};
inline constexpr AxisUse kNrAxis = {"nr", nr_values, 4};
inline constexpr AxisUse kKUnrollAxis = {"k_unroll", k_unroll_values, 1};
inline constexpr AxisUse kKBlockAxis = {"k_block", block_values, 0};
inline constexpr AxisUse kOrderAxis = {"order", order_values, SVETUNE_ORDER_ROWS};

bool accuracy_holds(const Target& target, const svetune_config& config);
bool exp2_unroll_holds(const Target& target, const svetune_config& config);
bool gemm_tile_holds(const Target& target, const svetune_config& config);
bool fused_tile_holds(const Target& target, const svetune_config& config);
bool fused_exp2_holds(const Target& target, const svetune_config& config);
bool k_unroll_holds(const Target& target, const svetune_config& config);
bool block_holds(const Target& target, const svetune_config& config);
bool order_holds(const Target& target, const svetune_config& config);

inline constexpr Constraint kAccuracy = {"accuracy",
                                         "the exp2 method must reach the problem's accuracy (square: high or coarser, "
                                         "degree1: medium or low, table and study: low)",
                                         accuracy_holds};
inline constexpr Constraint kExp2Unroll = {"exp2_unroll", "1, 2, 4 or 8", exp2_unroll_holds};
inline constexpr Constraint kGemmRegisters = {
    "registers", "mr 1..12, nr 1..6, and accumulators and operands must fit 32 vector registers", gemm_tile_holds};
inline constexpr Constraint kFusedRegisters = {
    "registers", "accumulators, a vector of P a row and exp2's operands must fit 32 vector registers",
    fused_tile_holds};
inline constexpr Constraint kFusedExp2 = {"exp2", "fused tiles have no square form (it is no shorter than fexpa)",
                                          fused_exp2_holds};
inline constexpr Constraint kKUnroll = {"k_unroll", "1, 2 or 4", k_unroll_holds};
inline constexpr Constraint kKBlock = {"k_block", "0 (all of nc), or 1 to nc - 1", block_holds};
inline constexpr Constraint kOrder = {"order", "rows or columns", order_holds};

// exp2_gemm, with and without row sums.
inline constexpr std::uint32_t kExp2GemmOperations =
    operation_bit(SVETUNE_EXP2_GEMM) | operation_bit(SVETUNE_EXP2_GEMM_SUMS);

// Elements of nc that a block has: k_block, or all of nc.
constexpr std::int64_t block_length(const svetune_problem& problem, const svetune_config& config) {
  return config.k_block > 0 && config.k_block < problem.nc ? config.k_block : problem.nc;
}

// Strategy::run of a strategy that prepares.
template <auto kPrepare>
[[gnu::section(".svetune_text")]] svetune_status run_prepared(const MicroKernels& kernels,
                                                              const svetune_problem& problem,
                                                              const svetune_config& config, const svetune_args& args) {
  PreparedState state;
  const svetune_status status = kPrepare(kernels, problem, config, state);
  return status == SVETUNE_OK ? state.call(state.data.data(), &args) : status;
}

// Rows of P in the workspace start at multiples of 64 bytes, so that a vector store never splits.
constexpr std::ptrdiff_t workspace_stride(std::int64_t columns) {
  return static_cast<std::ptrdiff_t>((columns + 15) / 16 * 16);
}
// SIZE_MAX where no memory can hold it.
constexpr std::size_t workspace_size(std::int64_t rows, std::int64_t columns) {
  std::size_t bytes = 0;
  const std::size_t row_bytes = static_cast<std::size_t>(workspace_stride(columns)) * sizeof(float);
  return __builtin_mul_overflow(static_cast<std::size_t>(rows), row_bytes, &bytes) ? SIZE_MAX : bytes;
}

// The kernels that a configuration names: nullptr, or false, where the table has none.
Exp2Row find_exp2(const MicroKernels& kernels, const svetune_problem& problem, const svetune_config& config);
bool has_gemm(const MicroKernels& kernels, const svetune_config& config);
bool has_fused(const MicroKernels& kernels, const svetune_config& config);

// rows x n of P from S; each pointer at its first row.
struct Exp2Operands {
  const float* s;
  std::ptrdiff_t lds;
  const float* max;
  float scale;
  float* p;
  std::ptrdiff_t ldp;
  float* row_sum;  // null: no sums; else each row's sum is added to its element
};
// What a problem wants of the sums: args.row_sum, or null.
constexpr float* row_sums(const svetune_problem& problem, const svetune_args& args) {
  return problem.operation == SVETUNE_EXP2_GEMM_SUMS ? args.row_sum : nullptr;
}
void exp2_rows(Exp2Row exp2, const Exp2Operands& operands, std::int64_t rows, std::int64_t n);

// o[m x n] += p[m x k] * v[k x n] by tiles of mr x nr, in the order that the configuration names. Edges take smaller
// tiles.
struct GemmOperands {
  const float* p;
  std::ptrdiff_t ldp;
  const float* v;
  std::ptrdiff_t ldv;
  float* o;
  std::ptrdiff_t ldo;
  std::int64_t m, k, n;
};
void gemm_tiles(const MicroKernels& kernels, const svetune_config& config, const GemmOperands& operands);

// One fused tile: `rows` rows from `row`, `n` columns from `column`, all of nc. `p` is P's first row of the tile and is
// written where `store` says so; otherwise it is scratch of 16 floats a row, for what the fused kernel does not take.
struct FusedPlace {
  std::int64_t row, rows, column, n;
  float* p;
  std::ptrdiff_t ldp;
  bool store;
  float* partial;  // scratch of 16 floats a row, for row sums
};
void fused_tile(const MicroKernels& kernels, const svetune_config& config, const svetune_problem& problem,
                const svetune_args& args, const FusedPlace& place);

}  // namespace svetune
