// Fixed-length SVE vectors: the length is -msve-vector-bits of the translation unit, one per length.
#pragma once

#include <arm_sve.h>

#include <cstddef>
#include <cstdint>

namespace svetune::sve {
namespace {  // each vector length has its own: the same names mean different types in every translation unit

inline constexpr unsigned kBits = __ARM_FEATURE_SVE_BITS;
inline constexpr std::size_t kLanes = kBits / 32;

typedef svfloat32_t Vector __attribute__((arm_sve_vector_bits(__ARM_FEATURE_SVE_BITS)));

// Lanes of vector j that lie within the first n elements. Called inside loops with a constant j: compilers hoist it,
// and an array of predicates would live in memory.
inline svbool_t lanes_below(std::size_t j, std::size_t n) {
  return svwhilelt_b32_u64(j * kLanes, n);
}

// DUP. Beyond lane 3 clang makes of svdup_lane a TBL, each lane's index in a register; of the other form, up to there,
// it makes two instructions where vectors have 128 bits.
template <std::size_t kLane>
[[gnu::always_inline]] inline Vector broadcast_lane(Vector p) {
  if constexpr (kBits == 128) return svdup_lane_f32(p, kLane);
  return svdup_f32(p[kLane]);
}

}  // namespace
}  // namespace svetune::sve
