#include "micro/exp2_exact.hpp"

#include <bit>
#include <cstdint>

namespace svetune {
namespace {

// 2^f for |f| <= 1/2: Taylor's series of e^(f ln 2); the first term left out is below 7e-12.
double exp2_fraction(double f) {
  const double t = f * 0x1.62e42fefa39efp-1;
  double sum = 1.0;
  for (int i = 9; i >= 1; --i) sum = 1.0 + t / i * sum;
  return sum;
}

float exp2_one(double product, double max) {
  constexpr double kInfinity = __builtin_inf();
  if (product == -kInfinity && max == max) return 0.0F;
  const double x = product - max;
  if (x != x) return static_cast<float>(x);
  if (x < -126.0) return 0.0F;
  if (x >= 128.0) return static_cast<float>(kInfinity);
  const auto whole = static_cast<std::int64_t>(x + 1024.5) - 1024;
  const auto power = std::bit_cast<double>(static_cast<std::uint64_t>(whole + 1023) << 52);
  return static_cast<float>(exp2_fraction(x - static_cast<double>(whole)) * power);
}

}  // namespace

float exp2_exact_row(const float* s, float* p, std::size_t n, float scale, float max) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    p[i] = exp2_one(static_cast<double>(s[i]) * static_cast<double>(scale), max);
    sum += p[i];
  }
  return static_cast<float>(sum);
}

}  // namespace svetune
