// GEMM panels: the generated micro-kernels (kernels/generator). Portable; the same code serves every vector length.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "svetune/kernels.h"

namespace svetune {

inline constexpr int kMaxPanelRows = 8;
inline constexpr int kMaxPanelVectors = 6;
inline constexpr int kMaxPanelSets = 3;

// Code of o[blocks*mr x n] += p[blocks*mr x k] * v[k x n], for (nr - 1) * lanes < n <= nr * lanes: a link of a chain
// (micro/chain.hpp), which is not a function to be called.
// Error: sums in order of k, in as many partial sums as the panel has sets, one rounding a term.
using Panel = void (*)();

// `behind_exp2`: the same, begun beside the end of exp2 of a block of four rows; null where there is no such code.
struct PanelCode {
  Panel code = nullptr, behind_exp2 = nullptr;
};

// Unroll of k (8, 16), order (svetune_fma_order less one).
inline constexpr std::size_t kPanelOrders = 3;
using PanelVariants = std::array<std::array<PanelCode, kPanelOrders>, 2>;
// Rows, vectors, accumulator sets less one.
using PanelTable =
    std::array<std::array<std::array<PanelVariants, kMaxPanelSets>, kMaxPanelVectors + 1>, kMaxPanelRows + 1>;

extern const PanelTable kPanelTable;  // generated

constexpr int panel_unroll_index(int unroll) {
  return unroll == 8 ? 0 : unroll == 16 ? 1 : -1;
}

// Accumulators of all sets, a row of v and at least two registers for p's column must fit.
constexpr bool panel_fits(int rows, int vectors, int sets) {
  const int operands = vectors + (rows < 2 ? rows : 2);
  return rows >= 1 && rows <= kMaxPanelRows && vectors >= 1 && vectors <= kMaxPanelVectors &&
         rows * vectors * sets + operands <= 32;
}

// Sets that a panel has where at most `most` are asked for: K is split as long as fewer than 20 accumulators hide the
// latency and the further set leaves room for the operands.
constexpr int panel_sets(int rows, int vectors, int most) {
  int sets = 1;
  while (sets < most && sets < kMaxPanelSets && rows * vectors * sets < 20 && rows * vectors * (sets + 1) <= 28 &&
         panel_fits(rows, vectors, sets + 1))
    ++sets;
  return sets;
}

// Whether a tile has code that goes over it column by column, which keeps a column of p and shares at least two
// registers for v: of one set of accumulators alone, and not where there is one row or one column.
constexpr bool panel_has_columns(int rows, int vectors, int sets) {
  return sets == 1 && rows >= 2 && vectors >= 2 && panel_fits(rows, vectors, 1) && rows * vectors + rows + 2 <= 32;
}

// Whether a tile has code whose row blocks go over k upwards and downwards in turn, which takes two rows' registers.
constexpr bool panel_has_zigzag(int rows, int vectors, int sets, int unroll) {
  constexpr int kMostRows = 6;
  return sets == 1 && rows <= kMostRows && unroll == 16 && panel_fits(rows, vectors, 1);
}

// The order asked for where a tile has code for it, else by rows.
constexpr std::int32_t panel_order(std::int32_t fma_order, int rows, int vectors, int sets, int unroll) {
  const bool known = (fma_order == SVETUNE_FMA_ORDER_COLUMNS && panel_has_columns(rows, vectors, sets)) ||
                     (fma_order == SVETUNE_FMA_ORDER_ZIGZAG && panel_has_zigzag(rows, vectors, sets, unroll));
  return known ? fma_order : SVETUNE_FMA_ORDER_ROWS;
}

// Vectors of a tile of few rows: as many as give it 20 accumulators, where there can be so many.
constexpr int panel_full_vectors(int rows) {
  constexpr int kAccumulators = 20;
  int vectors = 1;
  while (vectors < kMaxPanelVectors && rows * vectors < kAccumulators && panel_fits(rows, vectors + 1, 1)) ++vectors;
  return vectors;
}

// Rows of a tile that is narrower than those of mr rows: as many as give it 24 accumulators at most, at least mr.
constexpr int panel_tall_rows(int mr, int vectors) {
  constexpr int kAccumulators = 24;
  int rows = mr;
  while (rows < kMaxPanelRows && (rows + 1) * vectors <= kAccumulators && panel_fits(rows + 1, vectors, 1)) ++rows;
  return rows;
}

}  // namespace svetune
