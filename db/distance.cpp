#include "db/distance.hpp"

#include <array>
#include <bit>
#include <cstdlib>

namespace svetune::db {
namespace {

// round(65536 * log2(1 + i / 32))
constexpr std::array<std::int32_t, kLog2Steps + 1> kSteps = {
    0,     2909,  5732,  8473,  11136, 13727, 16248, 18704, 21098, 23433, 25711,
    27936, 30109, 32234, 34312, 36346, 38336, 40286, 42196, 44068, 45904, 47705,
    49472, 51207, 52911, 54584, 56229, 57845, 59434, 60997, 62534, 64047, 65536};

}  // namespace

std::int32_t log2_step(std::int32_t i) {
  return kSteps.at(static_cast<std::size_t>(i));
}

// The 32 steps of a doubling are joined by straight lines.
std::int32_t fixed_log2(std::int64_t extent) {
  const auto value = static_cast<std::uint32_t>(extent);
  const auto octave = static_cast<std::uint32_t>(std::bit_width(value)) - 1;
  const std::uint32_t mantissa = (value << (31 - octave)) & 0x7fffffffU;
  const auto step = static_cast<std::int32_t>(mantissa >> 26U);
  const auto rest = static_cast<std::int32_t>((mantissa >> 10U) & 0xffffU);
  const std::int32_t low = log2_step(step), high = log2_step(step + 1);
  return static_cast<std::int32_t>(octave) * kDoubling + low + (((high - low) * rest) >> 16);
}

std::int32_t distance(const svetune_problem& a, const svetune_problem& b) {
  return std::abs(fixed_log2(a.m) - fixed_log2(b.m)) + std::abs(fixed_log2(a.nc) - fixed_log2(b.nc)) +
         std::abs(fixed_log2(a.d) - fixed_log2(b.d));
}

}  // namespace svetune::db
