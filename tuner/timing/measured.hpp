// What the counters and the clock have in common: the runner's mode of their name takes the times itself.
#pragma once

#include "timing/timer.hpp"

namespace svetune::timing {

// Batches until the median's confidence interval is narrow. Refuses (status unsupported) times below the timer's
// resolution or above the processor's peak.
std::unique_ptr<Timer> make_measured_timer(const Host& host, TimerFacts facts);

// Facts from the runner's `describe`: processor by its MIDR, vector length.
TimerFacts measured_facts(const Host& host, std::string_view name);

}  // namespace svetune::timing
