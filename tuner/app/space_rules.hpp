// What a sweep keeps of a problem's space: strategies and values of axes that a person includes or fixes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "space/configuration.hpp"

namespace svetune::app {

struct SpaceRules {
  std::vector<std::string> strategies;                    // empty: all that may win
  std::map<std::string, std::vector<std::int32_t>> axes;  // values that are kept; an axis that is not named keeps all
};

// The axis of that name; throws InputError that lists the axes.
const Axis& find_axis(std::string_view name);
// "fexpa" or "4"; throws InputError that names the axis and what it takes.
std::int32_t parse_axis_value(const Axis& axis, std::string_view word);
// Throws InputError for a strategy that there is none of.
void check_strategies(const std::vector<std::string>& names);

// The valid configurations that the rules keep. `size` counts each candidate of the chosen strategies once: valid,
// rejected by the first constraint it breaks, or by "rule:AXIS". A strategy without a named axis is kept whole.
std::vector<svetune_config> enumerate_allowed(const Target& target, const SpaceRules& rules, SpaceSize* size = nullptr);

// The text of the configuration that others are compared with: of the first strategy that the space has, what comes
// nearest to its defaults. Where nothing is excluded that is exp2, then GEMM, in tiles of 4x4 vectors, as the study's
// are. Empty: the space is.
std::string default_configuration(const std::vector<svetune_config>& space);

}  // namespace svetune::app
