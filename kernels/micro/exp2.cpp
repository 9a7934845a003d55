// exp2 of a row, by method and number of vectors in flight.
#include "micro/exp2_core.hpp"
#include "micro/exp2_exact.hpp"
#include "micro/tables.hpp"

namespace svetune {
namespace sve {
namespace {

template <Method kMethod, int kUnroll>
void exp2_row(const float* s, float* p, std::size_t n, float scale, float max) {
  if (__builtin_expect(!ordinary_row(scale, max), 0)) return exp2_exact_row(s, p, n, scale, max);
  const RowConstants row = row_constants(scale, max);
  const auto same_row = [&row](int) -> const RowConstants& { return row; };
  for (; n >= kUnroll * kLanes; n -= kUnroll * kLanes, s += kUnroll * kLanes, p += kUnroll * kLanes) {
    Vector x[kUnroll];
    for (int i = 0; i < kUnroll; ++i) x[i] = svld1_f32(everywhere(), s + static_cast<std::size_t>(i) * kLanes);
    exp2_vectors<kMethod>(x, same_row);
    for (int i = 0; i < kUnroll; ++i) svst1_f32(everywhere(), p + static_cast<std::size_t>(i) * kLanes, x[i]);
  }
  for (std::size_t i = 0; i < n; i += kLanes) {
    const svbool_t lanes = svwhilelt_b32_u64(i, n);
    Vector x[1] = {svld1_f32(lanes, s + i)};
    exp2_vectors<kMethod>(x, same_row);
    svst1_f32(lanes, p + i, x[0]);
  }
}

template <Method kMethod>
constexpr std::array<Exp2Row, 4> kRows = {exp2_row<kMethod, 1>, exp2_row<kMethod, 2>, exp2_row<kMethod, 4>,
                                          exp2_row<kMethod, 8>};

}  // namespace
}  // namespace sve

template <>
constinit const Exp2Table Tables<sve::kBits>::exp2 = {sve::kRows<sve::Method::kFexpa>, sve::kRows<sve::Method::kStudy>};

}  // namespace svetune
