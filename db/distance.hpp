// How far two shapes are apart: the sum of |log2 ratio| of m, nc and d; 1 is a doubling of one extent. In whole
// numbers, so that a query and a generated header, which computes the same on another processor, agree to the last bit.
#pragma once

#include <cstdint>

#include "space/problem.hpp"

namespace svetune::db {

inline constexpr std::int32_t kDoubling = 65536;
// Further away than this (a factor of 16 in all), a measured shape says less than the robust default.
inline constexpr std::int32_t kFarthest = 4 * kDoubling;

// 65536 * log2(extent), within 15; exact for powers of two; grows with the extent. 1 <= extent < 2^31.
std::int32_t fixed_log2(std::int64_t extent);
std::int32_t distance(const svetune_problem& a, const svetune_problem& b);

// fixed_log2(2^30 + i * 2^25) - 30 * 65536 for i = 0 .. 32: the table behind it, for the generated header.
inline constexpr std::int32_t kLog2Steps = 32;
std::int32_t log2_step(std::int32_t i);

}  // namespace svetune::db
