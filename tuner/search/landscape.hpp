// A space as searchers see it: which candidates lie beside each other, which have been asked for, and what they cost.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "search/random_source.hpp"
#include "search/searcher.hpp"

namespace svetune::search {

using RankView = std::span<const std::uint16_t>;

class Landscape {
 public:
  Landscape(std::span<const svetune_config> space, std::uint64_t seed);

  std::size_t size() const { return costs_.size(); }
  std::size_t axes() const { return values_.size(); }
  // Rank of the candidate's value among the values that the space has on this axis, ascending.
  std::uint16_t rank(std::size_t candidate, std::size_t axis) const { return ranks_[candidate * axes() + axis]; }
  std::size_t values_on(std::size_t axis) const { return values_[axis].size(); }

  // Candidates that differ in the value of one axis, and one of each other strategy that shares the most values.
  std::vector<std::size_t> neighbours(std::size_t candidate);
  // The candidate with these ranks, if the space has it.
  std::optional<std::size_t> find(RankView ranks) const;
  RankView ranks(std::size_t candidate) const { return RankView(ranks_).subspan(candidate * axes(), axes()); }

  bool asked(std::size_t candidate) const { return asked_[candidate]; }
  bool told(std::size_t candidate) const { return told_[candidate]; }
  double cost(std::size_t candidate) const { return costs_[candidate]; }
  bool pending() const { return asked_count_ > told_order_.size(); }
  // Told candidates in the order of telling.
  const std::vector<std::size_t>& history() const { return told_order_; }
  // The cheapest told so far; nothing when all failed or none was told.
  std::optional<std::size_t> best() const { return best_; }

  std::size_t ask(std::size_t candidate);  // marks it and returns it
  void tell(std::size_t candidate, double cost);
  // A candidate not asked for yet, uniformly; nothing when all have been.
  std::optional<std::size_t> unexplored();

  RandomSource& random() { return random_; }

 private:
  void read_values(std::span<const svetune_config> space);
  static std::uint64_t key(RankView ranks);
  std::optional<std::size_t> counterpart(std::size_t candidate, std::size_t strategy);

  std::vector<std::vector<std::int32_t>> values_;
  std::vector<std::uint16_t> ranks_;  // candidates x axes
  std::unordered_multimap<std::uint64_t, std::size_t> index_;
  std::vector<std::vector<std::size_t>> by_strategy_;
  std::vector<bool> asked_, told_;
  std::vector<double> costs_;
  std::vector<std::size_t> told_order_, unexplored_;
  std::size_t asked_count_ = 0;
  std::optional<std::size_t> best_;
  RandomSource random_;
};

}  // namespace svetune::search
