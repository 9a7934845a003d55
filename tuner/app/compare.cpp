#include "app/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "db/query.hpp"
#include "measure/statistics.hpp"

namespace svetune::app {
namespace {

// What makes times comparable, and the problem.
using Key = std::tuple<std::string, std::uint32_t, std::string, std::string>;

std::map<Key, db::Evaluation> winners(const Side& side) {
  std::map<Key, db::Evaluation> winners;
  for (const db::Series& series : side.store.series(side.filter)) {
    for (const db::Time& time : db::winners(series))
      winners.emplace(
          Key{series.processor, series.vector_bits, series.timer, svetune::to_text(series.problems[time.problem])},
          side.store.evaluation(time.evaluation));
  }
  return winners;
}

Verdict verdict(double change, double noise) {
  if (change == 0) return Verdict::same;
  if (std::abs(change) <= noise) return change < 0 ? Verdict::gain : Verdict::loss;
  return change < 0 ? Verdict::win : Verdict::regression;
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  constexpr std::array<std::string_view, 5> kNames = {"same", "win", "loss within noise", "gain within noise",
                                                      "regression"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

double relative_noise(const std::vector<double>& samples) {
  if (samples.size() < 2) return 0;
  // Of a normal distribution: its deviation is 1.4826 MAD, and a median's standard error is 1.2533 times the mean's.
  const double error =
      1.4826 * 1.2533 * measure::median_absolute_deviation(samples) / std::sqrt(static_cast<double>(samples.size()));
  return 3 * error / measure::median(samples);
}

Comparison compare(const Side& a, const Side& b, double least_noise) {
  Comparison result;
  auto left = winners(a), right = winners(b);
  for (auto& [key, row] : left) {
    const auto other = right.find(key);
    if (other == right.end()) {
      result.only_a.push_back(std::move(row));
      continue;
    }
    Compared entry{std::move(row), std::move(other->second), 0, 0, Verdict::same};
    right.erase(other);
    entry.change = db::verified_cycles(entry.b) / db::verified_cycles(entry.a) - 1;
    entry.noise = std::max(least_noise, std::hypot(relative_noise(entry.a.samples), relative_noise(entry.b.samples)));
    entry.verdict = verdict(entry.change, entry.noise);
    if (entry.a.timer_version != entry.b.timer_version) result.timer_versions_differ = true;
    result.problems.push_back(std::move(entry));
  }
  for (auto& [key, row] : right) result.only_b.push_back(std::move(row));
  return result;
}

}  // namespace svetune::app
