#include "measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace svetune::measure {

double median(std::span<const double> samples) {
  if (samples.empty()) throw std::invalid_argument("median of no samples");
  std::vector<double> sorted(samples.begin(), samples.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (sorted.size() % 2 == 1) return *middle;
  return (*std::max_element(sorted.begin(), middle) + *middle) / 2.0;
}

double median_absolute_deviation(std::span<const double> samples) {
  const double centre = median(samples);
  std::vector<double> deviations;
  deviations.reserve(samples.size());
  for (const double sample : samples) deviations.push_back(std::abs(sample - centre));
  return median(deviations);
}

namespace {

// Rank k of the interval from the k-th smallest to the k-th largest of n samples: the largest for which fewer than k of
// them lie below the median, as heads of a fair coin, with a chance of at most 2.5 % (the sign test's interval). 0:
// none.
std::size_t interval_rank(std::size_t n) {
  constexpr std::size_t kMany = 1000;  // 0.5^n must not vanish; the normal distribution is as good by then
  constexpr double kTail = 0.025, kNormal = 1.96;
  if (n > kMany) {
    const auto count = static_cast<double>(n);
    return static_cast<std::size_t>(count / 2 - kNormal * std::sqrt(count) / 2);
  }
  double below = 0, probability = std::pow(0.5, static_cast<double>(n));  // of exactly k heads
  std::size_t rank = 0;
  while (rank < n && below + probability <= kTail) {
    below += probability;
    probability *= static_cast<double>(n - rank) / static_cast<double>(rank + 1);
    ++rank;
  }
  return rank;
}

}  // namespace

Interval median_interval(std::span<const double> samples) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::size_t rank = interval_rank(samples.size());
  if (rank == 0) return {-kInfinity, kInfinity};
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  return {sorted[rank - 1], sorted[samples.size() - rank]};
}

}  // namespace svetune::measure
