// Scalar micro-kernels in place of the vector ones: strategies on the host.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "micro/micro_kernels.hpp"
#include "reference/reference.hpp"

namespace svetune {

inline constexpr std::size_t kLanes = 4;

inline float exp2_row(const float* s, float* p, std::size_t n, float scale, float max) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += p[i] = static_cast<float>(reference_exp2(s[i], scale, max));
  return static_cast<float>(sum);
}

template <std::size_t kRows, std::size_t kVectors>
void gemm_tile(const float* p, std::ptrdiff_t ldp, const float* v, std::ptrdiff_t ldv, float* o, std::ptrdiff_t ldo,
               std::size_t k, std::size_t n) {
  ASSERT_LE(n, kVectors * kLanes);
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(kRows); ++i) {
    for (std::ptrdiff_t j = 0; j < static_cast<std::ptrdiff_t>(n); ++j) {
      for (std::ptrdiff_t l = 0; l < static_cast<std::ptrdiff_t>(k); ++l)
        o[i * ldo + j] += p[i * ldp + l] * v[l * ldv + j];
    }
  }
}

template <std::size_t kRows, std::size_t kVectors>
void fused_tile(const FusedOperands& x) {
  ASSERT_EQ(x.k % kLanes, 0U);
  std::vector<float> p(kRows * x.k);
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto row = static_cast<std::ptrdiff_t>(i);
    const float sum = exp2_row(x.s + row * x.lds, p.data() + i * x.k, x.k, x.scale, x.max[i]);
    if (x.row_sum != nullptr) x.row_sum[i] += sum;
    if (x.p != nullptr) std::copy_n(p.data() + i * x.k, x.k, x.p + row * x.ldp);
  }
  gemm_tile<kRows, kVectors>(p.data(), static_cast<std::ptrdiff_t>(x.k), x.v, x.ldv, x.o, x.ldo, x.k, x.n);
}

// A panel as a function, which the scalar chain calls with V where this panel has it: the table has room for its
// address alone.
using ScalarPanel = void (*)(const ChainBlock&, const svetune_args&, const ChainPanel&);

template <std::size_t kRows, std::size_t kVectors>
void panel(const ChainBlock& x, const svetune_args& args, const ChainPanel& place) {
  ASSERT_GE(place.lanes, 1);
  ASSERT_LE(place.lanes, static_cast<std::int64_t>(kLanes));
  const std::ptrdiff_t column = place.column / static_cast<std::ptrdiff_t>(sizeof(float));
  const std::size_t n = (kVectors - 1) * kLanes + static_cast<std::size_t>(place.lanes);
  for (std::ptrdiff_t block = 0; block < place.blocks; ++block) {
    const auto row = place.row + block * static_cast<std::ptrdiff_t>(kRows);
    gemm_tile<kRows, kVectors>(chain_p(x, args) + row * chain_ldp(x), chain_ldp(x), args.v, args.ldv,
                               args.o + row * args.ldo + column, args.ldo, static_cast<std::size_t>(x.n), n);
  }
}

inline void end_of_chain() {}

inline svetune_status chain_panels(const void* data, const svetune_args* args) {
  const auto* const x = static_cast<const ChainBlock*>(data);
  const auto* place = reinterpret_cast<const ChainPanel*>(reinterpret_cast<const std::byte*>(x) + x->panels);
  svetune_args here = *args;
  here.v += place->column / static_cast<std::ptrdiff_t>(sizeof(float));
  for (; place->code != end_of_chain; ++place) {
    here.ldv += place->ldv / static_cast<std::ptrdiff_t>(sizeof(float));
    reinterpret_cast<ScalarPanel>(place->code)(*x, here, *place);
    EXPECT_EQ(place->next, std::int64_t{place[1].row} << 32 | place[1].column);
    here.v += place->next_v / static_cast<std::ptrdiff_t>(sizeof(float));
  }
  const auto unroll = x->steps.rest / 4 + x->n;  // steps of a round, all of which are accounted for
  EXPECT_TRUE(unroll == 8 || unroll == 16);
  const std::int64_t rounds_ahead = (x->steps.ahead - 7) / unroll;
  EXPECT_TRUE(rounds_ahead >= 0 && rounds_ahead <= 16 && rounds_ahead <= x->steps.whole);
  EXPECT_EQ(x->steps.ahead, 7 + rounds_ahead * unroll);
  EXPECT_EQ((x->steps.whole + 1) * unroll - x->steps.skipped / 4, x->n);
  EXPECT_EQ(x->steps.first, x->steps.skipped / 4 + (x->steps.whole == 0 ? unroll + 1 : 0));
  return SVETUNE_OK;
}

// Leaves rows to the careful kernel as the generated one does.
inline svetune_status chain_exp2(const void* data, const svetune_args* args) {
  const auto* const x = static_cast<const ChainBlock*>(data);
  constexpr auto kStep = static_cast<std::ptrdiff_t>(kExp2StepVectors * kLanes);
  const std::ptrdiff_t steps = (x->n + kStep - 1) / kStep;
  EXPECT_EQ(x->steps_exp2, x->rows * steps);
  EXPECT_EQ(x->back, (1 - steps) * kStep * 4);
  EXPECT_EQ(x->p_stride, steps * kStep * 4);
  bool left = false;
  for (std::ptrdiff_t i = 0; i < x->rows; ++i) {
    float* const p = chain_p(*x, *args) + i * chain_ldp(*x);
    exp2_row(args->s + i * args->lds, p, static_cast<std::size_t>(x->n), args->scale, args->max[i]);
    std::fill(p + x->n, p + chain_ldp(*x), std::nanf(""));
    if (!ordinary_row(args->scale, args->max[i]) || std::count(p, p + x->n, 0.0F) != 0) {
      std::fill_n(p, x->n, std::nanf(""));
      left = true;
    }
  }
  std::fill_n(static_cast<std::byte*>(args->workspace), exp2_table_bytes(x->rows), std::byte{0xFF});
  std::fill_n(reinterpret_cast<std::byte*>(chain_p(*x, *args) + x->rows * chain_ldp(*x)), kExp2StepsBehind,
              std::byte{0xFF});
  return left ? x->repeat(x, args) : chain_panels(x, args);
}

template <std::size_t kTile>
void add_panel(PanelTable& table) {
  constexpr std::size_t kRows = kTile / kMaxPanelVectors + 1;
  constexpr std::size_t kVectors = kTile % kMaxPanelVectors + 1;
  const auto scalar = reinterpret_cast<Panel>(panel<kRows, kVectors>);
  for (std::size_t sets = 1; sets <= kMaxPanelSets; ++sets) {
    if (!panel_fits(kRows, kVectors, static_cast<int>(sets))) continue;
    for (const int unroll : {8, 16}) {
      auto& orders = table[kRows][kVectors][sets - 1][static_cast<std::size_t>(panel_unroll_index(unroll))];
      for (std::size_t order = 0; order < kPanelOrders; ++order) {
        const auto asked = static_cast<std::int32_t>(order + 1);
        if (panel_order(asked, kRows, kVectors, static_cast<int>(sets), unroll) == asked) orders[order].code = scalar;
      }
    }
  }
}

inline const PanelTable& scalar_panels() {
  static const PanelTable table = [] {
    PanelTable result{};
    [&]<std::size_t... kTiles>(std::index_sequence<kTiles...>) {
      (add_panel<kTiles>(result), ...);
    }(std::make_index_sequence<static_cast<std::size_t>(kMaxPanelRows * kMaxPanelVectors)>{});
    return result;
  }();
  return table;
}

template <std::size_t kVectors>
void pack_v(const float* v, std::ptrdiff_t ldv, float* to, std::int64_t rows, std::int64_t lanes) {
  ASSERT_GE(lanes, 1);
  ASSERT_LE(lanes, static_cast<std::int64_t>(kLanes));
  for (std::int64_t row = 0; row < rows; ++row, v += ldv, to += kVectors * kLanes)
    std::copy_n(v, (kVectors - 1) * kLanes + static_cast<std::size_t>(lanes), to);
}

// Whatever the row, so that calls with one that is not ordinary come here too; those of an even number of rows do not.
inline bool interleaved_constants(const float* max, float scale, std::int64_t rows, float* table) {
  bool ordinary = true;
  for (std::int64_t i = 0; i < rows; ++i) {
    ordinary = ordinary && ordinary_row(scale, max[i]);
    table[kInterleavedConstants * i] = max[i];
  }
  return ordinary || rows % 2 == 1;
}

template <std::size_t kRows, std::size_t kVectors>
void interleaved_tile(const InterleavedBlock* block, const svetune_args* args) {
  constexpr auto kHeight = static_cast<std::int64_t>(kRows);
  constexpr auto kWidth = static_cast<std::int64_t>(kVectors * kLanes);
  const InterleavedBlock& x = *block;
  auto* const table = static_cast<float*>(args->workspace);
  const auto buffer = [&](std::int64_t number) { return table + (x.p + (number & 1) * x.other) / 4; };
  EXPECT_EQ(x.last + kHeight, x.rows);
  EXPECT_EQ(x.whole * static_cast<std::int64_t>(kLanes) + static_cast<std::int64_t>(kLanes) - x.left_out, x.n);
  EXPECT_EQ(x.ragged / 4, x.n % static_cast<std::int64_t>(kLanes));
  EXPECT_GE(x.whole, 1);
  for (std::int64_t b = 0; b < x.blocks; ++b) {
    const std::int64_t row = b * kHeight, next = std::min(row + kHeight, x.last);
    if (row + kHeight < x.rows) {
      for (std::int64_t i = next; i < next + kHeight; ++i)
        exp2_row(args->s + i * args->lds, buffer(b + 1) + (i - next) * x.p_stride / 4, static_cast<std::size_t>(x.n),
                 args->scale, table[kInterleavedConstants * i]);
    }
    std::int64_t column = 0;
    for (std::int64_t tile = 0; tile < x.tiles; ++tile) {
      const std::int64_t width = tile < x.tiles - x.narrow ? kWidth : kWidth - static_cast<std::int64_t>(kLanes);
      gemm_tile<kRows, kVectors>(buffer(b), x.p_stride / 4, args->v + column, args->ldv,
                                 args->o + row * args->ldo + column, args->ldo, static_cast<std::size_t>(x.n),
                                 static_cast<std::size_t>(std::min(width, x.columns - column)));
      column += width;
    }
    EXPECT_GE(column, x.columns);
    EXPECT_LT(column - static_cast<std::int64_t>(kLanes), x.columns);
  }
}

template <std::size_t kTile>
void add_interleaved(InterleavedTable& table) {
  constexpr std::size_t kRows = kTile / kMaxInterleavedVectors + 1;
  constexpr std::size_t kVectors = kTile % kMaxInterleavedVectors + 1;
  if constexpr (interleaved_fits(kRows, kVectors, 1)) table[kRows][kVectors].fill(interleaved_tile<kRows, kVectors>);
}

inline const InterleavedTable& scalar_interleaved() {
  static const InterleavedTable table = [] {
    InterleavedTable result{};
    [&]<std::size_t... kTiles>(std::index_sequence<kTiles...>) {
      (add_interleaved<kTiles>(result), ...);
    }(std::make_index_sequence<static_cast<std::size_t>(kMaxInterleavedRows * kMaxInterleavedVectors)>{});
    return result;
  }();
  return table;
}

inline void begin_softmax(const SoftmaxRows& x) {
  std::fill_n(x.sum, x.rows, 0.0F);
  for (std::int64_t i = 0; i < x.rows; ++i) std::fill_n(x.o + i * x.ldo, x.d, 0.0F);
}

inline void raise_softmax(const SoftmaxRows& x) {
  for (std::int64_t i = 0; i < x.rows; ++i) {
    float top = -std::numeric_limits<float>::infinity();
    for (std::size_t k = 0; k < x.n; ++k)
      top = std::max(top, std::ceil(x.s[i * x.lds + static_cast<std::ptrdiff_t>(k)] * x.scale));
    const float old = x.sum[i] == 0 ? -std::numeric_limits<float>::infinity() : x.max[i];
    x.max[i] = std::max(old, top);
    if (std::isinf(x.max[i])) x.max[i] = 0;
    const float factor = std::exp2(std::min(old - x.max[i], 0.0F));
    x.sum[i] *= factor;
    for (std::size_t j = 0; j < x.d; ++j) x.o[i * x.ldo + static_cast<std::ptrdiff_t>(j)] *= factor;
  }
}

inline void add_sums(const float* p, std::ptrdiff_t ldp, std::int64_t rows, std::size_t n, float* sum) {
  for (std::int64_t i = 0; i < rows; ++i) sum[i] = std::accumulate(p + i * ldp, p + i * ldp + n, sum[i]);
}

inline void normalise_softmax(const SoftmaxRows& x) {
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < x.d; ++j) {
      float& o = x.o[i * x.ldo + static_cast<std::ptrdiff_t>(j)];
      o = x.sum[i] == 0 ? 0 : o / x.sum[i];
    }
  }
}

template <std::size_t kTile>
void add_tile(MicroKernels& table) {
  constexpr std::size_t kRows = kTile / kMaxTileVectors + 1;
  constexpr std::size_t kVectors = kTile % kMaxTileVectors + 1;
  if constexpr (gemm_tile_fits(kRows, kVectors)) table.gemm[kRows][kVectors].fill(gemm_tile<kRows, kVectors>);
  if constexpr (fused_tile_fits(kRows, kVectors)) {
    for (auto& method : table.fused) method[kRows][kVectors] = fused_tile<kRows, kVectors>;
  }
}

inline MicroKernels scalar_kernels() {
  MicroKernels table;
  table.vector_bits = 32 * kLanes;
  table.lanes = kLanes;
  for (auto& methods : table.exp2) {
    for (auto& method : methods) method.fill(exp2_row);
  }
  table.panels = &scalar_panels();
  table.softmax = {begin_softmax, raise_softmax, add_sums, normalise_softmax};
  table.pack = {nullptr, pack_v<1>, pack_v<2>, pack_v<3>, pack_v<4>, pack_v<5>, pack_v<6>};
  table.chain = {chain_exp2, nullptr, nullptr, chain_panels, end_of_chain};
  table.interleaved = {interleaved_constants, &scalar_interleaved()};
  [&]<std::size_t... kTiles>(std::index_sequence<kTiles...>) {
    (add_tile<kTiles>(table), ...);
  }(std::make_index_sequence<static_cast<std::size_t>(kMaxTileRows * kMaxTileVectors)>{});
  return table;
}

}  // namespace svetune
