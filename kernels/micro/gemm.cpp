// GEMM register tiles: o[mr x n] += p[mr x k] * v[k x n], accumulators loaded straight from o.
//
// Per k: nr LD1W of v's row, mr LD1RW of p's column, mr*nr FMLA. Error: sums in order of k with one rounding a term,
// at most k * 2^-24 * (|o| + sum |p v|).
#include <utility>

#include "micro/tables.hpp"
#include "micro/vector.hpp"
#include "micro/wanted.hpp"

namespace svetune {
namespace sve {
namespace {

template <int kRows, int kVectors>
struct Tile {
  Vector at[kRows][kVectors];
};

// Tiles that leave one register for P's column. A compiler that is free to load several rows ahead spills accumulators.
[[maybe_unused]] constexpr bool keeps_order(int mr, int nr) {
  return mr * nr + nr + 3 > kVectorRegisters;
}

// sum[j] += p * b[j], in this order whatever the compiler's scheduler thinks of it.
template <int kVectors>
[[gnu::always_inline]] inline void multiply_in_order(Vector (&sum)[kVectors], const float* p,
                                                     const Vector (&b)[kVectors]) {
  svfloat32_t a;
  asm volatile("ld1rw {%0.s}, %1/z, [%2]" : "=w"(a) : "Upl"(svptrue_b32()), "r"(p), "m"(*p));
#pragma GCC unroll 16
  for (std::size_t j = 0; j < kVectors; ++j) {
    svfloat32_t next = sum[j];
    asm volatile("fmla %0.s, %1/m, %2.s, %3.s" : "+w"(next) : "Upl"(svptrue_b32()), "w"(a), "w"(svfloat32_t(b[j])));
    sum[j] = next;
  }
}

template <int kRows, int kVectors>
inline void multiply(Tile<kRows, kVectors>& sum, const float* const (&row)[kRows], std::size_t k, const float* v,
                     std::size_t n) {
  Vector b[kVectors];
#pragma GCC unroll 16
  for (std::size_t j = 0; j < kVectors; ++j) b[j] = svld1_f32(lanes_below(j, n), v + j * kLanes);
  if constexpr (keeps_order(kRows, kVectors)) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) multiply_in_order(sum.at[i], row[i] + k, b);
  } else {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kRows; ++i) {
      const Vector a = svdup_f32(row[i][k]);
#pragma GCC unroll 16
      for (std::size_t j = 0; j < kVectors; ++j) sum.at[i][j] = svmla_f32_x(svptrue_b32(), sum.at[i][j], a, b[j]);
    }
  }
}

template <int kRows, int kVectors, int kUnroll>
void gemm_tile(const float* p, std::ptrdiff_t ldp, const float* v, std::ptrdiff_t ldv, float* o, std::ptrdiff_t ldo,
               std::size_t k, std::size_t n) {
  Tile<kRows, kVectors> sum;
  const float* row[kRows];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto line = static_cast<std::ptrdiff_t>(i);
    row[i] = p + line * ldp;
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kVectors; ++j) sum.at[i][j] = svld1_f32(lanes_below(j, n), o + line * ldo + j * kLanes);
  }
  for (; k >= kUnroll; k -= kUnroll) {
    if constexpr (keeps_order(kRows, kVectors)) {
#pragma GCC unroll 16
      for (std::size_t u = 0; u < kUnroll; ++u, v += ldv) multiply(sum, row, u, v, n);
    } else {
      for (std::size_t u = 0; u < kUnroll; ++u, v += ldv) multiply(sum, row, u, v, n);
    }
    for (auto& pointer : row) {
      pointer += kUnroll;
      asm("" : "+r"(pointer));  // one ADD a row: as an index it would cost a shift and an addition a row
    }
  }
  if constexpr (kUnroll > 1) {
    for (; k != 0; --k, v += ldv) {
      multiply(sum, row, 0, v, n);
      for (auto& pointer : row) ++pointer;
    }
  }
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (std::size_t j = 0; j < kVectors; ++j)
      svst1_f32(lanes_below(j, n), o + static_cast<std::ptrdiff_t>(i) * ldo + j * kLanes, sum.at[i][j]);
  }
}

template <int kRows, int kVectors>
constexpr void add_tile(GemmTable& table) {
  if constexpr (gemm_tile_fits(kRows, kVectors)) {
    if constexpr (wanted("gemm", kRows, kVectors, 1)) table[kRows][kVectors][0] = gemm_tile<kRows, kVectors, 1>;
    if constexpr (wanted("gemm", kRows, kVectors, 2)) table[kRows][kVectors][1] = gemm_tile<kRows, kVectors, 2>;
    if constexpr (wanted("gemm", kRows, kVectors, 4)) table[kRows][kVectors][2] = gemm_tile<kRows, kVectors, 4>;
  }
}

template <std::size_t... kTiles>
constexpr GemmTable all_tiles(std::index_sequence<kTiles...>) {
  GemmTable table{};
  (add_tile<kTiles / kMaxTileVectors + 1, kTiles % kMaxTileVectors + 1>(table), ...);
  return table;
}

}  // namespace
}  // namespace sve

template <>
constinit const GemmTable Tables<sve::kBits>::gemm =
    sve::all_tiles(std::make_index_sequence<kMaxTileRows * kMaxTileVectors>{});

}  // namespace svetune
