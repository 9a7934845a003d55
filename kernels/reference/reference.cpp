#include "reference/reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace svetune {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool same_special(double value, double exact) {
  return (std::isnan(value) && std::isnan(exact)) || value == exact;
}

}  // namespace

double reference_exp2(float s, float scale, float max) {
  const double product = static_cast<double>(s) * static_cast<double>(scale);
  if (product == -kInfinity && !std::isnan(max)) return 0;
  const double x = product - static_cast<double>(max);
  return x < -126 ? 0 : std::exp2(x);
}

double ulp_distance(float value, double exact) {
  if (same_special(value, exact)) return 0;
  if (!std::isfinite(value) || !std::isfinite(exact)) {
    const bool both_overflow = std::isinf(value) && exact > static_cast<double>(std::numeric_limits<float>::max());
    return both_overflow ? 0 : kInfinity;
  }
  const int exponent = exact == 0 ? -126 : std::max(std::ilogb(exact), -126);
  return std::abs(static_cast<double>(value) - exact) / std::ldexp(1.0, exponent - 23);
}

std::vector<double> reference_p(const svetune_problem& shape, Matrix s, const float* max, float scale) {
  std::vector<double> p;
  p.reserve(static_cast<std::size_t>(shape.m * shape.nc));
  for (std::int64_t i = 0; i < shape.m; ++i) {
    for (std::int64_t k = 0; k < shape.nc; ++k) p.push_back(reference_exp2(s.at(i, k), scale, max[i]));
  }
  return p;
}

std::vector<double> reference_softmax(const svetune_problem& shape, Matrix s, float scale) {
  std::vector<double> p(static_cast<std::size_t>(shape.m * shape.nc));
  for (std::int64_t i = 0; i < shape.m; ++i) {
    double* const row = p.data() + i * shape.nc;
    double* const end = row + shape.nc;
    for (std::int64_t k = 0; k < shape.nc; ++k) row[k] = static_cast<double>(s.at(i, k)) * static_cast<double>(scale);
    const double largest = *std::max_element(row, end), max = largest < -0x1p30 ? 0 : largest;
    double sum = 0;
    for (double* x = row; x != end; ++x) sum += * x = std::exp2(*x - max);
    if (sum == 0) continue;
    for (double* x = row; x != end; ++x) *x /= sum;
  }
  return p;
}

Reference reference_result(const svetune_problem& shape, std::vector<double> p, Matrix v, Matrix o) {
  const auto cells = static_cast<std::size_t>(shape.m * shape.d);
  Reference result{std::move(p), std::vector<double>(cells), std::vector<double>(cells),
                   std::vector<double>(static_cast<std::size_t>(shape.m))};
  const auto width = static_cast<std::size_t>(shape.d);
  for (std::int64_t i = 0; i < shape.m; ++i) {
    double* const sum = result.o.data() + static_cast<std::size_t>(i) * width;
    double* const weight = result.weight.data() + static_cast<std::size_t>(i) * width;
    for (std::size_t j = 0; j < width; ++j) {
      sum[j] = o.at(i, static_cast<std::int64_t>(j));
      weight[j] = std::abs(sum[j]);
    }
    for (std::int64_t k = 0; k < shape.nc; ++k) {
      const double factor = result.p[static_cast<std::size_t>(i * shape.nc + k)];
      result.row_sum[static_cast<std::size_t>(i)] += factor;
      const float* const row = v.data + k * v.stride;
      for (std::size_t j = 0; j < width; ++j) {
        const double term = factor * static_cast<double>(row[j]);
        sum[j] += term;
        weight[j] += std::abs(term);
      }
    }
  }
  return result;
}

double sum_error(std::int64_t m, const float* sums, float start, const Reference& reference) {
  double worst = 0;
  for (std::int64_t i = 0; i < m; ++i) {
    const double exact = start + reference.row_sum[static_cast<std::size_t>(i)];
    if (same_special(sums[i], exact)) continue;
    const double error = std::abs(sums[i] - exact) / std::abs(exact);
    worst = std::isnan(error) ? kInfinity : std::max(worst, error);
  }
  return worst;
}

double result_error(const svetune_problem& shape, Matrix o, const Reference& reference) {
  double worst = 0;
  for (std::int64_t i = 0; i < shape.m; ++i) {
    for (std::int64_t j = 0; j < shape.d; ++j) {
      const auto cell = static_cast<std::size_t>(i * shape.d + j);
      const double value = o.at(i, j);
      const double exact = reference.o[cell];
      if (same_special(value, exact)) continue;
      const double error = std::abs(value - exact) / reference.weight[cell];
      worst = std::isnan(error) ? kInfinity : std::max(worst, error);
    }
  }
  return worst;
}

}  // namespace svetune
