#include "search/replay.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace svetune::search {
namespace {

constexpr std::size_t kMostEvaluations = 400;
constexpr std::size_t kScoreStep = 5;  // the score's points in time: 5, 10, ... 400

// The value at a fraction of the sorted list, the lower one of two.
double quantile(std::vector<double> values, double fraction) {
  std::ranges::sort(values);
  const auto place = static_cast<std::size_t>(std::floor(fraction * static_cast<double>(values.size() - 1)));
  return values[place];
}

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

double worst_cost(const RecordedSpace& space) {
  double worst = 0;
  for (const double cost : space.costs) worst = cost < kFailed ? std::max(worst, cost) : worst;
  return worst;
}

}  // namespace

double RecordedSpace::optimum() const {
  const auto least = std::ranges::min_element(costs);
  if (least == costs.end() || *least == kFailed) {
    throw InputError("no candidate of the recorded space has a time; record it again");
  }
  return *least;
}

std::vector<double> replay_run(const RecordedSpace& space, const SearcherKind& kind, std::uint64_t seed,
                               std::size_t evaluations) {
  const auto searcher = kind.make(space.candidates, seed);
  std::vector<double> best;
  double least = kFailed;
  while (best.size() < evaluations) {
    const auto candidate = searcher->ask();
    if (!candidate) break;
    searcher->tell(*candidate, space.costs[*candidate]);
    least = std::min(least, space.costs[*candidate]);
    best.push_back(least);
  }
  return best;
}

std::vector<double> random_baseline(const RecordedSpace& space, std::size_t evaluations, double failed) {
  std::vector<double> sorted;
  sorted.reserve(space.costs.size());
  for (const double cost : space.costs) sorted.push_back(cost < kFailed ? cost : failed);
  std::ranges::sort(sorted);
  const std::size_t n = sorted.size();
  std::vector<double> expected;
  for (std::size_t t = 1; t <= std::min(evaluations, n); ++t) {
    // The least of t is sorted[i] where i is drawn and the other t-1 come from the n-1-i behind it:
    // C(n-1-i, t-1) / C(n, t). The first is t/n, each next one (n-i-t) / (n-1-i) times the one before.
    double probability = static_cast<double>(t) / static_cast<double>(n), sum = 0;
    for (std::size_t i = 0; i + t <= n; ++i) {
      sum += probability * sorted[i];
      if (i + t < n) probability *= static_cast<double>(n - i - t) / static_cast<double>(n - 1 - i);
    }
    expected.push_back(sum);
  }
  return expected;
}

ReplayResult replay(const RecordedSpace& space, const SearcherKind& kind, std::size_t repeats,
                    std::uint64_t first_seed) {
  const double optimum = space.optimum(), worst = worst_cost(space);
  const std::size_t most = std::min(kMostEvaluations, space.candidates.size());
  const std::vector<double> baseline = random_baseline(space, most, worst);
  std::vector<std::vector<double>> fractions(std::size(kCheckpoints));
  ReplayResult result;
  std::size_t asked = 0, points = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t run = 0; run < repeats; ++run) {
    std::vector<double> best = replay_run(space, kind, first_seed + run, most);
    asked += best.size();
    best.resize(most, best.empty() ? kFailed : best.back());
    for (double& cost : best) cost = std::min(cost, worst);
    for (std::size_t i = 0; i < fractions.size(); ++i) {
      fractions[i].push_back(optimum / best[std::min(kCheckpoints[i], most) - 1]);
    }
    for (std::size_t t = kScoreStep; t <= most; t += kScoreStep) {
      if (baseline[t - 1] <= optimum * (1 + 1e-9)) break;  // random search has it, too
      result.score += (baseline[t - 1] - best[t - 1]) / (baseline[t - 1] - optimum);
      ++points;
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  if (points > 0) result.score /= static_cast<double>(points);
  if (asked > 0) result.seconds_per_evaluation = taken.count() / static_cast<double>(asked);
  for (const auto& values : fractions) {
    result.median.push_back(middle(values));
    result.tenth_percentile.push_back(quantile(values, 0.1));
  }
  return result;
}

}  // namespace svetune::search
