// The table of micro-kernels of one vector length: all that a strategy knows of the processor. Portable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "micro/chain.hpp"
#include "micro/interleaved.hpp"
#include "micro/panels.hpp"
#include "svetune/kernels.h"

namespace svetune {

inline constexpr int kMaxTileRows = 12;
inline constexpr int kMaxTileVectors = 6;
inline constexpr int kVectorRegisters = 32;

// p[0..n) = exp2(s[0..n) * scale - max). Any n >= 1, no alignment. Bounds: micro/exp2_core.hpp. Returns the sum of p
// where the table says so, else nothing of use.
using Exp2Row = float (*)(const float* s, float* p, std::size_t n, float scale, float max);

// o[mr x n] += p[mr x k] * v[k x n], for a tile of mr rows and nr vectors; 1 <= n <= nr * lanes, k >= 1.
using GemmTile = void (*)(const float* p, std::ptrdiff_t ldp, const float* v, std::ptrdiff_t ldv, float* o,
                          std::ptrdiff_t ldo, std::size_t k, std::size_t n);

// Operands of a fused tile. k is a multiple of the vector length in floats, and every max is ordinary (below).
struct FusedOperands {
  const float* s;
  std::ptrdiff_t lds;
  const float* max;
  float scale;
  float* p;  // null: P is not stored
  std::ptrdiff_t ldp;
  const float* v;
  std::ptrdiff_t ldv;
  float* o;
  std::ptrdiff_t ldo;
  std::size_t k, n;
  float* row_sum;  // null: no sums; else mr values, to which the sums of P's rows are added
  float* partial;  // scratch for them, 16 floats a row
};
// o[mr x n] += exp2(s * scale - max) * v, with P broadcast from registers.
using FusedTile = void (*)(const FusedOperands& operands);

// Softmax of rows whose nc comes in blocks: the running maximum is the largest s * scale so far, rounded up to a whole
// number, so that rescaling is by powers of two and exact. Where all s * scale are below kMasked it is 0, P is 0, and
// so is the sum. (The product that a float holds is off by 2^-24: beyond 2^30 exp2 of its distance means nothing.)
inline constexpr float kMasked = -0x1p30F;
struct SoftmaxRows {
  const float* s;  // the block, rows x n
  std::ptrdiff_t lds;
  std::size_t n;
  float scale;
  std::int64_t rows;
  float *max, *sum;  // of each row
  float* o;          // rows x d
  std::ptrdiff_t ldo;
  std::size_t d;
};
struct SoftmaxKernels {
  void (*begin)(const SoftmaxRows& rows);  // o = sum = 0
  void (*raise)(const SoftmaxRows& rows);  // max for this block too; o and sum are rescaled
  void (*add_sums)(const float* p, std::ptrdiff_t ldp, std::int64_t rows, std::size_t n, float* sum);
  void (*normalise)(const SoftmaxRows& rows);  // o /= sum, 0 where that is 0; sums are no longer
};

// to[rows x n] = v[rows x n], rows of `to` without a gap and as long as the vectors that the table says: 1 <= lanes <=
// floats in a vector are in the last one, and zeros behind them.
using PackV = void (*)(const float* v, std::ptrdiff_t ldv, float* to, std::int64_t rows, std::int64_t lanes);
using PackTable = std::array<PackV, kMaxPanelVectors + 1>;

struct StudyKernels;                                                   // micro/study.hpp
inline constexpr std::size_t kExp2Methods = 5;                         // svetune_exp2 - 1
using Exp2Methods = std::array<std::array<Exp2Row, 4>, kExp2Methods>;  // method, log2 unroll

struct MicroKernels {
  unsigned vector_bits = 0;
  std::size_t lanes = 0;              // floats in a vector
  std::array<Exp2Methods, 2> exp2{};  // without and with the sum
  std::array<std::array<std::array<GemmTile, 3>, kMaxTileVectors + 1>, kMaxTileRows + 1>
      gemm{};  // rows, vectors, log2 unroll
  std::array<std::array<std::array<FusedTile, kMaxTileVectors + 1>, kMaxTileRows + 1>, kExp2Methods>
      fused{};  // method, rows, vectors
  SoftmaxKernels softmax{};
  PackTable pack{};                     // vectors
  const StudyKernels* study = nullptr;  // 512 bits alone
  const PanelTable* panels = nullptr;   // generated; the same for every length
  ChainKernels chain{};
  InterleavedKernels interleaved{};
};

// Index of a power of two in a table of unrolls; -1 for any other number.
constexpr int unroll_index(std::int32_t unroll) {
  switch (unroll) {
    case 1:
      return 0;
    case 2:
      return 1;
    case 4:
      return 2;
    case 8:
      return 3;
    default:
      return -1;
  }
}

// The coarsest accuracy that a method of exp2 reaches; FULL where there is none (P is given).
constexpr std::int32_t accuracy_of(std::int32_t exp2) {
  switch (exp2) {
    case SVETUNE_EXP2_STUDY:
    case SVETUNE_EXP2_TABLE:
      return SVETUNE_ACCURACY_LOW;
    case SVETUNE_EXP2_SQUARE:
      return SVETUNE_ACCURACY_HIGH;
    case SVETUNE_EXP2_DEGREE1:
      return SVETUNE_ACCURACY_MEDIUM;
    default:
      return SVETUNE_ACCURACY_FULL;
  }
}

// Accumulators, one row of V and a register for P's column must fit.
constexpr bool gemm_tile_fits(int mr, int nr) {
  return mr >= 1 && nr >= 1 && mr <= kMaxTileRows && nr <= kMaxTileVectors && mr * nr + nr + 1 <= kVectorRegisters;
}

// A fused tile also holds a vector of P a row, and exp2 needs nine registers while nothing of V is held.
constexpr bool fused_tile_fits(int mr, int nr) {
  return mr >= 1 && nr >= 1 && mr <= kMaxTileRows && nr <= kMaxTileVectors &&
         mr * nr + mr + (nr + 1 > 9 ? nr + 1 : 9) <= kVectorRegisters;
}

// A maximum whose distance to FEXPA's shift constant is exact once it is rounded to 1/64. Rows with any other one
// (masked rows marked with -1e30, infinities, NaN) take exact scalar code.
inline constexpr float kLargestMax = Exp2Literals{}.largest;
constexpr bool ordinary_row(float scale, float max) {
  return max >= -kLargestMax && max <= kLargestMax && scale - scale == 0.0F;
}

// The kernels of a vector length, or nullptr.
const MicroKernels* micro_kernels(unsigned vector_bits);

}  // namespace svetune
