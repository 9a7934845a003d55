#include "search/landscape.hpp"

#include <algorithm>
#include <numeric>

namespace svetune::search {
namespace {

// Axis 0 is the strategy, then the table of axes in its order.
std::int32_t field(const svetune_config& config, std::size_t axis) {
  return axis == 0 ? config.strategy : config.*svetune::axes()[axis - 1].field;
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
  read_values(space);
  by_strategy_.resize(values_[0].size());
  ranks_.reserve(space.size() * axes());
  for (std::size_t candidate = 0; candidate < space.size(); ++candidate) {
    for (std::size_t axis = 0; axis < axes(); ++axis) {
      const auto at = std::ranges::lower_bound(values_[axis], field(space[candidate], axis));
      ranks_.push_back(static_cast<std::uint16_t>(at - values_[axis].begin()));
    }
    index_.emplace(key(ranks(candidate)), candidate);
    by_strategy_[rank(candidate, 0)].push_back(candidate);
  }
}

// Those that occur, ascending.
void Landscape::read_values(std::span<const svetune_config> space) {
  values_.resize(svetune::axes().size() + 1);
  for (const svetune_config& config : space) {
    for (std::size_t axis = 0; axis < axes(); ++axis) {
      const std::int32_t value = field(config, axis);
      const auto at = std::ranges::lower_bound(values_[axis], value);
      if (at == values_[axis].end() || *at != value) values_[axis].insert(at, value);
    }
  }
}

std::uint64_t Landscape::key(RankView ranks) {
  std::uint64_t hash = 1469598103934665603U;  // FNV-1a
  for (const std::uint16_t rank : ranks) hash = (hash ^ rank) * 1099511628211U;
  return hash;
}

std::optional<std::size_t> Landscape::find(RankView wanted) const {
  const auto [begin, end] = index_.equal_range(key(wanted));
  for (auto at = begin; at != end; ++at) {
    if (std::ranges::equal(ranks(at->second), wanted)) return at->second;
  }
  return std::nullopt;
}

std::optional<std::size_t> Landscape::counterpart(std::size_t candidate, std::size_t strategy) {
  const std::vector<std::size_t>& others = by_strategy_[strategy];
  std::optional<std::size_t> best;
  std::uint16_t best_shared = 0;
  const std::uint16_t* own = &ranks_[candidate * axes()];
  const std::size_t count = axes();
  const std::size_t looks = std::min(others.size(), kCounterpartSample);
  for (std::size_t look = 0; look < looks; ++look) {
    const std::size_t other = others.size() <= kCounterpartSample ? others[look] : others[random_.below(others.size())];
    const std::uint16_t* theirs = &ranks_[other * axes()];
    std::uint16_t shared = 0;  // as narrow as the ranks, for SIMD
    for (std::size_t axis = 1; axis < count; ++axis)
      shared = static_cast<std::uint16_t>(shared + (theirs[axis] == own[axis] ? 1 : 0));
    if (!best || shared > best_shared) {
      best = other;
      best_shared = shared;
    }
  }
  return best;
}

std::vector<std::size_t> Landscape::neighbours(std::size_t candidate) {
  std::vector<std::size_t> out;
  std::vector<std::uint16_t> ranks(this->ranks(candidate).begin(), this->ranks(candidate).end());
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
