// Cycle counters of this processor.
#include "measure/emulator.hpp"
#include "timing/measured.hpp"

namespace svetune::timing {
namespace {

TimerFacts facts(std::string_view /*machine*/, const Host& host) {
  if (measure::native_vector_bits() == 0) {
    throw InputError("the timer counters needs a processor with SVE, and this one has none; use --timer model:a64fx");
  }
  return measured_facts(host, "counters");
}

std::unique_ptr<Timer> make(std::string_view machine, const Host& host) {
  return make_measured_timer(host, facts(machine, host));
}

}  // namespace

extern const TimerKind kCountersTimer;
const TimerKind kCountersTimer{"counters", "cycle counters of this processor (SVE machines)", false, facts, make};

}  // namespace svetune::timing
