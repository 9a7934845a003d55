// Random numbers that are the same on every standard library: a seed must give the same search everywhere.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace svetune::search {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : generator_(seed) {}

  // Uniform in [0, bound), by rejection.
  std::size_t below(std::size_t bound) {
    const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % bound;
    std::uint64_t value = generator_();
    while (value >= limit) value = generator_();
    return static_cast<std::size_t>(value % bound);
  }

  // Uniform in [0, 1) with 53 bits.
  double unit() { return std::ldexp(static_cast<double>(generator_() >> 11U), -53); }

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace svetune::search
