// Fused tiles: exp2 of one vector of k a row, then the GEMM of that K-block with P broadcast from registers (DUP lane).
// Errors: those of micro/exp2_core.hpp and micro/gemm.cpp.
#include <utility>

#include "micro/exp2_core.hpp"
#include "micro/tables.hpp"
#include "micro/wanted.hpp"

namespace svetune {
namespace sve {
namespace {

template <int kRows, int kVectors>
struct Tile {
  Vector at[kRows][kVectors];
};

template <std::size_t kLane, int kRows, int kVectors>
[[gnu::always_inline]] inline void multiply_lane(Tile<kRows, kVectors>& sum, const Vector (&p)[kRows], const float*& v,
                                                 std::ptrdiff_t ldv, std::size_t n) {
  Vector b[kVectors];
  asm volatile("" : : : "memory");  // loads stay in their step of k: hoisted, they push accumulators out
  for (std::size_t j = 0; j < kVectors; ++j) b[j] = svld1_f32(lanes_below(j, n), v + j * kLanes);
  for (std::size_t i = 0; i < kRows; ++i) {
    const Vector a = broadcast_lane<kLane>(p[i]);
    for (std::size_t j = 0; j < kVectors; ++j) sum.at[i][j] = svmla_f32_x(svptrue_b32(), sum.at[i][j], a, b[j]);
  }
  v += ldv;
}

// Rows whose exp2 is in flight at once. Each takes seven registers beside its vector of P (z, temporaries, the row's
// constants) and the last of them five; tests/kernels/spill_test.cpp tells where that is not enough.
[[maybe_unused]] constexpr int rows_in_flight(int rows, int vectors) {
  const int fit = (kVectorRegisters - rows * vectors - rows + 2) / 7;
  return fit < 1 ? 1 : (fit < rows ? fit : rows);
}

// exp2 of kRows vectors, kGroup at a time. The barrier ends a group: a scheduler that overlapped two would spill.
template <Method kMethod, int kRows, int kGroup>
[[gnu::always_inline]] inline void exp2_groups(Vector (&p)[kRows], const RowConstants* constants) {
  if constexpr (kRows <= kGroup) {
    exp2_vectors<kMethod>(p, [constants](int i) -> const RowConstants& { return constants[i]; });
  } else {
    Vector head[kGroup];
    Vector rest[kRows - kGroup];
    for (int i = 0; i < kRows; ++i) (i < kGroup ? head[i] : rest[i - kGroup]) = p[i];
    exp2_groups<kMethod, kGroup, kGroup>(head, constants);
    asm volatile("" : "+r"(constants) : : "memory");
    exp2_groups<kMethod, kRows - kGroup, kGroup>(rest, constants + kGroup);
    for (int i = 0; i < kRows; ++i) p[i] = i < kGroup ? head[i] : rest[i - kGroup];
  }
}

template <Method kMethod, int kRows, int kVectors>
void fused_tile(const FusedOperands& operands) {
  RowConstants rows[kRows];
  Tile<kRows, kVectors> sum;
  const std::size_t n = operands.n;
  for (std::size_t i = 0; i < kRows; ++i) rows[i] = row_constants<kMethod>(operands.scale, operands.max[i]);
  // In a loop with the constants, which are long, the compiler would not unroll it and keep the tile in memory.
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kVectors; ++j)
      sum.at[i][j] =
          svld1_f32(lanes_below(j, n), operands.o + static_cast<std::ptrdiff_t>(i) * operands.ldo + j * kLanes);
  }
  if (operands.row_sum != nullptr) {
    for (std::size_t i = 0; i < kRows; ++i) svst1_f32(everywhere(), operands.partial + i * 16, svdup_f32(0.0F));
  }
  const float* v = operands.v;
  for (std::size_t k = 0; k < operands.k; k += kLanes) {
    // The constants are reloaded for every block (LD1RW): kept in registers they would push accumulators out.
    const RowConstants* constants = rows;
    asm volatile("" : "+r"(constants) : : "memory");
    Vector p[kRows];
    for (std::size_t i = 0; i < kRows; ++i)
      p[i] = svld1_f32(everywhere(), operands.s + static_cast<std::ptrdiff_t>(i) * operands.lds + k);
    exp2_groups<kMethod, kRows, rows_in_flight(kRows, kVectors)>(p, constants);
    if (operands.p != nullptr) {
      for (std::size_t i = 0; i < kRows; ++i)
        svst1_f32(everywhere(), operands.p + static_cast<std::ptrdiff_t>(i) * operands.ldp + k, p[i]);
    }
    // In memory: a vector a row in registers would cost tiles.
    if (operands.row_sum != nullptr) {
      for (std::size_t i = 0; i < kRows; ++i) {
        float* const partial = operands.partial + i * 16;
        svst1_f32(everywhere(), partial, svadd_f32_x(everywhere(), svld1_f32(everywhere(), partial), p[i]));
      }
    }
    [&]<std::size_t... kLane>(std::index_sequence<kLane...>) {
      (multiply_lane<kLane>(sum, p, v, operands.ldv, n), ...);
    }(std::make_index_sequence<kLanes>{});
  }
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t j = 0; j < kVectors; ++j)
      svst1_f32(lanes_below(j, n), operands.o + static_cast<std::ptrdiff_t>(i) * operands.ldo + j * kLanes,
                sum.at[i][j]);
  }
  if (operands.row_sum != nullptr) {
    for (std::size_t i = 0; i < kRows; ++i)
      operands.row_sum[i] += svaddv_f32(everywhere(), svld1_f32(everywhere(), operands.partial + i * 16));
  }
}

template <int kRows, int kVectors>
constexpr void add_tile(FusedTable& table) {
  if constexpr (fused_tile_fits(kRows, kVectors)) {
    const auto add = [&table]<Method kMethod>() {
      constexpr int kNumber = static_cast<int>(kMethod) + 1;
      if constexpr (wanted("fused", kNumber, kRows, kVectors))
        table[kNumber - 1][kRows][kVectors] = fused_tile<kMethod, kRows, kVectors>;
    };
    add.template operator()<Method::kFexpa>();
    add.template operator()<Method::kStudy>();
    add.template operator()<Method::kDegree1>();
    add.template operator()<Method::kTable>();
  }
}

template <std::size_t... kTiles>
constexpr FusedTable all_tiles(std::index_sequence<kTiles...>) {
  FusedTable table{};
  (add_tile<kTiles / kMaxTileVectors + 1, kTiles % kMaxTileVectors + 1>(table), ...);
  return table;
}

}  // namespace
}  // namespace sve

template <>
constinit const FusedTable Tables<sve::kBits>::fused =
    sve::all_tiles(std::make_index_sequence<kMaxTileRows * kMaxTileVectors>{});

}  // namespace svetune
