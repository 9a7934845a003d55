// exp2 of a row, by method and number of vectors in flight, with and without the row's sum.
#include "micro/exp2_core.hpp"
#include "micro/exp2_exact.hpp"
#include "micro/tables.hpp"

namespace svetune {
namespace sve {
namespace {

// The sum of a row adds one FADD a vector, in up to four chains. Error: at most (n / (4 * lanes) + lanes) * 2^-24 of
// it.
template <Method kMethod, int kUnroll, bool kSum>
float exp2_row(const float* s, float* p, std::size_t n, float scale, float max) {
  if (__builtin_expect(!ordinary_row(scale, max), 0)) return exp2_exact_row(s, p, n, scale, max);
  const RowConstants row = row_constants<kMethod>(scale, max);
  const auto same_row = [&row](int) -> const RowConstants& { return row; };
  constexpr int kSums = kUnroll < 4 ? kUnroll : 4;
  Vector sum[kSums];
  if constexpr (kSum) {
    for (int i = 0; i < kSums; ++i) sum[i] = svdup_f32(0.0F);
  }
  for (; n >= kUnroll * kLanes; n -= kUnroll * kLanes, s += kUnroll * kLanes, p += kUnroll * kLanes) {
    Vector x[kUnroll];
    for (int i = 0; i < kUnroll; ++i) x[i] = svld1_f32(everywhere(), s + static_cast<std::size_t>(i) * kLanes);
    exp2_vectors<kMethod>(x, same_row);
    for (int i = 0; i < kUnroll; ++i) svst1_f32(everywhere(), p + static_cast<std::size_t>(i) * kLanes, x[i]);
    if constexpr (kSum) {
      for (int i = 0; i < kUnroll; ++i) sum[i % kSums] = svadd_f32_x(everywhere(), sum[i % kSums], x[i]);
    }
  }
  for (std::size_t i = 0; i < n; i += kLanes) {
    const svbool_t lanes = svwhilelt_b32_u64(i, n);
    Vector x[1] = {svld1_f32(lanes, s + i)};
    exp2_vectors<kMethod>(x, same_row);
    svst1_f32(lanes, p + i, x[0]);
    if constexpr (kSum) sum[0] = svadd_f32_m(lanes, sum[0], x[0]);
  }
  if constexpr (!kSum) return 0.0F;
  for (int width = kSums / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) sum[i] = svadd_f32_x(everywhere(), sum[i], sum[i + width]);
  }
  return svaddv_f32(everywhere(), sum[0]);
}

template <Method kMethod, bool kSum>
constexpr std::array<Exp2Row, 4> kRows = {exp2_row<kMethod, 1, kSum>, exp2_row<kMethod, 2, kSum>,
                                          exp2_row<kMethod, 4, kSum>, exp2_row<kMethod, 8, kSum>};

template <bool kSum>
constexpr Exp2Methods kAll = {kRows<Method::kFexpa, kSum>, kRows<Method::kStudy, kSum>, kRows<Method::kSquare, kSum>,
                              kRows<Method::kDegree1, kSum>, kRows<Method::kTable, kSum>};

}  // namespace
}  // namespace sve

template <>
constinit const Exp2Table Tables<sve::kBits>::exp2 = {sve::kAll<false>, sve::kAll<true>};

}  // namespace svetune
