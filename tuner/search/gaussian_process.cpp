#include "search/gaussian_process.hpp"

#include <array>
#include <cmath>
#include <numeric>

namespace svetune::search {
namespace {

// Relative to the outputs' variance: what the axes cannot explain, and a guard against a singular matrix.
constexpr double kNoise = 1e-3;
constexpr std::array kThetas{0.03, 0.1, 0.3, 1.0, 3.0};

}  // namespace

GaussianProcess::GaussianProcess(std::vector<AxisShape> axes)
    : axes_(std::move(axes)), theta_(axes_.size(), 0.3), tables_(axes_.size()) {
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) set_theta(axis, theta_[axis]);
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

double GaussianProcess::kernel(const Ranks& a, const Ranks& b) const {
  double product = 1;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis)
    product *= tables_[axis][a[axis] * axes_[axis].values + b[axis]];
  return product;
}

double GaussianProcess::factorise() {
  const std::size_t n = inputs_.size();
  factor_.assign(n * n, 0.0);
  double log_determinant = 0;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column <= row; ++column) {
      double sum = kernel(inputs_[row], inputs_[column]) + (row == column ? kNoise : 0.0);
      const double* left = &factor_[row * n];
      const double* right = &factor_[column * n];
      for (std::size_t k = 0; k < column; ++k) sum -= left[k] * right[k];
      factor_[row * n + column] = row == column ? std::sqrt(sum) : sum / factor_[column * n + column];
    }
    log_determinant += 2 * std::log(factor_[row * n + row]);
  }
  weights_ = centred_;
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t k = 0; k < row; ++k) weights_[row] -= factor_[row * n + k] * weights_[k];
    weights_[row] /= factor_[row * n + row];
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
  const double n = static_cast<double>(outputs.size());
  centre_ = std::accumulate(outputs.begin(), outputs.end(), 0.0) / n;
  double variance = 0;
  for (const double output : outputs) variance += (output - centre_) * (output - centre_) / n;
  scale_ = variance > 0 ? std::sqrt(variance) : 1.0;
  centred_.clear();
  for (const double output : outputs) centred_.push_back((output - centre_) / scale_);
  double best = factorise();
  if (!choose_lengths) return;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (axes_[axis].values < 2) continue;
    double chosen = theta_[axis];
    for (const double theta : kThetas) {
      set_theta(axis, theta);
      const double likelihood = factorise();
      if (likelihood > best) {
        best = likelihood;
        chosen = theta;
      }
    }
    set_theta(axis, chosen);
  }
  factorise();
}

double GaussianProcess::mean(const Ranks& at) const {
  double sum = 0;
  for (std::size_t i = 0; i < inputs_.size(); ++i) sum += weights_[i] * kernel(at, inputs_[i]);
  return centre_ + scale_ * sum;
}

GaussianProcess::Prediction GaussianProcess::predict(const Ranks& at) const {
  const std::size_t n = inputs_.size();
  std::vector<double> solved(n);
  double explained = 0, sum = 0;
  for (std::size_t row = 0; row < n; ++row) {
    const double covariance = kernel(at, inputs_[row]);
    sum += weights_[row] * covariance;
    solved[row] = covariance;
    for (std::size_t k = 0; k < row; ++k) solved[row] -= factor_[row * n + k] * solved[k];
    solved[row] /= factor_[row * n + row];
    explained += solved[row] * solved[row];
  }
  const double variance = 1 + kNoise - explained;
  return {centre_ + scale_ * sum, scale_ * std::sqrt(variance > 0 ? variance : 0.0)};
}

}  // namespace svetune::search
