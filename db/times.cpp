#include "db/times.hpp"

namespace svetune::db {

SeriesTimes::SeriesTimes(const Series& series) : series_(series) {
  for (std::size_t i = 0; i < series.times.size(); ++i) {
    if (first_.size() == series.times[i].problem) first_.push_back(i);
  }
  first_.push_back(series.times.size());
}

std::optional<double> SeriesTimes::cycles(std::uint32_t problem, std::uint32_t choice) {
  for (std::size_t i = first_[problem]; i < first_[problem + 1]; ++i) {
    if (series_.times[i].choice == choice) return series_.times[i].cycles;
  }
  return std::nullopt;
}

}  // namespace svetune::db
