#include <array>

#include "measure/emulator.hpp"
#include "model/machine.hpp"
#include "timing/timer.hpp"

namespace svetune::timing {

extern const TimerKind kModelTimer, kCountersTimer, kClockTimer;

std::span<const TimerKind> timers() {
  static const std::array kTimers{kModelTimer, kCountersTimer, kClockTimer};
  return kTimers;
}

std::string known_timers() {
  std::string known;
  const auto add = [&](const std::string& name) { known += (known.empty() ? "" : ", ") + name; };
  for (const TimerKind& kind : timers()) {
    if (!kind.takes_machine) {
      add(std::string(kind.name));
      continue;
    }
    for (const std::string& machine : model::known_machines()) add(std::string(kind.name) + ':' + machine);
  }
  return known;
}

std::string default_timer(const Host& host) {
  const unsigned bits = measure::native_vector_bits();
  if (bits == 0) return "model:a64fx";
  const measure::Answer runner = measure::describe_runner(runner_command(host, bits, "describe"),
                                                          measure::Clock::now() + std::chrono::seconds(30));
  return runner.text("counters") == "yes" ? "counters" : "clock";
}

ChosenTimer choose_timer(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::string_view kind_name = name.substr(0, colon);
  const std::string machine(colon == std::string_view::npos ? "" : name.substr(colon + 1));
  for (const TimerKind& kind : timers()) {
    if (kind.name != kind_name || kind.takes_machine == machine.empty()) continue;
    const auto machines = model::known_machines();
    if (kind.takes_machine && std::find(machines.begin(), machines.end(), machine) == machines.end()) break;
    return {&kind, machine};
  }
  throw InputError("unknown timer '" + std::string(name) + "'; known are: " + known_timers());
}

}  // namespace svetune::timing
