// Model-guided search: a Gaussian process fitted on the evaluations so far ranks candidates. Two kinds of asks take
// turns: a step of a first-improvement local search, which tries the most promising neighbour first and starts again
// where no neighbour is cheaper; and the lowest optimistic bound of a pool of neighbours of the best and a random
// sample. The first finds the bottom of a valley, the second the valley.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "search/gaussian_process.hpp"
#include "search/landscape.hpp"

namespace svetune::search {
namespace {

constexpr std::size_t kInitial = 12;       // drawn at random before the first fit
constexpr std::size_t kTrainingBest = 48;  // the cheapest so far, and
constexpr std::size_t kTrainingRest = 48;  // a sample of the rest: bounds the cost of a fit
constexpr std::size_t kCentres = 4;        // whose neighbours are in the pool
constexpr std::size_t kSample = 64;        // random candidates in the pool
constexpr std::size_t kFinalists = 8;      // whose doubt is computed
constexpr std::size_t kGlobalEvery = 3;    // one ask in this many is of the pool
// How many deviations an ask of the pool is optimistic by, in turn: from exploitation to exploration.
constexpr std::array kOptimism{0.5, 1.0, 0.0, 2.0};

class Guided final : public Searcher {
 public:
  Guided(std::span<const svetune_config> space, std::uint64_t seed) : landscape_(space, seed), process_(shapes()) {}

  std::optional<std::size_t> ask() override {
    ++asks_;
    const auto fresh = landscape_.unexplored();
    if (!fresh) return std::nullopt;
    if (by_cost_.size() < kInitial || !landscape_.best()) return landscape_.ask(*fresh);
    refit();
    if (asks_ % kGlobalEvery != 0) {
      if (const auto step = local_step()) return landscape_.ask(*step);
    }
    const std::vector<std::size_t> pool = candidates();
    return landscape_.ask(pool.empty() ? *fresh : choose(pool));
  }

  void tell(std::size_t index, double cost) override {
    if (landscape_.told(index)) return;
    landscape_.tell(index, cost);
    const auto cheaper = [this](std::size_t a, std::size_t b) { return landscape_.cost(a) < landscape_.cost(b); };
    by_cost_.insert(std::ranges::upper_bound(by_cost_, index, cheaper), index);
    if (landscape_.best() == index) walk_from(index);
  }

 private:
  std::vector<AxisShape> shapes() const {
    std::vector<AxisShape> out{{landscape_.values_on(0), false}};
    for (std::size_t axis = 1; axis < landscape_.axes(); ++axis) {
      out.push_back({landscape_.values_on(axis), svetune::axes()[axis - 1].value_names.empty()});
    }
    return out;
  }

  // A failed candidate is taken for somewhat worse than the worst that ran.
  void refit() {
    const std::size_t told = by_cost_.size();
    if (told < next_fit_) return;
    next_fit_ = told + 1 + told / 16;
    const auto first_failed =
        std::ranges::partition_point(by_cost_, [this](std::size_t i) { return landscape_.cost(i) < kFailed; });
    const double worst = landscape_.cost(*(first_failed - 1));
    std::vector<std::size_t> training(by_cost_.begin(),
                                      by_cost_.begin() + static_cast<std::ptrdiff_t>(std::min(told, kTrainingBest)));
    for (std::size_t i = kTrainingBest; i < told; ++i) {  // each of the rest with the same chance
      if (landscape_.random().below(told - i) < kTrainingBest + kTrainingRest - training.size()) {
        training.push_back(by_cost_[i]);
      }
      if (training.size() == kTrainingBest + kTrainingRest) break;
    }
    std::vector<Ranks> inputs;
    std::vector<double> outputs;
    for (const std::size_t i : training) {
      inputs.emplace_back(landscape_.ranks(i).begin(), landscape_.ranks(i).end());
      outputs.push_back(std::log(std::min(landscape_.cost(i), 1.5 * worst)));
    }
    const bool doubled = told >= 2 * lengths_chosen_at_;
    if (doubled) lengths_chosen_at_ = told;
    process_.fit(inputs, outputs, doubled);
  }

  void walk_from(std::size_t candidate) {
    current_ = candidate;
    neighbours_ = landscape_.neighbours(candidate);
  }

  // The most promising neighbour of the walk's place that was not tried; a new start where all were.
  std::optional<std::size_t> local_step() {
    while (current_ && landscape_.told(*current_)) {
      const auto cheapest = std::ranges::min_element(
          neighbours_, {}, [this](std::size_t i) { return landscape_.told(i) ? landscape_.cost(i) : kFailed; });
      if (cheapest != neighbours_.end() && landscape_.told(*cheapest) &&
          landscape_.cost(*cheapest) < landscape_.cost(*current_)) {
        walk_from(*cheapest);
        continue;
      }
      if (const auto next = promising(neighbours_)) return next;
      break;  // a local optimum, or its last neighbours are still being evaluated
    }
    return start();
  }

  std::optional<std::size_t> promising(const std::vector<std::size_t>& from) const {
    std::optional<std::size_t> chosen;
    double lowest = 0;
    for (const std::size_t i : from) {
      if (landscape_.asked(i)) continue;
      const double mean = process_.mean(landscape_.ranks(i));
      if (chosen && mean >= lowest) continue;
      lowest = mean;
      chosen = i;
    }
    return chosen;
  }

  // Of a few random candidates the most promising one.
  std::optional<std::size_t> start() {
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < kSample / 8; ++i) {
      if (const auto candidate = landscape_.unexplored()) fresh.push_back(*candidate);
    }
    const auto chosen = promising(fresh);
    if (chosen) walk_from(*chosen);
    return chosen;
  }

  std::vector<std::size_t> candidates() {
    std::vector<std::size_t> pool;
    for (std::size_t i = 0; i < std::min(kCentres, by_cost_.size()); ++i) {
      for (const std::size_t neighbour : landscape_.neighbours(by_cost_[i])) pool.push_back(neighbour);
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
    const double optimism = kOptimism[asks_ / kGlobalEvery % kOptimism.size()];
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
  std::vector<std::size_t> by_cost_;  // told candidates, cheapest first
  std::optional<std::size_t> current_;
  std::vector<std::size_t> neighbours_;  // of current_
  std::size_t asks_ = 0, next_fit_ = 0, lengths_chosen_at_ = 0;
};

}  // namespace

std::unique_ptr<Searcher> make_guided(std::span<const svetune_config> space, std::uint64_t seed) {
  return std::make_unique<Guided>(space, seed);
}

}  // namespace svetune::search
