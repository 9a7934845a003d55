#include "search/gaussian_process.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace svetune::search {
namespace {

// Relative to the outputs' variance: what the axes cannot explain, and a guard against a singular matrix.
constexpr double kNoise = 1e-3;
constexpr std::array kThetas{0.03, 0.1, 0.3, 1.0, 3.0};

// Four sums, whose additions need not wait for each other.
double dot(const double* a, const double* b, std::size_t n) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::size_t k = 0;
  for (; k + 4 <= n; k += 4) {
    s0 += a[k] * b[k];
    s1 += a[k + 1] * b[k + 1];
    s2 += a[k + 2] * b[k + 2];
    s3 += a[k + 3] * b[k + 3];
  }
  for (; k < n; ++k) s0 += a[k] * b[k];
  return (s0 + s1) + (s2 + s3);
}

}  // namespace

GaussianProcess::GaussianProcess(std::vector<AxisShape> axes)
    : axes_(std::move(axes)), theta_(axes_.size(), 0.3), tables_(axes_.size()) {
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    set_theta(axis, theta_[axis]);
    if (axes_[axis].values > 1) varied_.push_back(axis);
  }
}

void GaussianProcess::set_theta(std::size_t axis, double theta) {
  const AxisShape& shape = axes_[axis];
  theta_[axis] = theta;
  tables_[axis].assign(shape.values * shape.values, 1.0);
  const double span = shape.values > 1 ? static_cast<double>(shape.values - 1) : 1.0;
  for (std::size_t a = 0; a < shape.values; ++a) {
    for (std::size_t b = 0; b < shape.values; ++b) {
      const double steps = static_cast<double>(a > b ? a - b : b - a);
      const double distance = shape.ordered ? steps / span : (a == b ? 0.0 : 1.0);
      tables_[axis][a * shape.values + b] = std::exp(-theta * distance);
    }
  }
}

std::vector<double> GaussianProcess::covariances(std::span<const std::uint16_t> at) const {
  const std::size_t n = inputs_.size();
  std::vector<double> products(n, 1.0);
  for (std::size_t column = 0; column < varied_.size(); ++column) {
    const std::size_t axis = varied_[column];
    const double* factors = &tables_[axis][at[axis] * axes_[axis].values];
    const std::uint16_t* ranks = columns_[column].data();
    for (std::size_t i = 0; i < n; ++i) products[i] *= factors[ranks[i]];
  }
  return products;
}

void GaussianProcess::fill_covariance() {
  const std::size_t n = inputs_.size();
  covariance_.resize(n * n);
  for (std::size_t row = 0; row < n; ++row)
    std::ranges::copy(covariances(inputs_[row]), covariance_.begin() + static_cast<std::ptrdiff_t>(row * n));
}

// One factor of the product is exchanged.
void GaussianProcess::change_theta(std::size_t axis, double theta) {
  std::vector<double> ratio = tables_[axis];
  set_theta(axis, theta);
  for (std::size_t i = 0; i < ratio.size(); ++i) ratio[i] = tables_[axis][i] / ratio[i];
  const std::size_t n = inputs_.size();
  for (std::size_t row = 0; row < n; ++row) {
    const double* factors = &ratio[inputs_[row][axis] * axes_[axis].values];
    for (std::size_t column = 0; column <= row; ++column)
      covariance_[row * n + column] *= factors[inputs_[column][axis]];
  }
}

double GaussianProcess::factorise() {
  const std::size_t n = inputs_.size();
  factor_.assign(n * n, 0.0);
  double log_determinant = 0;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      const double covariance = covariance_[row * n + column] + (row == column ? kNoise : 0.0);
      const double sum = covariance - dot(&factor_[row * n], &factor_[column * n], column);
      factor_[row * n + column] = row == column ? std::sqrt(sum) : sum / factor_[column * n + column];
    }
    log_determinant += 2 * std::log(factor_[row * n + row]);
  }
  weights_ = centred_;
  for (std::size_t row = 0; row < n; ++row) {
    weights_[row] = (weights_[row] - dot(&factor_[row * n], weights_.data(), row)) / factor_[row * n + row];
  }
  for (std::size_t row = n; row-- > 0;) {
    for (std::size_t k = row + 1; k < n; ++k) weights_[row] -= factor_[k * n + row] * weights_[k];
    weights_[row] /= factor_[row * n + row];
  }
  const double fit = std::inner_product(centred_.begin(), centred_.end(), weights_.begin(), 0.0);
  // With the amplitude at its own best value, fit / n.
  return -0.5 * (static_cast<double>(n) * std::log(fit / static_cast<double>(n) + 1e-300) + log_determinant);
}

void GaussianProcess::fit(const std::vector<Ranks>& inputs, const std::vector<double>& outputs, bool choose_lengths) {
  inputs_ = inputs;
  columns_.assign(varied_.size(), Ranks(inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t column = 0; column < varied_.size(); ++column) columns_[column][i] = inputs[i][varied_[column]];
  }
  const double n = static_cast<double>(outputs.size());
  centre_ = std::accumulate(outputs.begin(), outputs.end(), 0.0) / n;
  double variance = 0;
  for (const double output : outputs) variance += (output - centre_) * (output - centre_) / n;
  scale_ = variance > 0 ? std::sqrt(variance) : 1.0;
  centred_.clear();
  for (const double output : outputs) centred_.push_back((output - centre_) / scale_);
  fill_covariance();
  double best = factorise();
  if (!choose_lengths) return;
  for (const std::size_t axis : varied_) {
    double chosen = theta_[axis];
    for (const double theta : kThetas) {
      change_theta(axis, theta);
      const double likelihood = factorise();
      if (likelihood > best) {
        best = likelihood;
        chosen = theta;
      }
    }
    change_theta(axis, chosen);
  }
  fill_covariance();
  factorise();
}

double GaussianProcess::mean(std::span<const std::uint16_t> at) const {
  return centre_ + scale_ * dot(weights_.data(), covariances(at).data(), inputs_.size());
}

GaussianProcess::Prediction GaussianProcess::predict(std::span<const std::uint16_t> at) const {
  const std::size_t n = inputs_.size();
  std::vector<double> solved = covariances(at);
  const double sum = dot(weights_.data(), solved.data(), n);
  double explained = 0;
  for (std::size_t row = 0; row < n; ++row) {
    solved[row] = (solved[row] - dot(&factor_[row * n], solved.data(), row)) / factor_[row * n + row];
    explained += solved[row] * solved[row];
  }
  const double variance = 1 + kNoise - explained;
  return {centre_ + scale_ * sum, scale_ * std::sqrt(variance > 0 ? variance : 0.0)};
}

}  // namespace svetune::search
