// Model-guided search: a Gaussian process fitted on the evaluations so far ranks a pool of candidates (neighbours of
// the best, and a random sample); the one with the lowest optimistic bound is asked for next.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "search/gaussian_process.hpp"
#include "search/landscape.hpp"

namespace svetune::search {
namespace {

constexpr std::size_t kInitial = 16;       // spread over the strategies before the first fit
constexpr std::size_t kTrainingBest = 64;  // the cheapest so far, and
constexpr std::size_t kTrainingRest = 64;  // a sample of the rest: bounds the cost of a fit
constexpr std::size_t kCentres = 6;        // whose neighbours are in the pool
constexpr std::size_t kSample = 150;       // random candidates in the pool
constexpr std::size_t kFinalists = 8;      // whose doubt is computed
// How many deviations an ask is optimistic by, in turn: from pure exploitation to exploration.
constexpr std::array kOptimism{0.0, 1.0, 0.5, 2.0};

class Guided final : public Searcher {
 public:
  Guided(std::span<const svetune_config> space, std::uint64_t seed) : landscape_(space, seed), process_(shapes()) {}

  std::optional<std::size_t> ask() override {
    ++asks_;
    const auto fresh = landscape_.unexplored();
    if (!fresh) return std::nullopt;
    if (landscape_.history().size() < kInitial || !landscape_.best()) return landscape_.ask(*fresh);
    refit();
    std::vector<std::size_t> pool = candidates();
    if (pool.empty()) return landscape_.ask(*fresh);
    return landscape_.ask(choose(pool));
  }

  void tell(std::size_t index, double cost) override { landscape_.tell(index, cost); }

 private:
  std::vector<AxisShape> shapes() const {
    std::vector<AxisShape> out{{landscape_.values_on(0), false}};
    for (std::size_t axis = 1; axis < landscape_.axes(); ++axis) {
      out.push_back({landscape_.values_on(axis), svetune::axes()[axis - 1].value_names.empty()});
    }
    return out;
  }

  std::vector<std::size_t> by_cost() const {
    std::vector<std::size_t> told = landscape_.history();
    std::ranges::stable_sort(told, {}, [this](std::size_t i) { return landscape_.cost(i); });
    return told;
  }

  // A failed candidate is taken for somewhat worse than the worst that ran.
  void refit() {
    const std::size_t told = landscape_.history().size();
    if (told < next_fit_) return;
    next_fit_ = told + 1 + told / 16;
    std::vector<std::size_t> training = by_cost();
    double worst = landscape_.cost(training.front());
    for (const std::size_t i : training) worst = landscape_.cost(i) < kFailed ? landscape_.cost(i) : worst;
    while (training.size() > kTrainingBest + kTrainingRest) {
      training.erase(
          training.begin() +
          static_cast<std::ptrdiff_t>(kTrainingBest + landscape_.random().below(training.size() - kTrainingBest)));
    }
    std::vector<Ranks> inputs;
    std::vector<double> outputs;
    for (const std::size_t i : training) {
      inputs.push_back(landscape_.ranks(i));
      outputs.push_back(std::log(std::min(landscape_.cost(i), 1.5 * worst)));
    }
    const bool doubled = told >= 2 * lengths_chosen_at_;
    if (doubled) lengths_chosen_at_ = told;
    process_.fit(inputs, outputs, doubled);
  }

  std::vector<std::size_t> candidates() {
    std::vector<std::size_t> pool;
    const std::vector<std::size_t> ranked = by_cost();
    for (std::size_t i = 0; i < std::min(kCentres, ranked.size()); ++i) {
      for (const std::size_t neighbour : landscape_.neighbours(ranked[i])) pool.push_back(neighbour);
    }
    for (std::size_t i = 0; i < kSample; ++i) {
      if (const auto fresh = landscape_.unexplored()) pool.push_back(*fresh);
    }
    std::erase_if(pool, [this](std::size_t i) { return landscape_.asked(i); });
    std::ranges::sort(pool);
    pool.erase(std::unique(pool.begin(), pool.end()), pool.end());
    return pool;
  }

  // Lowest optimistic bound among those with the lowest means.
  std::size_t choose(const std::vector<std::size_t>& pool) {
    std::vector<std::pair<double, std::size_t>> ranked;
    ranked.reserve(pool.size());
    for (const std::size_t i : pool) ranked.emplace_back(process_.mean(landscape_.ranks(i)), i);
    std::ranges::sort(ranked);
    const double optimism = kOptimism[asks_ % kOptimism.size()];
    std::size_t best = ranked.front().second;
    double lowest = ranked.front().first;
    for (std::size_t i = 0; optimism > 0 && i < std::min(kFinalists, ranked.size()); ++i) {
      const auto [mean, deviation] = process_.predict(landscape_.ranks(ranked[i].second));
      if (mean - optimism * deviation < lowest || i == 0) {
        lowest = mean - optimism * deviation;
        best = ranked[i].second;
      }
    }
    return best;
  }

  Landscape landscape_;
  GaussianProcess process_;
  std::size_t asks_ = 0, next_fit_ = 0, lengths_chosen_at_ = 0;
};

}  // namespace

std::unique_ptr<Searcher> make_guided(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<Guided>(space, seed);
}

}  // namespace svetune::search
