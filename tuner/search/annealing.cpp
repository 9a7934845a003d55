// Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983) over relative costs: a neighbour that is worse by the fraction
// x is entered with probability exp(-x / T); T falls geometrically, and is raised again when the walk has frozen.
#include <cmath>
#include <memory>
#include <vector>

#include "search/landscape.hpp"

namespace svetune::search {
namespace {

constexpr double kHot = 0.5, kCold = 0.002, kCooling = 0.97;

class Annealing final : public Searcher {
 public:
  Annealing(std::span<const svetune_config> space, std::uint64_t seed) : landscape_(space, seed) {}

  std::optional<std::size_t> ask() override {
    if (current_) {
      for (const std::size_t neighbour : shuffled_neighbours(*current_)) {
        if (!landscape_.asked(neighbour)) return landscape_.ask(neighbour);
      }
    }
    // Nowhere to go from here, or nothing told yet: a fresh start.
    current_.reset();
    const auto fresh = landscape_.unexplored();
    if (!fresh) return std::nullopt;
    return landscape_.ask(*fresh);
  }

  void tell(std::size_t index, double cost) override {
    landscape_.tell(index, cost);
    if (cost == kFailed) return;
    temperature_ = temperature_ < kCold ? kHot / 10 : temperature_ * kCooling;
    if (!current_ || accept(cost / landscape_.cost(*current_) - 1)) current_ = index;
  }

 private:
  bool accept(double worse) { return worse <= 0 || landscape_.random().unit() < std::exp(-worse / temperature_); }

  std::vector<std::size_t> shuffled_neighbours(std::size_t candidate) {
    std::vector<std::size_t> neighbours = landscape_.neighbours(candidate);
    landscape_.random().shuffle(neighbours);
    return neighbours;
  }

  Landscape landscape_;
  double temperature_ = kHot;
  std::optional<std::size_t> current_;
};

}  // namespace

std::unique_ptr<Searcher> make_annealing(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<Annealing>(space, seed);
}

}  // namespace svetune::search
