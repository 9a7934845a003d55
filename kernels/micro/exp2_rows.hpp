// exp2 of several rows by the generated kernel (kernels/generator/exp2_rows.py). Portable; the same code serves every
// vector length.
#pragma once

#include <cstddef>

namespace svetune {

inline constexpr std::size_t kExp2TableBytes = 256;  // four constants of 64 bytes each

// p[rows x n] = exp2(s[rows x n] * scale - max). Strides in bytes; n >= 1; 1 <= rows <= floats in a vector. Nothing
// needs an alignment beyond that of a float; the table is scratch and best aligned to 64 bytes.
struct Exp2RowsOperands {
  const float* s;
  std::ptrdiff_t s_stride;
  const float* max;
  std::ptrdiff_t rows;
  void* table;  // kExp2TableBytes
  std::ptrdiff_t n;
  float* p;
  std::ptrdiff_t p_stride;
  float scale;
};
// Method and error: fexpa of micro/exp2_core.hpp. Other than 0: an element is at or below -126 or NaN, or a row is not
// ordinary (micro/micro_kernels.hpp); P is then of no use, and Exp2Row has to be called for these rows.
using Exp2Rows = int (*)(const Exp2RowsOperands* operands);

extern "C" int svetune_exp2_rows_fexpa(const Exp2RowsOperands* operands);  // generated

}  // namespace svetune
