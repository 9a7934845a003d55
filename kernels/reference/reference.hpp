// The fp64 oracle and the measures of error. Portable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "space/problem.hpp"

namespace svetune {

// exp2(s*scale - max) in fp64 from an exact product; 0 below -126 and where s*scale is -inf; NaN stays NaN.
double reference_exp2(float s, float scale, float max);

// Distance of a float from the exact value, in units of the exact value's last place as a normal float. Two NaNs, two
// zeros or two equal infinities are 0 apart; a NaN or an infinity on one side only is infinitely far.
double ulp_distance(float value, double exact);

struct Matrix {
  const float* data;
  std::ptrdiff_t stride;
  float at(std::int64_t row, std::int64_t column) const { return data[row * stride + column]; }
};

// Results of a problem, row major without padding. weight = |O_in| + sum_k |P_k V_k|; row_sum = sum_k P_k.
struct Reference {
  std::vector<double> p, o, weight, row_sum;
};

// The weights of softmax: P of each row over its sum, whatever the maximum; rows that are masked whole (below -2^30)
// are zero.
std::vector<double> reference_softmax(const svetune_problem& shape, Matrix s, float scale);

std::vector<double> reference_p(const svetune_problem& shape, Matrix s, const float* max, float scale);
// Takes P as it is: exact values, or a float P that is given.
Reference reference_result(const svetune_problem& shape, std::vector<double> p, Matrix v, Matrix o);

// max |O - ref| / weight; infinite where only one of the two is NaN.
double result_error(const svetune_problem& shape, Matrix o, const Reference& reference);
// max |sum - ref| / ref of m row sums that were `start` before the call; infinite as above.
double sum_error(std::int64_t m, const float* sums, float start, const Reference& reference);

}  // namespace svetune
