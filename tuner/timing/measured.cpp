#include "timing/measured.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "measure/emulator.hpp"
#include "space/processors.hpp"

namespace svetune::timing {
namespace {

constexpr unsigned kEmulatedVectorBits = 512;

// fp32 flop a cycle: pipes x lanes x 2.
constexpr std::array<std::pair<std::string_view, double>, 3> kPeaks{
    {{"a64fx", 64}, {"neoverse-v1", 32}, {"neoverse-v2", 32}}};

std::uint64_t number(std::string midr) {
  if (midr.starts_with("0x")) midr.erase(0, 2);
  std::uint64_t value = 0;
  std::from_chars(midr.data(), midr.data() + midr.size(), value, 16);
  return value;
}

class Measured final : public Timer {
 public:
  Measured(measure::RunnerCommand command, std::string unit) : runner_(std::move(command)), unit_(std::move(unit)) {}

  Timed time(const measure::Request& request, measure::Deadline deadline) override {
    measure::Reply reply = runner_.ask(request, deadline);
    if (auto* failure = std::get_if<measure::Failure>(&reply)) return {failure->status, failure->detail, {}, {}};
    const auto& answer = std::get<measure::Answer>(reply);
    const auto samples = answer.numbers("samples");
    if (answer.text("status") != "ok" || !samples || samples->empty()) {
      return {db::Status::unsupported, answer.text("status") + " " + answer.text("detail"), {}, {}};
    }
    if (!unit_.empty() && answer.text("timer") != unit_) {
      return {db::Status::unsupported, "the runner timed with " + answer.text("timer"), {}, {}};
    }
    return {db::Status::ok, {}, *samples, {}};
  }

  CpuTime cpu_time() const override { return {runner_.cpu_seconds(), 0}; }

 private:
  measure::RunnerProcess runner_;
  std::string unit_;
};

}  // namespace

std::unique_ptr<Timer> make_measured_timer(const Host& host, unsigned vector_bits, std::string unit) {
  return std::make_unique<Measured>(runner_command(host, vector_bits, "measure"), std::move(unit));
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
  facts.peak_flop_per_cycle = 2 * 2 * lanes;
  for (const auto& [known, peak] : kPeaks) {
    if (known == processor) facts.peak_flop_per_cycle = peak;
  }
  // An emulator shows the identity of the processor that it plays, and none of its speed.
  facts.processor = native == 0 ? "emulated" : processor;
  return facts;
}

}  // namespace svetune::timing
