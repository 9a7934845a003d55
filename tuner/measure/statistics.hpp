// Robust statistics of samples: pure functions.
#pragma once

#include <span>

namespace svetune::measure {

// Middle value, or the mean of the two middle values. Throws std::invalid_argument where there is no sample.
double median(std::span<const double> samples);

// Median of the absolute deviations from the median, unscaled (times 1.4826 it estimates a normal's standard
// deviation).
double median_absolute_deviation(std::span<const double> samples);

// Between order statistics: the median of what the samples are drawn from lies within, whatever its distribution, with
// a probability of at least 95 %. Of fewer than six samples: the whole line.
struct Interval {
  double low = 0, high = 0;
};
Interval median_interval(std::span<const double> samples);

}  // namespace svetune::measure
