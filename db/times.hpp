// The times of one line (processor, vector length, timer) as the rules of an answer ask for them: from a series in
// memory, or one by one from a database, of which an answer needs a few of a million.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/series.hpp"

namespace svetune::db {

class Times {
 public:
  virtual ~Times() = default;
  virtual std::uint32_t vector_bits() const = 0;
  virtual const std::vector<Problem>& problems() const = 0;  // in the order of Series::problems; some may have no time
  virtual const Choice& choice(std::uint32_t choice) const = 0;
  // The fastest of a problem.
  virtual std::optional<Time> winner(std::uint32_t problem) = 0;
  // Cycles of a choice that a winner named.
  virtual std::optional<double> cycles(std::uint32_t problem, std::uint32_t choice) = 0;
};

class SeriesTimes final : public Times {
 public:
  explicit SeriesTimes(const Series& series);
  std::uint32_t vector_bits() const override { return series_.vector_bits; }
  const std::vector<Problem>& problems() const override { return series_.problems; }
  const Choice& choice(std::uint32_t choice) const override { return series_.choices[choice]; }
  std::optional<Time> winner(std::uint32_t problem) override { return series_.times[first_[problem]]; }
  std::optional<double> cycles(std::uint32_t problem, std::uint32_t choice) override;

 private:
  const Series& series_;
  std::vector<std::size_t> first_;  // place in series_.times of each problem's first, and the end
};

}  // namespace svetune::db
