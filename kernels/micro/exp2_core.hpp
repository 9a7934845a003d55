// exp2(S*scale - max) of vectors in registers, by five methods.
//
// FEXPA turns bits 13:6 into the exponent and bits 5:0 into 2^(i/64); with the shift 0x1.803f8p17, whose ulp is 1/64
// and whose low bits hold the exponent bias, z = x + shift is its input (Arm optimized-routines,
// math/aarch64/sve/sv_expf_inline.h). A maximum that is no multiple of 1/64 costs nothing in the loop: it is rounded to
// one, m = m64 + delta, and K = 2^-delta is folded into the constants of the row.
//
//   z = S*scale + (shift - m64)      exact up to its rounding to 1/64
//   f = fexpa(z)                     within half an ulp of 2^n
//   n = z - (shift - m64)            exact
//   r = S*scale - n                  |r| <= 1/128, exact product
//
// | method  | then                                     | FL operations | relative error of a normal result       |
// | fexpa   | P = f + f*((K*c1*r + K*c0)*r + (K - 1))  | 7             | 1.2 ULP = 1.43e-7 (r^3 left out: 1.6e-9 after
// minimax) | | square  | w = a*r + b; P = f*(w*w + h)             | 7             | 3.6e-7: (1 + t)^2/2 + 1/2, t = r*ln
// 2, leaves out |         |                                          |               | t^3/6 <= 2.7e-8; three
// roundings, 2^-24 each, and f's | | degree1 | P = f*(K*b1*r + K*a1)                    | 6             | 3.5e-5
// asked, 7.6e-6 reached: t^2/4 at the ends | | table   | P = f                                    | 2 | 1.09 %: 1/128
// from r and as much from delta; 0.55 % | |         |                                          |               | where
// max is a multiple of 1/64            | | study   | the study's fourteen instructions        | 14            | 1.1 %
// (2^-6.5)                           |
//
// The square saves an operation and degree 1 two more only where a constant factor of P is free, so that c1*(w*w + h)
// needs no multiplication by c1; here max is the caller's, and the square is as long as fexpa.
// One compare a vector more gives exact 0 below -126 (lanes are zeroed by a predicate). NaN stays NaN. x >= 128
// overflows: no result is promised (a maximum of the row never gives it).
//
// Study: ld1w, convert, fmul, fsub, frintm, fsub, fmul, fcvtzs, fcvtzs, add, lsl, orr, fexpa, st1w. The study converted
// integers; S is fp32 here, and FSCALE by zero, an identity of the conversion's latency and pipe, stands in its place.
#pragma once

#include "micro/micro_kernels.hpp"
#include "micro/vector.hpp"

namespace svetune::sve {
namespace {

inline constexpr float kShift = Exp2Literals{}.shift;  // 1.5 * 2^17 + 127
inline constexpr float kLowest = kShift - 126.0F;      // z of the smallest normal result
inline constexpr float kC0 = Exp2Literals{}.c0_0;      // 2^r - 1 = c0*r + c1*r^2 on |r| <= 1/128, relative error 1.6e-9
inline constexpr float kC1 = Exp2Literals{}.c1_0;

// Degree 1 on |t| <= u = ln 2 / 128: a1 + b1*t with a1 = 1 + u^2/4, b1 = 1 + u^2/8 levels the error at u^2/4 = 7.3e-6.
inline constexpr float kA1 = 0x1.00007ap0F;
inline constexpr float kB1 = 0x1.62e486p-1F;       // b1 * ln 2
inline constexpr float kRoot = 0x1.6a09e6p-1F;     // square: b = 1/sqrt 2
inline constexpr float kRootLog = 0x1.f5e466p-2F;  // square: a = ln 2 / sqrt 2

enum class Method { kFexpa = 0, kStudy = 1, kSquare = 2, kDegree1 = 3, kTable = 4 };  // svetune_exp2 - 1

// What a row's maximum and the scale come to.
struct RowConstants {
  float scale, max;
  float bias;       // shift - m64
  float c1, c0, k;  // fexpa: K*c1, K*c0, K - 1; square: a, b, h; degree 1: K*b1, K*a1
  float delta;
};

template <Method kMethod>
inline RowConstants row_constants(float scale, float max) {
  RowConstants row{scale, max, kShift - max, kC1, kC0, 0.0F, 0.0F};
  // Rounded half down, so that -delta >= -1/128 and the vector z == kLowest is the only one on both sides of -126.
  const float rounded = __builtin_ceilf(max * 64.0F - 0.5F) * 0x1p-6F;
  row.delta = max - rounded;
  if (row.delta != 0.0F) {
    const float t = row.delta * -0x1.62e43p-1F;  // 2^-delta = e^t, |t| <= 0.0055: the next term is below 4e-11
    row.k = t + t * t * (0.5F + t * 0x1.555556p-3F);
    row.bias = kShift - rounded;
  }
  if constexpr (kMethod == Method::kSquare) {
    const float half = row.delta * -0x1.62e43p-2F;
    const float root = 1.0F + (half + half * half * (0.5F + half * 0x1.555556p-3F));  // sqrt(K)
    row.c1 = kRootLog * root;
    row.c0 = kRoot * root;
    row.k = 1.0F + row.k - row.c0 * row.c0;  // exact at r = 0, whatever b's rounding
  } else if constexpr (kMethod == Method::kDegree1) {
    row.c1 = kB1 + kB1 * row.k;
    row.c0 = kA1 + kA1 * row.k;
  } else {
    row.c1 = kC1 + kC1 * row.k;
    row.c0 = kC0 + kC0 * row.k;
  }
  return row;
}

inline svbool_t everywhere() {
  return svptrue_b32();
}

// P in the lanes of `kept`, 0 elsewhere; r is not looked at by the table method.
template <Method kMethod>
inline Vector fexpa_tail(svbool_t kept, Vector z, Vector r, const RowConstants& row) {
  const Vector f = svexpa_f32(svreinterpret_u32_f32(z));
  if constexpr (kMethod == Method::kTable) {
    return svsel_f32(kept, f, svdup_f32(0.0F));
  } else {
    Vector q = svmla_n_f32_x(everywhere(), svdup_f32(row.c0), r, row.c1);
    if constexpr (kMethod == Method::kDegree1) return svmul_f32_z(kept, f, q);
    if constexpr (kMethod == Method::kSquare)
      return svmul_f32_z(kept, f, svmla_f32_x(everywhere(), svdup_f32(row.k), q, q));
    q = svmad_n_f32_x(everywhere(), q, r, row.k);
    return svmla_f32_z(kept, f, f, q);
  }
}

inline Vector fexpa_shifted(Vector x, const RowConstants& row) {
  return svmla_n_f32_x(everywhere(), svdup_f32(row.bias), x, row.scale);
}

inline Vector fexpa_residue(Vector x, Vector z, const RowConstants& row) {
  const Vector n = svsub_n_f32_x(everywhere(), z, row.bias);
  return svnmls_n_f32_x(everywhere(), n, x, row.scale);
}

// Vectors with lanes at or below the lowest z, or NaN: exact to the bit where x < -126 begins.
template <Method kMethod>
[[gnu::always_inline]] [[gnu::always_inline]] inline Vector fexpa_careful(Vector x, Vector z, const RowConstants& row) {
  const Vector r = fexpa_residue(x, z, row);
  const svbool_t above = svcmpgt_n_f32(everywhere(), z, kLowest);
  const svbool_t edge = svcmpge_n_f32(svcmpeq_n_f32(everywhere(), z, kLowest), r, row.delta);
  const svbool_t nan = svcmpuo_f32(everywhere(), z, z);
  const Vector p = fexpa_tail<kMethod>(svorr_b_z(everywhere(), svorr_b_z(everywhere(), above, edge), nan), z, r, row);
  // A table of powers makes a number of NaN's bits.
  if constexpr (kMethod == Method::kTable) return svsel_f32(nan, z, p);
  return p;
}

inline Vector study_tail(Vector x) {
  const svbool_t all = everywhere();
  const Vector whole = svrintm_f32_x(all, x);
  const Vector index = svmul_n_f32_x(all, svsub_f32_x(all, x, whole), 64.0F);
  const svint32_t low = svcvt_s32_f32_x(all, index);
  const svint32_t exponent = svadd_n_s32_x(all, svcvt_s32_f32_x(all, whole), 127);
  return svexpa_f32(svreinterpret_u32_s32(svorr_s32_x(all, svlsl_n_s32_x(all, exponent, 6), low)));
}

inline Vector study_argument(Vector s, const RowConstants& row) {
  const Vector converted = svscale_n_f32_x(everywhere(), s, 0);
  return svsub_n_f32_x(everywhere(), svmul_n_f32_x(everywhere(), converted, row.scale), row.max);
}

[[gnu::always_inline]] inline Vector study_careful(Vector x) {
  const svbool_t kept = svcmpge_n_f32(everywhere(), x, -126.0F);
  const Vector result = svsel_f32(kept, study_tail(x), svdup_f32(0.0F));
  return svsel_f32(svcmpuo_f32(everywhere(), x, x), x, result);
}

inline bool every_lane(svbool_t lanes) {
  return !svptest_any(everywhere(), svnot_b_z(everywhere(), lanes));
}

// x[i] = exp2(x[i]*scale - max) of N vectors whose lanes all are above -126; false, and x as it was, where one is not.
// row(i) gives the constants of vector i. The stages run over all vectors, so that N latencies overlap. Every compare
// is governed by the one before it: one test serves all vectors.
template <Method kMethod, int N, typename Row>
[[gnu::always_inline]] inline bool exp2_ordinary(Vector (&x)[N], const Row& row) {
  svbool_t ordinary = everywhere();
  Vector z[N];
  if constexpr (kMethod == Method::kStudy) {
    for (int i = 0; i < N; ++i) z[i] = study_argument(x[i], row(i));
    for (int i = 0; i < N; ++i) ordinary = svcmpge_n_f32(ordinary, z[i], -126.0F);
  } else {
    for (int i = 0; i < N; ++i) z[i] = fexpa_shifted(x[i], row(i));
    for (int i = 0; i < N; ++i) ordinary = svcmpgt_n_f32(ordinary, z[i], kLowest);
  }
  if (!__builtin_expect(every_lane(ordinary), 1)) return false;
  if constexpr (kMethod == Method::kStudy) {
    for (int i = 0; i < N; ++i) x[i] = study_tail(z[i]);
  } else {
    if constexpr (kMethod != Method::kTable) {
      for (int i = 0; i < N; ++i) x[i] = fexpa_residue(x[i], z[i], row(i));
    }
    for (int i = 0; i < N; ++i) x[i] = fexpa_tail<kMethod>(everywhere(), z[i], x[i], row(i));
  }
  return true;
}

// The same of one vector with any lanes. The barrier keeps its temporaries from overlapping with a neighbour's, where
// they would push other values out of the registers.
template <Method kMethod>
[[gnu::always_inline]] inline Vector exp2_careful(Vector x, const RowConstants& row) {
  const RowConstants* constants = &row;
  asm volatile("" : "+r"(constants) : : "memory");
  if constexpr (kMethod == Method::kStudy) return study_careful(study_argument(x, *constants));
  return fexpa_careful<kMethod>(x, fexpa_shifted(x, *constants), *constants);
}

template <Method kMethod, int N, typename Row>
[[gnu::always_inline]] inline void exp2_vectors(Vector (&x)[N], const Row& row) {
  if (exp2_ordinary<kMethod>(x, row)) return;
  for (int i = 0; i < N; ++i) x[i] = exp2_careful<kMethod>(x[i], row(i));
}

}  // namespace
}  // namespace svetune::sve
