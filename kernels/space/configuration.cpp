#include "space/configuration.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace svetune {
namespace {

constexpr std::array<std::string_view, 6> kExp2Names = {"none", "fexpa", "study", "square", "degree1", "table"};
constexpr std::array<std::string_view, 3> kOrderNames = {"none", "rows", "columns"};

constexpr std::array<std::string_view, 4> kApproachNames = {"none", "separate", "fused", "two_pass"};

constexpr std::array<std::string_view, 4> kColumnsNames = {"none", "wide", "even", "tall"};

constexpr std::array<std::string_view, 4> kFmaOrderNames = {"none", "rows", "columns", "zigzag"};

constexpr std::array<Axis, 13> kAxes = {{
    {"exp2", &svetune_config::exp2, kExp2Names,
     "method of exp2: fexpa (about 1 ULP), square (3.6e-7), degree1 (7.6e-6), table (FEXPA alone, 1.1 %), study (1.1 "
     "%)"},
    {"exp2_unroll",
     &svetune_config::exp2_unroll,
     {},
     "vectors in flight in exp2: 1, 2, 4, 8; panels: 16, rows and vectors as one stream"},
    {"mr", &svetune_config::mr, {}, "rows of the register tile: 1 to 12"},
    {"nr", &svetune_config::nr, {}, "vectors of the register tile: 1 to 6"},
    {"k_unroll", &svetune_config::k_unroll, {}, "steps of k in the tile's loop body: 1, 2, 4; panels: 8, 16"},
    {"k_block", &svetune_config::k_block, {}, "elements of nc a block; 0: all of nc"},
    {"order", &svetune_config::order, kOrderNames, "outer loop over row blocks or over column tiles"},
    {"approach", &svetune_config::approach, kApproachNames, "what of the study is run: separate, fused, two_pass"},
    {"columns", &svetune_config::columns, kColumnsNames,
     "wide: tiles of nr and one narrower; even: of nearly equal width"},
    {"k_split", &svetune_config::k_split, {}, "sets of accumulators that small tiles split K over, at most: 1, 2, 3"},
    {"v_pack", &svetune_config::v_pack, {}, "1: V of a block of nc is packed into the workspace, tile by tile; 0: not"},
    {"prefetch",
     &svetune_config::prefetch,
     {},
     "V is fetched six rows ahead, and so many rounds of k_unroll rows: 0 to 16"},
    {"fma_order", &svetune_config::fma_order, kFmaOrderNames,
     "rows: a step of k goes over a tile row by row; columns: column by column, where it has registers for that; "
     "zigzag: by rows, and row blocks go over k upwards and downwards in turn"},
}};

std::string known_strategies() {
  std::string names;
  for (const auto& strategy : strategies()) names += (names.empty() ? "" : ", ") + std::string(strategy.name);
  return names;
}

const AxisUse* find_use(const Strategy& strategy, std::string_view axis) {
  const auto found =
      std::find_if(strategy.axes.begin(), strategy.axes.end(), [&](const auto& use) { return use.axis == axis; });
  return found == strategy.axes.end() ? nullptr : &*found;
}

std::int32_t parse_value(const Axis& axis, std::string_view word) {
  const auto named = std::find(axis.value_names.begin(), axis.value_names.end(), word);
  if (named != axis.value_names.end()) return static_cast<std::int32_t>(named - axis.value_names.begin());
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (!axis.value_names.empty() || error != std::errc{} || end != word.data() + word.size() || value < 0)
    throw InputError("configuration: bad value \"" + std::string(word) + "\" of " + std::string(axis.name) + " (" +
                     std::string(axis.help) + ")");
  return value;
}

struct KeyValue {
  std::string_view key, value;
};

std::vector<KeyValue> split(std::string_view text) {
  std::vector<KeyValue> pairs;
  constexpr std::string_view kSpace = " \t\n\r";
  for (auto at = text.find_first_not_of(kSpace); at != std::string_view::npos;
       at = text.find_first_not_of(kSpace, at)) {
    const auto end = std::min(text.find_first_of(kSpace, at), text.size());
    const auto word = text.substr(at, end - at);
    const auto equals = word.find('=');
    if (equals == std::string_view::npos)
      throw InputError("configuration: \"" + std::string(word) + "\" is not of the form key=value");
    pairs.push_back({word.substr(0, equals), word.substr(equals + 1)});
    at = end;
  }
  return pairs;
}

const Strategy& strategy_of(std::span<const KeyValue> pairs) {
  const auto found = std::find_if(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.key == "strategy"; });
  if (found == pairs.end())
    throw InputError("configuration: strategy= is missing; known strategies: " + known_strategies());
  const auto* strategy = find_strategy(found->value);
  if (strategy == nullptr)
    throw InputError("configuration: unknown strategy \"" + std::string(found->value) +
                     "\"; known strategies: " + known_strategies());
  return *strategy;
}

const Axis& axis_named(std::string_view name) {
  return *std::find_if(kAxes.begin(), kAxes.end(), [&](const auto& axis) { return axis.name == name; });
}

void parse_axis(const Strategy& strategy, const KeyValue& pair, svetune_config& config) {
  if (find_use(strategy, pair.key) == nullptr) {
    std::string known;
    for (const auto& use : strategy.axes) known += " " + std::string(use.axis);
    throw InputError("configuration: strategy " + std::string(strategy.name) + " has no axis \"" +
                     std::string(pair.key) + "\"; it has:" + known);
  }
  const auto& axis = axis_named(pair.key);
  config.*axis.field = parse_value(axis, pair.value);
}

void count(SpaceSize* size, const Constraint* broken) {
  if (size == nullptr) return;
  ++size->total;
  if (broken == nullptr)
    ++size->valid;
  else
    ++size->rejected[std::string(broken->name)];
}

void enumerate_strategy(const Target& target, const Strategy& strategy, std::vector<svetune_config>& out,
                        SpaceSize* size) {
  std::vector<svetune_config> all(1);
  all[0].strategy = strategy.id;
  for (const auto& axis : kAxes) {
    const auto* use = find_use(strategy, axis.name);
    if (use == nullptr) continue;
    std::vector<svetune_config> next;
    for (const auto& config : all) {
      for (const auto value : use->values(target)) {
        next.push_back(config);
        next.back().*axis.field = value;
      }
    }
    all = std::move(next);
  }
  for (const auto& config : all) {
    const auto* broken = first_broken_constraint(target, config);
    count(size, broken);
    if (broken == nullptr) out.push_back(config);
  }
}

}  // namespace

std::span<const Axis> axes() {
  return kAxes;
}

const Strategy* find_strategy(std::string_view name) {
  const auto all = strategies();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& strategy) { return strategy.name == name; });
  return found == all.end() ? nullptr : &*found;
}

svetune_config parse_configuration(std::string_view text) {
  const auto pairs = split(text);
  const auto& strategy = strategy_of(pairs);
  svetune_config config{};
  config.strategy = strategy.id;
  for (const auto& use : strategy.axes) config.*axis_named(use.axis).field = use.default_value;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto again = [&](const auto& other) { return other.key == pairs[i].key; };
    if (std::any_of(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(i), again))
      throw InputError("configuration: " + std::string(pairs[i].key) + " is given twice");
    if (pairs[i].key != "strategy") parse_axis(strategy, pairs[i], config);
  }
  return config;
}

std::string to_text(const svetune_config& config) {
  const auto* strategy = find_strategy(config.strategy);
  if (strategy == nullptr)
    throw InputError("configuration: no strategy has the number " + std::to_string(config.strategy));
  auto text = "strategy=" + std::string(strategy->name);
  for (const auto& axis : kAxes) {
    if (find_use(*strategy, axis.name) == nullptr) continue;
    const auto value = config.*axis.field;
    const auto index = static_cast<std::size_t>(value);
    text += " " + std::string(axis.name) + "=";
    text +=
        value >= 0 && index < axis.value_names.size() ? std::string(axis.value_names[index]) : std::to_string(value);
  }
  return text;
}

bool operator==(const svetune_config& a, const svetune_config& b) {
  return a.strategy == b.strategy &&
         std::all_of(kAxes.begin(), kAxes.end(), [&](const auto& axis) { return a.*axis.field == b.*axis.field; });
}

const Constraint* first_broken_constraint(const Target& target, const svetune_config& config) {
  static constexpr Constraint kNoStrategy = {"strategy", "no strategy has this number", nullptr};
  static constexpr Constraint kOtherOperation = {"operation", "the strategy does not compute this operation", nullptr};
  const auto* strategy = find_strategy(config.strategy);
  if (strategy == nullptr) return &kNoStrategy;
  if (!strategy->computes(target.problem.shape.operation)) return &kOtherOperation;
  for (const auto& constraint : strategy->constraints) {
    if (!constraint.holds(target, config)) return &constraint;
  }
  return nullptr;
}

std::vector<svetune_config> enumerate(const Target& target, std::string_view only_strategy, SpaceSize* size) {
  std::vector<svetune_config> configs;
  if (!only_strategy.empty()) {
    const auto* strategy = find_strategy(only_strategy);
    if (strategy == nullptr)
      throw InputError("unknown strategy \"" + std::string(only_strategy) +
                       "\"; known strategies: " + known_strategies());
    enumerate_strategy(target, *strategy, configs, size);
    return configs;
  }
  for (const auto& strategy : strategies()) {
    if (strategy.may_win && strategy.computes(target.problem.shape.operation))
      enumerate_strategy(target, strategy, configs, size);
  }
  return configs;
}

}  // namespace svetune
