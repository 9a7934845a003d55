// exp2 of rows that the vector code does not take: scalar, in double, exact at both ends of the range.
#pragma once

#include <cstddef>

namespace svetune {

// p[0..n) = exp2(s*scale - max) for any scale and max; 0 where s*scale is -inf, also against a max of -inf.
// Returns the sum of p.
float exp2_exact_row(const float* s, float* p, std::size_t n, float scale, float max);

}  // namespace svetune
