#include "app/space_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace svetune::app {
namespace {

bool uses(const svetune_config& config, std::string_view axis) {
  const Strategy* strategy = find_strategy(config.strategy);
  return strategy != nullptr &&
         std::ranges::any_of(strategy->axes, [&](const AxisUse& use) { return use.axis == axis; });
}

// The name of the first axis whose value the rules leave out, or nothing.
std::string_view broken_rule(const SpaceRules& rules, const svetune_config& config) {
  for (const auto& [name, values] : rules.axes) {
    if (uses(config, name) && std::ranges::find(values, config.*find_axis(name).field) == values.end()) return name;
  }
  return {};
}

std::vector<std::string_view> chosen_strategies(const SpaceRules& rules) {
  std::vector<std::string_view> names(rules.strategies.begin(), rules.strategies.end());
  if (!names.empty()) return names;
  for (const Strategy& strategy : strategies()) {
    if (strategy.may_win) names.push_back(strategy.name);
  }
  return names;
}

}  // namespace

const Axis& find_axis(std::string_view name) {
  std::string known;
  for (const Axis& axis : axes()) {
    if (axis.name == name) return axis;
    known += (known.empty() ? "" : ", ") + std::string(axis.name);
  }
  throw InputError("unknown axis '" + std::string(name) + "'; known axes are: " + known);
}

std::int32_t parse_axis_value(const Axis& axis, std::string_view word) {
  const auto named = std::ranges::find(axis.value_names, word);
  if (named != axis.value_names.end()) return static_cast<std::int32_t>(named - axis.value_names.begin());
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (axis.value_names.empty() && error == std::errc{} && end == word.data() + word.size() && value >= 0) return value;
  throw InputError("bad value '" + std::string(word) + "' of axis " + std::string(axis.name) + " (" +
                   std::string(axis.help) + ")");
}

void check_strategies(const std::vector<std::string>& names) {
  const auto unknown = std::ranges::find_if(names, [](const auto& name) { return find_strategy(name) == nullptr; });
  if (unknown == names.end()) return;
  std::string known;
  for (const Strategy& strategy : strategies()) known.append(known.empty() ? "" : ", ").append(strategy.name);
  throw InputError("unknown strategy '" + *unknown + "'; known are: " + known);
}

std::vector<svetune_config> enumerate_allowed(const Target& target, const SpaceRules& rules, SpaceSize* size) {
  std::vector<svetune_config> kept;
  SpaceSize counted;
  for (const std::string_view strategy : chosen_strategies(rules)) {
    SpaceSize part;
    for (const svetune_config& config : enumerate(target, strategy, &part)) {
      if (const std::string_view axis = broken_rule(rules, config); !axis.empty()) {
        ++counted.rejected["rule:" + std::string(axis)];
      } else {
        kept.push_back(config);
      }
    }
    counted.total += part.total;
    for (const auto& [name, count] : part.rejected) counted.rejected[name] += count;
  }
  counted.valid = kept.size();
  if (size != nullptr) *size = counted;
  return kept;
}

std::string default_configuration(const std::vector<svetune_config>& space) {
  for (const Strategy& strategy : strategies()) {
    const svetune_config wanted = parse_configuration("strategy=" + std::string(strategy.name));
    const auto apart = [&wanted](const svetune_config& config) {
      std::int64_t sum = 0;
      for (const Axis& axis : axes()) sum += std::abs(std::int64_t{config.*axis.field} - wanted.*axis.field);
      return sum;
    };
    const svetune_config* nearest = nullptr;
    for (const svetune_config& config : space) {
      if (config.strategy != wanted.strategy) continue;
      if (nearest == nullptr || apart(config) < apart(*nearest)) nearest = &config;
    }
    if (nearest != nullptr) return to_text(*nearest);
  }
  return {};
}

}  // namespace svetune::app
