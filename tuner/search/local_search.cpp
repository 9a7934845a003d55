// First-improvement local search: walk to the first neighbour that is cheaper; where none is, start again. Two ways to
// start again: at random (multi-start), or by a kick of the best so far after some random starts (iterated local
// search, after Lourenco, Martin and Stuetzle, "Iterated local search", 2003).
#include <memory>
#include <vector>

#include "search/landscape.hpp"

namespace svetune::search {
namespace {

constexpr std::size_t kRandomStarts = 20;  // of the iterated form
constexpr std::size_t kKickedAxes = 2;

class LocalSearch final : public Searcher {
 public:
  LocalSearch(std::span<const svetune_config> space, std::uint64_t seed, bool iterated)
      : landscape_(space, seed), iterated_(iterated) {}

  std::optional<std::size_t> ask() override {
    while (current_ && landscape_.told(*current_)) {
      if (climb(*current_)) continue;
      if (const auto next = next_neighbour(*current_)) return landscape_.ask(*next);
      break;  // a local optimum, or its last neighbours are still being evaluated
    }
    return start();
  }

  void tell(std::size_t index, double cost) override { landscape_.tell(index, cost); }

 private:
  // Moves to a neighbour already known to be cheaper.
  bool climb(std::size_t from) {
    for (const std::size_t neighbour : neighbours_) {
      if (landscape_.told(neighbour) && landscape_.cost(neighbour) < landscape_.cost(from)) {
        enter(neighbour);
        return true;
      }
    }
    return false;
  }

  std::optional<std::size_t> next_neighbour(std::size_t from) {
    if (neighbours_.empty()) {
      neighbours_ = landscape_.neighbours(from);
      landscape_.random().shuffle(neighbours_);
    }
    for (const std::size_t neighbour : neighbours_) {
      if (!landscape_.asked(neighbour)) return neighbour;
    }
    return std::nullopt;
  }

  void enter(std::size_t candidate) {
    current_ = candidate;
    neighbours_ = landscape_.neighbours(candidate);
    landscape_.random().shuffle(neighbours_);
  }

  // While results are outstanding a fresh start fills the workers; the walk goes on from whatever is told.
  std::optional<std::size_t> start() {
    std::optional<std::size_t> candidate;
    if (const auto best = landscape_.best(); iterated_ && best && starts_ >= kRandomStarts) candidate = kick(*best);
    if (!candidate) candidate = landscape_.unexplored();
    if (!candidate) return std::nullopt;
    ++starts_;
    current_ = candidate;
    neighbours_.clear();
    return landscape_.ask(*candidate);
  }

  // Some axes of a candidate set to random values; nothing if that finds no unexplored candidate.
  std::optional<std::size_t> kick(std::size_t candidate) {
    RandomSource& random = landscape_.random();
    for (int attempt = 0; attempt < 50; ++attempt) {
      const RankView from = landscape_.ranks(candidate);
      std::vector<std::uint16_t> ranks(from.begin(), from.end());
      for (std::size_t change = 0; change < kKickedAxes; ++change) {
        const std::size_t axis = 1 + random.below(landscape_.axes() - 1);
        ranks[axis] = static_cast<std::uint16_t>(random.below(landscape_.values_on(axis)));
      }
      const auto found = landscape_.find(ranks);
      if (found && !landscape_.asked(*found)) return found;
    }
    return std::nullopt;
  }

  Landscape landscape_;
  bool iterated_;
  std::size_t starts_ = 0;
  std::optional<std::size_t> current_;
  std::vector<std::size_t> neighbours_;
};

}  // namespace

std::unique_ptr<Searcher> make_local_search(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<LocalSearch>(space, seed, false);
}
std::unique_ptr<Searcher> make_iterated_local_search(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<LocalSearch>(space, seed, true);
}

}  // namespace svetune::search
