// What may be wrong with a time although it was measured: a closed set, stored by name with every evaluation.
#pragma once

#include <span>
#include <string_view>

namespace svetune::measure {

struct Warning {
  std::string_view name;     // no spaces
  std::string_view meaning;  // "no cycle counters: clock times frequency"
  std::string_view remedy;   // what a person does about it
};

namespace warning {
inline constexpr std::string_view kNoCounters = "no_counters", kEmulated = "emulated", kGovernor = "governor",
                                  kUnpinned = "unpinned", kBusy = "busy", kNoisy = "noisy",
                                  kStoppedEarly = "stopped_early", kDrift = "drift";
}  // namespace warning

std::span<const Warning> warnings();
// Nothing where there is no such warning (a newer program's).
const Warning* find_warning(std::string_view name);

}  // namespace svetune::measure
