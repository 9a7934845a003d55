// What the counters and the clock have in common: the runner's `measure` mode takes the times itself.
#pragma once

#include "timing/timer.hpp"

namespace svetune::timing {

// `unit`: the runner's name of the timer that must have made the samples; empty: any.
std::unique_ptr<Timer> make_measured_timer(const Host& host, unsigned vector_bits, std::string unit);

// Facts from the runner's `describe`: processor by its MIDR, vector length.
TimerFacts measured_facts(const Host& host, std::string_view name);

}  // namespace svetune::timing
