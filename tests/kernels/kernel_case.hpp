// What kernel_check.cpp calls a micro-kernel on: operands between guard pages, and what is expected of them.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "micro/micro_kernels.hpp"
#include "reference/reference.hpp"
#include "runner/checked_run.hpp"
#include "runner/operands.hpp"

namespace svetune {

inline char current[64];  // the kernel at hand, for the signal handler

[[noreturn]] inline void fail(const std::string& what) {
  std::printf("%s: %s\n", current, what.c_str());
  std::exit(1);
}

inline constexpr const char* kAccuracies[] = {"full", "high", "medium", "low"};

// Operands of m x k x n, what lies in O and P before the call, and the expected results.
class Case {
 public:
  Case(std::size_t m, std::size_t k, std::size_t n, std::int32_t method = SVETUNE_EXP2_FEXPA,
       Masks masks = Masks::kSome)
      : operands(parse_problem(std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) +
                               ":accuracy=" + kAccuracies[accuracy_of(method)] + ":sums"),
                 m * 31 + k * 7 + n, Layout::kTight, masks),
        o_(operands.o.floats(), operands.o.floats() + operands.o.bytes() / sizeof(float)) {
    for (auto* input : {&operands.s, &operands.max, &operands.v}) input->make_read_only();
  }

  void poison_p() { std::fill_n(operands.p.floats(), operands.p.bytes() / sizeof(float), kUntouched); }

  template <typename F>
  void call(const F& kernel) const {
    if (!keeps_d8_d15(kernel)) fail("d8-d15 are not preserved");
  }

  // Given a P, that is what O is computed from.
  void check_o(bool p_given) const {
    const auto& shape = operands.problem.shape;
    for (std::size_t i = 0; i < o_.size(); ++i) {
      const bool padding = static_cast<std::int64_t>(i) % operands.ldo >= shape.d;
      if (padding && operands.o.floats()[i] != o_[i]) fail("wrote between the rows of O");
    }
    const Matrix v{operands.v.floats(), static_cast<std::ptrdiff_t>(operands.problem.v_stride())};
    const auto reference = reference_result(shape, p_given ? given_p() : exact_p(), v, {o_.data(), operands.ldo});
    const double error = result_error(shape, {operands.o.floats(), operands.ldo}, reference);
    if (!(error <= error_bound(operands.problem))) fail("O is off by " + std::to_string(error * 0x1p24) + " * 2^-24");
  }

  void check_p() const {
    const auto& shape = operands.problem.shape;
    const auto exact = exact_p();
    const double bound = 1.2 + accuracy_bound(shape.accuracy) * 0x1p24;
    for (std::int64_t i = 0; i < shape.m; ++i) {
      const float* const row = operands.p.floats() + i * operands.ldp;
      for (std::int64_t k = 0; k < shape.nc; ++k) {
        if (!(ulp_distance(row[k], exact[static_cast<std::size_t>(i * shape.nc + k)]) <= bound)) fail("P is wrong");
      }
      if (i + 1 < shape.m && row[shape.nc] != kUntouched) fail("wrote between the rows of P");
    }
  }

  void check_sums() const {
    const auto& shape = operands.problem.shape;
    const auto reference = reference_result(shape, exact_p(), {operands.v.floats(), 0}, {o_.data(), operands.ldo});
    if (!(sum_error(shape.m, operands.row_sum.floats(), kFirstSum, reference) <= error_bound(operands.problem)))
      fail("a row sum is wrong");
  }

  Operands operands;

 private:
  static constexpr float kUntouched = -77.0F;

  std::vector<double> exact_p() const {
    return reference_p(operands.problem.shape, {operands.s.floats(), operands.lds}, operands.max.floats(),
                       operands.scale);
  }
  std::vector<double> given_p() const {
    std::vector<double> p;
    const auto& shape = operands.problem.shape;
    for (std::int64_t i = 0; i < shape.m; ++i)
      p.insert(p.end(), operands.p.floats() + i * operands.ldp, operands.p.floats() + i * operands.ldp + shape.nc);
    return p;
  }

  std::vector<float> o_;
};

// Calls check(rows, vectors, fewest columns, most columns) for each tile that a table may have.
template <typename Check>
void each_tile(std::size_t lanes, const Check& check) {
  for (std::size_t mr = 1; mr <= static_cast<std::size_t>(kMaxTileRows); ++mr) {
    for (std::size_t nr = 1; nr <= static_cast<std::size_t>(kMaxTileVectors); ++nr)
      check(mr, nr, (nr - 1) * lanes + 1, nr * lanes);
  }
}

}  // namespace svetune
