// The published study's kernels (512 bits): to be compared with its measured cycles, never to win. Portable.
#pragma once

#include <cstddef>

#include "micro/micro_kernels.hpp"

namespace svetune {

// Operands of the fused pass over a 4 x 64 tile of O: k a multiple of 16; P is stored.
struct StudyFused {
  const float* s;
  std::ptrdiff_t lds;
  const float* max;
  float scale;
  float* p;
  std::ptrdiff_t ldp;
  const float* v;
  std::ptrdiff_t ldv;
  float* o;
  std::ptrdiff_t ldo;
  std::size_t k;
};

struct StudyKernels {
  Exp2Row exp2_row;  // n a multiple of 64; no sum
  // o[4 x 64] += p[4 x k] * v[k x 64]
  void (*gemm)(const float* p, std::ptrdiff_t ldp, const float* v, std::ptrdiff_t ldv, float* o, std::ptrdiff_t ldo,
               std::size_t k);
  void (*fused)(const StudyFused& operands);
};

extern const StudyKernels kStudyKernels;  // on the processor alone: strategies take it from the table

}  // namespace svetune
