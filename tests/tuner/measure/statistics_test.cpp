#include "measure/statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace svetune::measure {
namespace {

TEST(Statistics, MedianOfOddEvenAndOne) {
  EXPECT_EQ(median(std::array{7.0}), 7.0);
  EXPECT_EQ(median(std::array{9.0, 1.0, 5.0}), 5.0);
  EXPECT_EQ(median(std::array{4.0, 1.0, 3.0, 2.0}), 2.5);
  EXPECT_EQ(median(std::array{2.0, 2.0, 2.0, 100.0}), 2.0);
}

TEST(Statistics, MedianAbsoluteDeviation) {
  EXPECT_EQ(median_absolute_deviation(std::array{7.0}), 0.0);
  EXPECT_EQ(median_absolute_deviation(std::array{1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0}), 1.0);
  EXPECT_EQ(median_absolute_deviation(std::array{1.0, 2.0, 3.0, 4.0}), 1.0);
}

std::vector<double> one_to(int n) {
  std::vector<double> samples;
  for (int i = n; i >= 1; --i) samples.push_back(i);
  return samples;
}

// Ranks as tables of the sign test's 95 % interval give them (Conover, Practical Nonparametric Statistics, table of the
// binomial distribution: at most 3 of 15 heads have a chance of 0.0176, at most 4 one of 0.0592).
TEST(Statistics, IntervalOfTheMedianIsTheSignTests) {
  for (const auto& [n, rank] : {std::pair{6, 1}, {8, 1}, {9, 2}, {15, 4}, {20, 6}, {25, 8}, {100, 40}}) {
    const Interval interval = median_interval(one_to(n));
    EXPECT_EQ(interval.low, rank) << n;
    EXPECT_EQ(interval.high, n + 1 - rank) << n;
  }
  EXPECT_TRUE(std::isinf(median_interval(one_to(5)).low));
  EXPECT_TRUE(std::isinf(median_interval({}).high));
}

TEST(Statistics, IntervalOfManySamplesGoesOnAsThatOfFew) {
  EXPECT_NEAR(median_interval(one_to(1001)).low, median_interval(one_to(1000)).low, 1.5);
}

// The promise itself, on a skew distribution with a known median: at least 95 % of intervals hold it.
TEST(Statistics, IntervalHoldsTheMedianAsOftenAsItSays) {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> draw(1.0);
  constexpr int kTrials = 4000;
  for (const int n : {6, 15, 45}) {
    int held = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::vector<double> samples;
      for (int i = 0; i < n; ++i) samples.push_back(draw(random));
      const Interval interval = median_interval(samples);
      held += interval.low <= std::numbers::ln2 && std::numbers::ln2 <= interval.high ? 1 : 0;
    }
    EXPECT_GE(held, 0.94 * kTrials) << n;  // three standard deviations below 95 %
  }
}

TEST(Statistics, NoSamplesIsAnError) {
  EXPECT_THROW(median({}), std::invalid_argument);
  EXPECT_THROW(median_absolute_deviation({}), std::invalid_argument);
}

}  // namespace
}  // namespace svetune::measure
