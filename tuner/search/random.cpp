// Uniform random search without replacement: a Fisher-Yates shuffle, one step an ask.
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "search/searcher.hpp"

namespace svetune::search {
namespace {

class Random final : public Searcher {
 public:
  Random(std::size_t size, std::uint64_t seed) : order_(size), generator_(seed) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  std::optional<std::size_t> ask() override {
    if (next_ == order_.size()) return std::nullopt;
    std::swap(order_[next_], order_[next_ + below(order_.size() - next_)]);
    return order_[next_++];
  }

  void tell(std::size_t /*index*/, double /*cost*/) override {}

 private:
  // By rejection: std::uniform_int_distribution may differ between standard libraries, and a seed must not.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % bound;
    std::uint64_t value = generator_();
    while (value >= limit) value = generator_();
    return value % bound;
  }

  std::vector<std::size_t> order_;
  std::size_t next_ = 0;
  std::mt19937_64 generator_;
};

}  // namespace

std::unique_ptr<Searcher> make_random(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<Random>(space.size(), seed);
}

}  // namespace svetune::search
