// Genetic search: the twenty best candidates so far are the parents; a child takes each axis from one of two parents
// chosen by rank, and mutates an axis now and then. A child that the space does not have, or that was tried, is drawn
// again.
#include <algorithm>
#include <memory>
#include <vector>

#include "search/landscape.hpp"

namespace svetune::search {
namespace {

constexpr std::size_t kPopulation = 20;
constexpr double kMutation = 0.1;  // of an axis
constexpr int kAttempts = 50;

class Genetic final : public Searcher {
 public:
  Genetic(std::span<const svetune_config> space, std::uint64_t seed) : landscape_(space, seed) {}

  std::optional<std::size_t> ask() override {
    if (landscape_.history().size() >= kPopulation && parents_.size() > 1) {
      for (int attempt = 0; attempt < kAttempts; ++attempt) {
        const auto child = landscape_.find(breed());
        if (child && !landscape_.asked(*child)) return landscape_.ask(*child);
      }
    }
    const auto fresh = landscape_.unexplored();
    if (!fresh) return std::nullopt;
    return landscape_.ask(*fresh);
  }

  void tell(std::size_t index, double cost) override {
    landscape_.tell(index, cost);
    if (cost == kFailed) return;
    const auto cheaper = [this](std::size_t a, std::size_t b) { return landscape_.cost(a) < landscape_.cost(b); };
    parents_.insert(std::ranges::upper_bound(parents_, index, cheaper), index);
    if (parents_.size() > kPopulation) parents_.pop_back();
  }

 private:
  // The better of two, so that low ranks breed more.
  std::size_t parent() {
    return parents_[std::min(landscape_.random().below(parents_.size()), landscape_.random().below(parents_.size()))];
  }

  std::vector<std::uint16_t> breed() {
    RandomSource& random = landscape_.random();
    const RankView one = landscape_.ranks(parent()), other = landscape_.ranks(parent());
    std::vector<std::uint16_t> child(one.begin(), one.end());
    for (std::size_t axis = 0; axis < child.size(); ++axis) {
      if (random.below(2) == 0) child[axis] = other[axis];
      if (random.unit() < kMutation) child[axis] = static_cast<std::uint16_t>(random.below(landscape_.values_on(axis)));
    }
    return child;
  }

  Landscape landscape_;
  std::vector<std::size_t> parents_;  // cheapest first
};

}  // namespace

std::unique_ptr<Searcher> make_genetic(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<Genetic>(space, seed);
}

}  // namespace svetune::search
