// exp2 of a row, by method and number of vectors in flight, with and without the row's sum.
#include "micro/exp2_core.hpp"
#include "micro/exp2_exact.hpp"
#include "micro/tables.hpp"

namespace svetune {
namespace sve {
namespace {

// x[0] = the sum of N vectors, a power of two, as a tree: log2 N latencies and no register.
template <int N>
inline void add_up(Vector (&x)[N]) {
  for (int width = N / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) x[i] = svadd_f32_x(everywhere(), x[i], x[i + width]);
  }
}

// The sum of a row adds one FADD a vector. Error: at most (n / (kUnroll * lanes) + log2 kUnroll + 2 * lanes) * 2^-24 of
// it.
template <Method kMethod, int kUnroll, bool kSum>
float exp2_row(const float* s, float* p, std::size_t n, float scale, float max) {
  if (__builtin_expect(!ordinary_row(scale, max), 0)) return exp2_exact_row(s, p, n, scale, max);
  const RowConstants row = row_constants<kMethod>(scale, max);
  const auto same_row = [&row](int) -> const RowConstants& { return row; };
  Vector sum = svdup_f32(0.0F);
  const auto one_vector = [&](std::size_t i, svbool_t lanes) {
    Vector x[1] = {svld1_f32(lanes, s + i)};
    exp2_vectors<kMethod>(x, same_row);
    svst1_f32(lanes, p + i, x[0]);
    if constexpr (kSum) sum = svadd_f32_m(lanes, sum, x[0]);
  };
  for (; n >= kUnroll * kLanes; n -= kUnroll * kLanes, s += kUnroll * kLanes, p += kUnroll * kLanes) {
    Vector x[kUnroll];
    for (int i = 0; i < kUnroll; ++i) x[i] = svld1_f32(everywhere(), s + static_cast<std::size_t>(i) * kLanes);
    if (__builtin_expect(exp2_ordinary<kMethod>(x, same_row), 1)) {
      for (int i = 0; i < kUnroll; ++i) svst1_f32(everywhere(), p + static_cast<std::size_t>(i) * kLanes, x[i]);
      if constexpr (kSum) {
        add_up(x);
        sum = svadd_f32_x(everywhere(), sum, x[0]);
      }
    } else {
      std::size_t end = kUnroll * kLanes;
      asm("" : "+r"(end));  // stays a loop: unrolled it would need the stack
      for (std::size_t i = 0; i < end; i += kLanes) one_vector(i, everywhere());
    }
  }
  for (std::size_t i = 0; i < n; i += kLanes) one_vector(i, svwhilelt_b32_u64(i, n));
  if constexpr (!kSum) return 0.0F;
  return svaddv_f32(everywhere(), sum);
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
