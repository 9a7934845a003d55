// A problem: operation, type, m, nc, d, the accuracy asked for, and V's row stride. Portable, no dependency.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "svetune/kernels.h"

namespace svetune {

// Bad input from outside: says what is wrong and what to do. The application prints it and ends with exit code 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Problem {
  svetune_problem shape{};
  std::int64_t ldv = 0;  // row stride of V in elements; 0: d

  std::int64_t v_stride() const { return ldv != 0 ? ldv : shape.d; }
  double flop() const;  // 2 * m * nc * d
  bool operator==(const Problem& other) const;
};

// "4x64x128", "4x64x64:ldv=128", "4x64x128:accuracy=low", "4x64x128:sums", "4x64x128:softmax" (or
// ":operation=softmax_gemm"). Throws InputError naming the remedy.
Problem parse_problem(std::string_view text);
// The canonical text: parse_problem(to_text(p)) == p; defaults are left out.
std::string to_text(const Problem& problem);

// Relative error of P that an accuracy class accepts on top of rounding (0 for full).
double accuracy_bound(std::int32_t accuracy);
// Largest accepted |O - ref| / (|O_in| + sum_k |P_k V_k|): (4 + sqrt(nc)) * 2^-24, plus the accuracy class. Of softmax
// relative to sum_k |P_k V_k| / sum_k P_k, and the class twice: numerator and denominator may both be off by it.
double error_bound(const Problem& problem);

}  // namespace svetune
