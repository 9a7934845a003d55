// Gaussian-process regression over the axes of a space: a cheap predictor of log cost, with its own doubt.
// Kernel: product over axes of exp(-theta_axis * distance); distance is 0..1 along the ranks of an ordered axis, 0 or 1
// of a named one. Lengths are chosen by marginal likelihood (Rasmussen and Williams, "Gaussian Processes for Machine
// Learning", 2006, algorithm 2.1 and section 5.4.1).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace svetune::search {

using Ranks = std::vector<std::uint16_t>;

struct AxisShape {
  std::size_t values = 0;
  bool ordered = true;
};

class GaussianProcess {
 public:
  explicit GaussianProcess(std::vector<AxisShape> axes);

  // Keeps copies. `choose_lengths` costs some dozens of factorisations of order inputs.size().
  void fit(const std::vector<Ranks>& inputs, const std::vector<double>& outputs, bool choose_lengths);

  struct Prediction {
    double mean = 0, deviation = 0;
  };
  double mean(std::span<const std::uint16_t> at) const;         // O(inputs)
  Prediction predict(std::span<const std::uint16_t> at) const;  // O(inputs^2)

 private:
  void set_theta(std::size_t axis, double theta);
  // Covariance with each input.
  std::vector<double> covariances(std::span<const std::uint16_t> at) const;
  void fill_covariance();
  void change_theta(std::size_t axis, double theta);  // of tables and covariance
  double factorise();                                 // returns the log marginal likelihood

  std::vector<AxisShape> axes_;
  std::vector<std::size_t> varied_;  // axes of more than one value
  std::vector<double> theta_;
  std::vector<std::vector<double>> tables_;  // per axis: exp(-theta * distance), values x values
  std::vector<Ranks> inputs_;
  std::vector<Ranks> columns_;      // of the varied axes: the ranks of all inputs
  std::vector<double> covariance_;  // of the inputs, without noise; lower triangle, row by row, as is factor_
  std::vector<double> centred_, weights_, factor_;  // factor_: lower triangle of the Cholesky factor, row by row
  double centre_ = 0, scale_ = 1;
};

}  // namespace svetune::search
