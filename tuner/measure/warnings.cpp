#include "measure/warnings.hpp"

#include <algorithm>
#include <array>

namespace svetune::measure {
namespace {

constexpr std::array<Warning, 8> kWarnings{{
    {warning::kNoCounters, "the clock times a measured frequency, not the cycle counter",
     "let users count cycles (sysctl kernel.perf_event_paranoid=2 or less) and use --timer counters"},
    {warning::kEmulated, "timed under an emulator: the time has no meaning",
     "use --timer model:a64fx here, or the timer counters on a processor with SVE"},
    {warning::kGovernor, "the frequency may change while a candidate runs",
     "cpupower frequency-set --governor performance, or measure with --timer counters"},
    {warning::kUnpinned, "the runner was not bound to a processor of its own",
     "use fewer --jobs than processors, and allow the runner to set its affinity"},
    {warning::kBusy, "other processes took the processor away while samples were taken",
     "give the sweep a node, or processors, of its own"},
    {warning::kNoisy, "the median's confidence interval stayed above 1 % at the most samples",
     "measure on a quiet machine; the final round compares the best ones in turns"},
    {warning::kStoppedEarly, "far behind the best candidate: timed by one batch alone",
     "none is needed; svetune bench times one candidate in full"},
    {warning::kDrift, "the reference configuration's time had moved by more than 2 %",
     "look for heat, power limits or other users at that hour, then sweep again"},
}};

}  // namespace

std::span<const Warning> warnings() {
  return kWarnings;
}

const Warning* find_warning(std::string_view name) {
  const auto* const found = std::ranges::find(kWarnings, name, &Warning::name);
  return found == kWarnings.end() ? nullptr : found;
}

}  // namespace svetune::measure
