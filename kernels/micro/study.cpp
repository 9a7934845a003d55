// The published study's kernels, as it describes them: a 4x4v tile with ld1rw broadcasts, exp2 in fourteen instructions
// with four vectors in flight, and the fused pass with DUP broadcasts. Whole tiles only, no masked elements; they exist
// to be compared with the study's measured cycles. Built for 512 bits alone.
#include "micro/study.hpp"

#include "micro/exp2_core.hpp"

namespace svetune {
namespace sve {
namespace {

constexpr std::size_t kRows = 4, kVectors = 4;

struct Sums {
  Vector at[kRows][kVectors];
};

// Keeps a pointer in a register: four vectors from it are "#0..#3, mul vl", where a compiler would keep an index each.
template <typename T>
inline void hold(T*& pointer) {
  asm("" : "+r"(pointer));
}

inline void load_row(Vector (&row)[kVectors], const float* from) {
  hold(from);
  for (std::size_t j = 0; j < kVectors; ++j) row[j] = svld1_vnum_f32(everywhere(), from, static_cast<std::int64_t>(j));
}

inline void load(Sums& sum, const float* o, std::ptrdiff_t ldo) {
  for (std::size_t i = 0; i < kRows; ++i, o += ldo) load_row(sum.at[i], o);
}

inline void store(const Sums& sum, float* o, std::ptrdiff_t ldo) {
  for (std::size_t i = 0; i < kRows; ++i, o += ldo) {
    hold(o);
    for (std::size_t j = 0; j < kVectors; ++j)
      svst1_vnum_f32(everywhere(), o, static_cast<std::int64_t>(j), sum.at[i][j]);
  }
}

// Per k: four loads of V's row, four ld1rw, sixteen FMLA.
void gemm_4x4(const float* p, std::ptrdiff_t ldp, const float* v, std::ptrdiff_t ldv, float* o, std::ptrdiff_t ldo,
              std::size_t k) {
  Sums sum;
  load(sum, o, ldo);
  const float* row[kRows];
  for (std::size_t i = 0; i < kRows; ++i) row[i] = p + static_cast<std::ptrdiff_t>(i) * ldp;
  for (; k != 0; --k, v += ldv) {
    Vector b[kVectors];
    load_row(b, v);
    for (std::size_t i = 0; i < kRows; ++i) {
      const Vector a = svdup_f32(*row[i]);
      ++row[i];
      hold(row[i]);
      for (std::size_t j = 0; j < kVectors; ++j) sum.at[i][j] = svmla_f32_x(everywhere(), sum.at[i][j], a, b[j]);
    }
  }
  store(sum, o, ldo);
}

// Fourteen instructions a vector, ld1w to st1w, one vector after the other as the source has them: what is in flight
// together is the processor's choice.
inline Vector exp2_vector(const float* s, float* p, svfloat32_t scale, svfloat32_t max) {
  asm volatile("" : : : "memory");
  svfloat32_t x = svscale_n_f32_x(everywhere(), svld1_f32(everywhere(), s), 0);
  x = study_tail(svsub_f32_x(everywhere(), svmul_f32_x(everywhere(), x, scale), max));
  asm volatile("" : "+w"(x));
  svst1_f32(everywhere(), p, x);
  return x;
}

// One row, four vectors in flight.
float exp2_row(const float* s, float* p, std::size_t n, float scale, float max) {
  for (; n >= 4 * kLanes; n -= 4 * kLanes, s += 4 * kLanes, p += 4 * kLanes) {
    for (std::size_t i = 0; i < 4; ++i) exp2_vector(s + i * kLanes, p + i * kLanes, svdup_f32(scale), svdup_f32(max));
  }
  return 0;  // the study knows no sums
}

template <std::size_t kLane>
inline void multiply_lane(Sums& sum, const Vector (&p)[kRows], const float* v) {
  Vector b[kVectors];
  asm volatile("" : : : "memory");  // loads stay in their step of k
  load_row(b, v);
  for (std::size_t i = 0; i < kRows; ++i) {
    const Vector a = svdup_lane_f32(p[i], kLane);
    for (std::size_t j = 0; j < kVectors; ++j) sum.at[i][j] = svmla_f32_x(everywhere(), sum.at[i][j], a, b[j]);
  }
}

// Per sixteen k: four times exp2, stored; then sixteen times four DUP, four loads of V's row, sixteen FMLA.
void fused_4x4(const StudyFused& operands) {
  const StudyFused x = operands;
  const float *s[kRows], *v = x.v;
  float *p[kRows], max[kRows];
  for (std::size_t i = 0; i < kRows; ++i) {
    s[i] = x.s + static_cast<std::ptrdiff_t>(i) * x.lds;
    p[i] = x.p + static_cast<std::ptrdiff_t>(i) * x.ldp;
    max[i] = x.max[i];
  }
  Sums sum;
  load(sum, x.o, x.ldo);
  for (std::size_t k = 0; k < x.k; k += kLanes) {
    Vector block[kRows];
    for (std::size_t i = 0; i < kRows; ++i)
      block[i] = exp2_vector(s[i] + k, p[i] + k, svdup_f32(x.scale), svdup_f32(max[i]));
    [&]<std::size_t... kLane>(std::index_sequence<kLane...>) {
      ((multiply_lane<kLane>(sum, block, v), v += x.ldv), ...);
    }(std::make_index_sequence<kLanes>{});
  }
  store(sum, x.o, x.ldo);
}

}  // namespace
}  // namespace sve

constinit const StudyKernels kStudyKernels = {sve::exp2_row, sve::gemm_4x4, sve::fused_4x4};

}  // namespace svetune
