#include "search/landscape.hpp"

#include <algorithm>
#include <numeric>

namespace svetune::search {
namespace {

// Axis 0 is the strategy, then the table of axes in its order.
std::vector<std::int32_t> fields(const svetune_config& config) {
  std::vector<std::int32_t> out{config.strategy};
  for (const Axis& axis : svetune::axes()) out.push_back(config.*axis.field);
  return out;
}

// A counterpart is sought among this many candidates of a strategy at most, so that a move's cost has a bound.
constexpr std::size_t kCounterpartSample = 512;

}  // namespace

Landscape::Landscape(std::span<const svetune_config> space, std::uint64_t seed)
    : asked_(space.size()),
      told_(space.size()),
      costs_(space.size(), kFailed),
      unexplored_(space.size()),
      random_(seed) {
  std::iota(unexplored_.begin(), unexplored_.end(), std::size_t{0});
  values_.resize(svetune::axes().size() + 1);
  for (const svetune_config& config : space) {
    const std::vector<std::int32_t> row = fields(config);
    for (std::size_t axis = 0; axis < row.size(); ++axis) values_[axis].push_back(row[axis]);
  }
  for (auto& values : values_) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  by_strategy_.resize(values_[0].size());
  rows_.reserve(space.size());
  for (const svetune_config& config : space) {
    const std::vector<std::int32_t> row = fields(config);
    std::vector<std::uint16_t> ranks(row.size());
    for (std::size_t axis = 0; axis < row.size(); ++axis) {
      const auto at = std::ranges::lower_bound(values_[axis], row[axis]);
      ranks[axis] = static_cast<std::uint16_t>(at - values_[axis].begin());
    }
    index_.emplace(key(ranks), rows_.size());
    by_strategy_[ranks[0]].push_back(rows_.size());
    rows_.push_back(std::move(ranks));
  }
}

std::uint64_t Landscape::key(const std::vector<std::uint16_t>& ranks) {
  std::uint64_t hash = 1469598103934665603U;  // FNV-1a
  for (const std::uint16_t rank : ranks) hash = (hash ^ rank) * 1099511628211U;
  return hash;
}

std::optional<std::size_t> Landscape::find(const std::vector<std::uint16_t>& ranks) const {
  const auto [begin, end] = index_.equal_range(key(ranks));
  for (auto at = begin; at != end; ++at) {
    if (rows_[at->second] == ranks) return at->second;
  }
  return std::nullopt;
}

std::optional<std::size_t> Landscape::counterpart(std::size_t candidate, std::size_t strategy) {
  const std::vector<std::size_t>& others = by_strategy_[strategy];
  std::optional<std::size_t> best;
  std::size_t best_shared = 0;
  const std::size_t looks = std::min(others.size(), kCounterpartSample);
  for (std::size_t look = 0; look < looks; ++look) {
    const std::size_t other = others.size() <= kCounterpartSample ? others[look] : others[random_.below(others.size())];
    std::size_t shared = 0;
    for (std::size_t axis = 1; axis < axes(); ++axis) shared += rows_[other][axis] == rows_[candidate][axis] ? 1 : 0;
    if (!best || shared > best_shared) {
      best = other;
      best_shared = shared;
    }
  }
  return best;
}

std::vector<std::size_t> Landscape::neighbours(std::size_t candidate) {
  std::vector<std::size_t> out;
  std::vector<std::uint16_t> ranks = rows_[candidate];
  for (std::size_t axis = 1; axis < axes(); ++axis) {
    const std::uint16_t own = ranks[axis];
    for (std::size_t value = 0; value < values_on(axis); ++value) {
      if (value == own) continue;
      ranks[axis] = static_cast<std::uint16_t>(value);
      if (const auto other = find(ranks)) out.push_back(*other);
    }
    ranks[axis] = own;
  }
  for (std::size_t strategy = 0; strategy < by_strategy_.size(); ++strategy) {
    if (strategy == ranks[0]) continue;
    if (const auto other = counterpart(candidate, strategy)) out.push_back(*other);
  }
  return out;
}

std::size_t Landscape::ask(std::size_t candidate) {
  if (!asked_[candidate]) ++asked_count_;
  asked_[candidate] = true;
  return candidate;
}

void Landscape::tell(std::size_t candidate, double cost) {
  ask(candidate);
  if (!told_[candidate]) told_order_.push_back(candidate);
  told_[candidate] = true;
  costs_[candidate] = cost;
  if (cost < kFailed && (!best_ || cost < costs_[*best_])) best_ = candidate;
}

std::optional<std::size_t> Landscape::unexplored() {
  // Asked candidates leave the list when they are drawn: constant time on the average.
  while (!unexplored_.empty()) {
    std::swap(unexplored_[random_.below(unexplored_.size())], unexplored_.back());
    const std::size_t candidate = unexplored_.back();
    if (!asked_[candidate]) return candidate;
    unexplored_.pop_back();
  }
  return std::nullopt;
}

}  // namespace svetune::search
