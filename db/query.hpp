// Which configuration to use for a problem that may not have been measured. The rules are those of the generated
// header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "db/series.hpp"
#include "db/store.hpp"

namespace svetune::db {

enum class Rule : std::uint8_t {
  exact,           // the winner of this problem
  nearest,         // the winner of the nearest measured problem whose configuration is valid for the asked one
  robust_default,  // the configuration that loses least where it loses most
};
std::string_view to_text(Rule rule);  // "exact", "nearest", "default"

struct Selection {
  Rule rule = Rule::exact;
  Time time;            // of the winner that answers; of the robust default: its worst one
  double distance = 0;  // doublings, see distance.hpp
  // As a fraction: 0.05 costs 5 % more cycles than the best configuration of the asked problem would. Exact: 0.
  // Nearest: the worst loss of the configuration at up to three other measured problems next to the asked one. Default:
  // its worst loss. Empty where nothing tells.
  std::optional<double> expected_loss;
};

// Exact; else nearest, up to `kFarthest`, among measured problems of the same operation whose accuracy is at least the
// asked one; else the robust default of these; else nearest at any distance. Equal distances: the accuracy closest to
// the asked one, then the smaller shape.
std::optional<Selection> select(const Series& series, const Problem& asked);

// Among the configurations that are valid for every shape and were timed for most of the problems whose accuracy is at
// least `accuracy`: the one with the least worst loss; ties by the sum of losses, then by text.
std::optional<Robust> robust_default(const Series& series, std::int32_t operation, std::int32_t accuracy);

// The winner of each problem of a series, in its order.
std::vector<Time> winners(const Series& series);

struct Answer {
  Rule rule = Rule::exact;
  double distance = 0;
  std::optional<double> expected_loss;
  Evaluation evaluation;  // of the measured problem that answers; states timer, date and configuration
  Machine machine;
};
// The best answer first. Exact: up to `top` configurations of the problem, fastest first; nearest: of the problem that
// answers, those that are valid for the asked one; default: one. Throws InputError where the database holds nothing to
// answer with, or times that cannot be compared.
std::vector<Answer> answers(const Store& store, const Problem& asked, Store::Filter filter, std::size_t top);

}  // namespace svetune::db
