// The generic timer, times a measured frequency: coarser than counters, and always there. Under the emulator it serves
// tests of the path only.
#include "measure/emulator.hpp"
#include "timing/measured.hpp"

namespace svetune::timing {
namespace {

TimerFacts facts(std::string_view /*machine*/, const Host& host) {
  return measured_facts(host, "clock");
}

std::unique_ptr<Timer> make(std::string_view machine, const Host& host) {
  return make_measured_timer(host, facts(machine, host));
}

}  // namespace

extern const TimerKind kClockTimer;
const TimerKind kClockTimer{"clock", "the processor's generic timer (under the emulator: no meaning)", false, facts,
                            make};

}  // namespace svetune::timing
