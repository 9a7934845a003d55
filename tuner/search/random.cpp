// Uniform random search without replacement: a Fisher-Yates shuffle, one step an ask.
#include <numeric>
#include <utility>
#include <vector>

#include "search/random_source.hpp"
#include "search/searcher.hpp"

namespace svetune::search {
namespace {

class Random final : public Searcher {
 public:
  Random(std::size_t size, std::uint64_t seed) : order_(size), told_(size), random_(seed) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  std::optional<std::size_t> ask() override {
    while (next_ < order_.size()) {
      std::swap(order_[next_], order_[next_ + random_.below(order_.size() - next_)]);
      const std::size_t candidate = order_[next_++];
      if (!told_[candidate]) return candidate;
    }
    return std::nullopt;
  }

  void tell(std::size_t index, double /*cost*/) override { told_[index] = true; }

 private:
  std::vector<std::size_t> order_;
  std::vector<bool> told_;
  std::size_t next_ = 0;
  RandomSource random_;
};

}  // namespace

std::unique_ptr<Searcher> make_random(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<Random>(space.size(), seed);
}

}  // namespace svetune::search
