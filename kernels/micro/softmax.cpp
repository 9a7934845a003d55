// What softmax adds to exp2 and GEMM of a block of nc: running maxima, sums of P's rows, rescaling, normalising. Rows
// are taken four at a time, and what is decided of a row is decided in lanes: a branch a row would be mispredicted.
#include "micro/tables.hpp"
#include "micro/vector.hpp"

namespace svetune {
namespace sve {
namespace {

inline svbool_t everywhere() {
  return svptrue_b32();
}

constexpr std::int64_t kRows = 4;

// Each: what nothing is combined to, and FMAXNM and FMINNM pass NaN over: exp2 keeps it.
struct Largest {
  static constexpr float kNone = -__builtin_inff();
  static Vector of(svbool_t lanes, Vector a, Vector b) { return svmaxnm_f32_m(lanes, a, b); }
};
struct Smallest {
  static constexpr float kNone = __builtin_inff();
  static Vector of(svbool_t lanes, Vector a, Vector b) { return svminnm_f32_m(lanes, a, b); }
};
struct Sum {
  static constexpr float kNone = 0.0F;
  static Vector of(svbool_t lanes, Vector a, Vector b) { return svadd_f32_m(lanes, a, b); }
};

// [a | b] with neighbours combined.
template <typename Combine>
inline Vector neighbours(Vector a, Vector b) {
  return Combine::of(everywhere(), svuzp1_f32(a, b), svuzp2_f32(a, b));
}

// Lane i: the n elements of row i combined, i < `rows` <= 4; other lanes repeat rows.
template <typename Combine>
inline Vector combined(const float* first, std::ptrdiff_t stride, std::int64_t rows, std::size_t n) {
  const float* row[kRows];
  for (std::int64_t i = 0; i < kRows; ++i) row[i] = first + (i < rows ? i : rows - 1) * stride;
  Vector part[kRows][2];
  for (auto& pair : part) pair[0] = pair[1] = svdup_f32(Combine::kNone);
  std::size_t k = 0;
  for (; k + 2 * kLanes <= n; k += 2 * kLanes) {
    for (int i = 0; i < kRows; ++i) {
      part[i][0] = Combine::of(everywhere(), part[i][0], svld1_f32(everywhere(), row[i] + k));
      part[i][1] = Combine::of(everywhere(), part[i][1], svld1_f32(everywhere(), row[i] + k + kLanes));
    }
  }
  for (; k < n; k += kLanes) {
    const svbool_t lanes = svwhilelt_b32_u64(k, n);
    for (int i = 0; i < kRows; ++i) part[i][0] = Combine::of(lanes, part[i][0], svld1_f32(lanes, row[i] + k));
  }
  for (auto& pair : part) pair[0] = Combine::of(everywhere(), pair[0], pair[1]);
  Vector all =
      neighbours<Combine>(neighbours<Combine>(part[0][0], part[1][0]), neighbours<Combine>(part[2][0], part[3][0]));
  for (std::size_t width = kLanes / kRows; width > 1; width /= 2) all = neighbours<Combine>(all, all);
  return all;
}

// step(where, lanes) over the vectors of n elements.
template <typename Step>
inline void over_vectors(float* o, std::size_t n, const Step& step) {
  std::size_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    for (std::size_t j = 0; j < 4; ++j) step(o + i + j * kLanes, everywhere());
  }
  for (; i < n; i += kLanes) step(o + i, svwhilelt_b32_u64(i, n));
}

inline void multiply(float* o, std::size_t n, float factor) {
  over_vectors(o, n, [factor](float* at, svbool_t lanes) {
    svst1_f32(lanes, at, svmul_n_f32_x(lanes, svld1_f32(lanes, at), factor));
  });
}

void begin(const SoftmaxRows& x) {
  for (std::int64_t row = 0; row < x.rows; ++row) {
    x.sum[row] = 0.0F;
    over_vectors(x.o + row * x.ldo, x.d, [](float* at, svbool_t lanes) { svst1_f32(lanes, at, svdup_f32(0.0F)); });
  }
}

// 2^x of whole numbers x <= 0; 0 below -126.
inline Vector whole_powers(Vector x) {
  const svbool_t normal = svcmpge_n_f32(everywhere(), x, -126.0F);
  const svint32_t exponent = svadd_n_s32_x(everywhere(), svcvt_s32_f32_z(normal, x), 127);
  return svreinterpret_f32_s32(svlsl_n_s32_z(normal, exponent, 23));
}

template <typename Combine>
void raise_by(const SoftmaxRows& x) {
  for (std::int64_t row = 0; row < x.rows; row += kRows) {
    const std::int64_t rows = x.rows - row < kRows ? x.rows - row : kRows;
    const svbool_t lanes = svwhilelt_b32_s64(0, rows);
    const Vector best = combined<Combine>(x.s + row * x.lds, x.lds, rows, x.n);
    const Vector product = svmul_n_f32_x(everywhere(), best, x.scale);
    // All of a block masked: P is 0 whatever the maximum.
    const Vector top = svrintp_f32_z(svcmpge_n_f32(lanes, product, kMasked), product);
    const Vector old = svld1_f32(lanes, x.max + row), sum = svld1_f32(lanes, x.sum + row);
    const svbool_t begun = svcmpne_n_f32(lanes, sum, 0.0F);
    const svbool_t risen = svcmpgt_f32(begun, top, old);
    svst1_f32(lanes, x.max + row, svsel_f32(svbic_b_z(lanes, begun, risen), old, top));
    if (__builtin_expect(static_cast<int>(!svptest_any(lanes, risen)), 1) != 0) continue;
    const Vector factor = svsel_f32(risen, whole_powers(svsub_f32_x(everywhere(), old, top)), svdup_f32(1.0F));
    svst1_f32(lanes, x.sum + row, svmul_f32_x(lanes, sum, factor));
    for (std::int64_t i = 0; i < rows; ++i)
      multiply(x.o + (row + i) * x.ldo, x.d, svlastb_f32(svwhilele_b32_s64(0, i), factor));
  }
}

void raise(const SoftmaxRows& x) {
  if (x.scale < 0) {
    raise_by<Smallest>(x);
  } else {
    raise_by<Largest>(x);
  }
}

void add_sums(const float* p, std::ptrdiff_t ldp, std::int64_t rows, std::size_t n, float* sum) {
  for (std::int64_t row = 0; row < rows; row += kRows) {
    const std::int64_t left = rows - row < kRows ? rows - row : kRows;
    const svbool_t lanes = svwhilelt_b32_s64(0, left);
    const Vector more = combined<Sum>(p + row * ldp, ldp, left, n);
    svst1_f32(lanes, sum + row, svadd_f32_x(lanes, svld1_f32(lanes, sum + row), more));
  }
}

// 1 / x for 2^-126 < x < 2^125 by two of Newton's steps, within 2^-23: a division blocks a pipe of A64FX for 98 cycles.
inline Vector reciprocals(Vector x) {
  Vector y = svrecpe_f32(x);
  for (int i = 0; i < 2; ++i) y = svmul_f32_x(everywhere(), y, svrecps_f32(x, y));
  return y;
}

void normalise(const SoftmaxRows& x) {
  const auto rows = static_cast<std::size_t>(x.rows);
  for (std::size_t i = 0; i < rows; i += kLanes) {
    const svbool_t lanes = svwhilelt_b32_u64(i, rows);
    const Vector sum = svld1_f32(lanes, x.sum + i);
    const svbool_t begun = svcmpne_n_f32(lanes, sum, 0.0F);
    svst1_f32(lanes, x.sum + i, svsel_f32(begun, reciprocals(sum), svdup_f32(0.0F)));
  }
  for (std::int64_t row = 0; row < x.rows; ++row) multiply(x.o + row * x.ldo, x.d, x.sum[row]);
}

}  // namespace
}  // namespace sve

template <>
constinit const SoftmaxKernels Tables<sve::kBits>::softmax = {sve::begin, sve::raise, sve::add_sums, sve::normalise};

}  // namespace svetune
