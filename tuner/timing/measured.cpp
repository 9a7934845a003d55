#include "timing/measured.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "measure/emulator.hpp"
#include "measure/statistics.hpp"
#include "measure/warnings.hpp"
#include "space/processors.hpp"

namespace svetune::timing {
namespace {

constexpr unsigned kEmulatedVectorBits = 512;
constexpr std::string_view kEmulatedProcessor = "emulated";

// fp32 flop a cycle: pipes x lanes x 2.
constexpr std::array<std::pair<std::string_view, double>, 3> kPeaks{
    {{"a64fx", 64}, {"neoverse-v1", 32}, {"neoverse-v2", 32}}};

// Only the performance governor keeps it; a machine that names none (most virtual ones) has none that could change it.
bool frequency_is_fixed() {
  const std::string governor = measure::frequency_governor();
  return governor.empty() || governor == "performance";
}

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6);
  return {text.data(), result.ptr};
}

std::uint64_t number(std::string midr) {
  if (midr.starts_with("0x")) midr.erase(0, 2);
  std::uint64_t value = 0;
  std::from_chars(midr.data(), midr.data() + midr.size(), value, 16);
  return value;
}

// Samples until the 95 % interval of the median is narrower than kNarrow of it, or the cap is reached.
constexpr unsigned kFirstBatches = 15, kMostBatches = 255;
constexpr double kNarrow = 0.01;
constexpr double kLongestSeconds = 10;  // of more batches than the first ones
// A batch must be so many of the timer's steps, for a step not to be a percent of it.
constexpr double kSteps = 100;

using measure::warning::kBusy;
using measure::warning::kNoisy;

void warn(Timed& timed, std::string_view name) {
  if (std::ranges::find(timed.warnings, name) == timed.warnings.end()) timed.warnings.emplace_back(name);
}

Timed refused(std::string why) {
  return {db::Status::unsupported, std::move(why), {}, {}, {}};
}

bool narrow(std::span<const double> samples) {
  const measure::Interval interval = measure::median_interval(samples);
  return interval.high - interval.low < kNarrow * measure::median(samples);
}

class Measured final : public Timer {
 public:
  Measured(measure::RunnerCommand command, TimerFacts facts)
      : runner_(std::move(command)), facts_(std::move(facts)), fixed_frequency_(frequency_is_fixed()) {}

  Timed time(const measure::Request& request, const Effort& effort) override {
    Timed timed;
    const unsigned first = effort.batches != 0 ? effort.batches : effort.hopeless_cycles > 0 ? 1 : kFirstBatches;
    if (!take(request, effort, first, timed)) return timed;
    if (effort.batches == 0) sample_on(request, effort, timed);
    if (timed.status == db::Status::ok && above_peak(request.problem, timed.samples)) {
      return refused("the time is above the processor's peak of " + number_text(facts_.peak_flop_per_cycle) +
                     " flop a cycle: the timer is wrong; use --timer counters, or report this processor");
    }
    return timed;
  }

  CpuTime cpu_time() const override { return {runner_.cpu_seconds(), 0}; }

 private:
  void sample_on(const measure::Request& request, const Effort& effort, Timed& timed) {
    const bool disturbed = std::ranges::find(timed.warnings, kBusy) != timed.warnings.end();  // its time is not its own
    if (effort.hopeless_cycles > 0 && !disturbed && timed.samples.front() > effort.hopeless_cycles) {
      warn(timed, measure::warning::kStoppedEarly);
      return;
    }
    const auto start = measure::Clock::now();
    while (!narrow(timed.samples)) {
      const auto taken = static_cast<unsigned>(timed.samples.size());
      const std::chrono::duration<double> spent = measure::Clock::now() - start;
      if (taken >= kMostBatches || (taken >= kFirstBatches && spent.count() > kLongestSeconds)) {
        warn(timed, kNoisy);
        return;
      }
      if (!take(request, effort, std::min(std::max(taken, kFirstBatches), kMostBatches - taken), timed)) return;
    }
  }

  // Adds that many samples; false, with the status that tells why, where there are none.
  bool take(measure::Request request, const Effort& effort, unsigned batches, Timed& timed) {
    request.batches = batches;
    measure::Reply reply = runner_.ask(request, effort.deadline);
    if (auto* failure = std::get_if<measure::Failure>(&reply)) {
      timed = {failure->status, failure->detail, {}, {}, {}};
      return false;
    }
    const auto& answer = std::get<measure::Answer>(reply);
    const auto samples = answer.numbers("samples");
    const auto calls = answer.number("calls"), resolution = answer.number("resolution");
    if (answer.text("status") != "ok" || !samples || samples->size() != batches || !calls || !resolution) {
      timed = refused(answer.text("status") + " " + answer.text("detail"));
    } else if (const double batch = *calls * *std::ranges::min_element(*samples); !(batch >= kSteps * *resolution)) {
      timed = refused("a batch of " + number_text(batch) + " cycles is too short for a timer with steps of " +
                      number_text(*resolution) + "; use another --timer");
    } else {
      timed.samples.insert(timed.samples.end(), samples->begin(), samples->end());
      note_warnings(answer, timed);
      return true;
    }
    return false;
  }

  void note_warnings(const measure::Answer& answer, Timed& timed) const {
    using namespace measure::warning;
    if (facts_.processor == kEmulatedProcessor) warn(timed, kEmulated);
    if (facts_.timer.name != "counters") warn(timed, kNoCounters);
    if (facts_.timer.name != "counters" && !fixed_frequency_) warn(timed, kGovernor);
    if (answer.text("processor") == "none") warn(timed, kUnpinned);
    if (answer.number("preemptions").value_or(0) > 0) warn(timed, kBusy);
  }

  bool above_peak(const std::string& problem, std::span<const double> samples) const {
    return parse_problem(problem).flop() / measure::median(samples) > facts_.peak_flop_per_cycle;
  }

  measure::RunnerProcess runner_;
  TimerFacts facts_;
  bool fixed_frequency_;
};

}  // namespace

std::unique_ptr<Timer> make_measured_timer(const Host& host, TimerFacts facts) {
  auto command = runner_command(host, facts.vector_bits, facts.timer.name);
  return std::make_unique<Measured>(std::move(command), std::move(facts));
}

TimerFacts measured_facts(const Host& host, std::string_view name) {
  const unsigned native = measure::native_vector_bits();
  TimerFacts facts;
  facts.timer = {std::string(name), SVETUNE_VERSION};
  facts.vector_bits = native != 0 ? native : kEmulatedVectorBits;
  const measure::Answer runner = measure::describe_runner(runner_command(host, facts.vector_bits, "describe"),
                                                          measure::Clock::now() + std::chrono::seconds(30));
  const std::string processor = processor_name(number(runner.text("midr")));
  const unsigned lanes = facts.vector_bits / 32;
  if (name == "counters" && runner.text("counters") != "yes") {
    throw InputError(
        "the system does not let this user count cycles; allow it (sysctl kernel.perf_event_paranoid=2 or less), or "
        "use "
        "--timer clock");
  }
  facts.peak_flop_per_cycle = 2 * 2 * lanes;
  for (const auto& [known, peak] : kPeaks) {
    if (known == processor) facts.peak_flop_per_cycle = peak;
  }
  // An emulator shows the identity of the processor that it plays, and none of its speed.
  facts.processor = native == 0 ? std::string(kEmulatedProcessor) : processor;
  return facts;
}

}  // namespace svetune::timing
