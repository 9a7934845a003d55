#include "measure/statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

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

TEST(Statistics, NoSamplesIsAnError) {
  EXPECT_THROW(median({}), std::invalid_argument);
  EXPECT_THROW(median_absolute_deviation({}), std::invalid_argument);
}

}  // namespace
}  // namespace svetune::measure
