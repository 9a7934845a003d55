// exp2(S*scale - max) of vectors in registers, both methods.
//
// FEXPA method, seven FL operations and one compare a vector. FEXPA turns bits 13:6 into the exponent and bits 5:0 into
// 2^(i/64); with the shift 0x1.803f8p17, whose ulp is 1/64 and whose low bits hold the exponent bias, z = x + shift is
// its input (Arm optimized-routines, math/aarch64/sve/sv_expf_inline.h). A maximum that is no multiple of 1/64 costs
// nothing in the loop: it is rounded to one, m = m64 + delta, and 2^-delta is folded into the polynomial's
// coefficients.
//
//   z = S*scale + (shift - m64)      exact up to its rounding to 1/64
//   n = z - (shift - m64)            exact
//   r = S*scale - n                  |r| <= 1/128, exact product
//   p = (c1*r + c0)*r + (K - 1)      K = 2^-delta, c0 and c1 times K
//   P = f + f*p, f = fexpa(z)
//
// Bounds: 1.2 ULP for -126 <= x < 128; exact 0 below -126 (lanes are zeroed by the predicate of the last FMLA); NaN
// stays NaN. x >= 128 overflows: no result is promised (a maximum of the row never gives it).
//
// Study method: the fourteen instructions of the study, 1.1 % (2^-6.5): ld1w, convert, fmul, fsub, frintm, fsub, fmul,
// fcvtzs, fcvtzs, add, lsl, orr, fexpa, st1w. The study converted integers; S is fp32 here, and FSCALE by zero, an
// identity of the conversion's latency and pipe, stands in its place. One compare more keeps -inf and NaN right.
#pragma once

#include "micro/micro_kernels.hpp"
#include "micro/vector.hpp"

namespace svetune::sve {
namespace {

inline constexpr float kShift = 0x1.803f8p17F;     // 1.5 * 2^17 + 127
inline constexpr float kLowest = kShift - 126.0F;  // z of the smallest normal result
inline constexpr float kC0 = 0x1.62e485p-1F;       // 2^r - 1 = c0*r + c1*r^2 on |r| <= 1/128, relative error 1.6e-9
inline constexpr float kC1 = 0x1.ebfbe0p-3F;

// What a row's maximum and the scale come to.
struct RowConstants {
  float scale, max;
  float bias;       // shift - m64
  float c1, c0, k;  // the polynomial times 2^-delta; k = 2^-delta - 1
  float delta;
};

inline RowConstants row_constants(float scale, float max) {
  RowConstants row{scale, max, kShift - max, kC1, kC0, 0.0F, 0.0F};
  // Rounded half down, so that -delta >= -1/128 and the vector z == kLowest is the only one on both sides of -126.
  const float rounded = __builtin_ceilf(max * 64.0F - 0.5F) * 0x1p-6F;
  row.delta = max - rounded;
  if (row.delta != 0.0F) {
    const float t = row.delta * -0x1.62e43p-1F;  // 2^-delta = e^t, |t| <= 0.0055: the next term is below 4e-11
    row.k = t + t * t * (0.5F + t * 0x1.555556p-3F);
    row.bias = kShift - rounded;
    row.c1 = kC1 + kC1 * row.k;
    row.c0 = kC0 + kC0 * row.k;
  }
  return row;
}

enum class Method { kFexpa = 0, kStudy = 1 };

inline svbool_t everywhere() {
  return svptrue_b32();
}

// f + f*(k + c0*r + c1*r^2) in the lanes of `kept`, 0 elsewhere.
inline Vector fexpa_tail(svbool_t kept, Vector z, Vector r, const RowConstants& row) {
  Vector q = svmla_n_f32_x(everywhere(), svdup_f32(row.c0), r, row.c1);
  q = svmad_n_f32_x(everywhere(), q, r, row.k);
  const Vector f = svexpa_f32(svreinterpret_u32_f32(z));
  return svmla_f32_z(kept, f, f, q);
}

inline Vector fexpa_shifted(Vector x, const RowConstants& row) {
  return svmla_n_f32_x(everywhere(), svdup_f32(row.bias), x, row.scale);
}

inline Vector fexpa_residue(Vector x, Vector z, const RowConstants& row) {
  const Vector n = svsub_n_f32_x(everywhere(), z, row.bias);
  return svnmls_n_f32_x(everywhere(), n, x, row.scale);
}

// Vectors with lanes at or below the lowest z, or NaN: exact to the bit where x < -126 begins.
inline Vector fexpa_careful(Vector x, Vector z, const RowConstants& row) {
  const Vector r = fexpa_residue(x, z, row);
  const svbool_t above = svcmpgt_n_f32(everywhere(), z, kLowest);
  const svbool_t edge = svcmpge_n_f32(svcmpeq_n_f32(everywhere(), z, kLowest), r, row.delta);
  const svbool_t nan = svcmpuo_f32(everywhere(), z, z);
  return fexpa_tail(svorr_b_z(everywhere(), svorr_b_z(everywhere(), above, edge), nan), z, r, row);
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

inline Vector study_careful(Vector x) {
  const svbool_t kept = svcmpge_n_f32(everywhere(), x, -126.0F);
  const Vector result = svsel_f32(kept, study_tail(x), svdup_f32(0.0F));
  return svsel_f32(svcmpuo_f32(everywhere(), x, x), x, result);
}

inline bool every_lane(svbool_t lanes) {
  return !svptest_any(everywhere(), svnot_b_z(everywhere(), lanes));
}

// x[i] = exp2(x[i]*scale - max) of N vectors; row(i) gives the constants of vector i. The stages run over all vectors,
// so that N latencies overlap. Every compare is governed by the one before it: one test serves all vectors.
template <Method kMethod, int N, typename Row>
inline void exp2_vectors(Vector (&x)[N], const Row& row) {
  svbool_t ordinary = everywhere();
  if constexpr (kMethod == Method::kFexpa) {
    Vector z[N];
    for (int i = 0; i < N; ++i) z[i] = fexpa_shifted(x[i], row(i));
    for (int i = 0; i < N; ++i) ordinary = svcmpgt_n_f32(ordinary, z[i], kLowest);
    if (__builtin_expect(every_lane(ordinary), 1)) {
      for (int i = 0; i < N; ++i) x[i] = fexpa_residue(x[i], z[i], row(i));
      for (int i = 0; i < N; ++i) x[i] = fexpa_tail(everywhere(), z[i], x[i], row(i));
    } else {
      for (int i = 0; i < N; ++i) x[i] = fexpa_careful(x[i], z[i], row(i));
    }
  } else {
    for (int i = 0; i < N; ++i) x[i] = study_argument(x[i], row(i));
    for (int i = 0; i < N; ++i) ordinary = svcmpge_n_f32(ordinary, x[i], -126.0F);
    if (__builtin_expect(every_lane(ordinary), 1)) {
      for (int i = 0; i < N; ++i) x[i] = study_tail(x[i]);
    } else {
      for (int i = 0; i < N; ++i) x[i] = study_careful(x[i]);
    }
  }
}

}  // namespace
}  // namespace svetune::sve
