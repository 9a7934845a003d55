#include "timing/measured.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "measure/emulator.hpp"

namespace svetune::timing {
namespace {

constexpr unsigned kEmulatedVectorBits = 512;

struct Processor {
  std::uint32_t implementer, part;
  std::string_view name;
  double peak_flop_per_cycle;  // fp32: pipes x lanes x 2
};
constexpr std::array kProcessors{
    Processor{0x46, 0x001, "a64fx", 64},
    Processor{0x41, 0xd40, "neoverse-v1", 32},
    Processor{0x41, 0xd4f, "neoverse-v2", 32},
};

const Processor* find_processor(std::string midr) {
  if (midr.starts_with("0x")) midr.erase(0, 2);
  std::uint64_t value = 0;
  std::from_chars(midr.data(), midr.data() + midr.size(), value, 16);
  for (const Processor& processor : kProcessors) {
    if ((value >> 24U & 0xffU) == processor.implementer && (value >> 4U & 0xfffU) == processor.part) return &processor;
  }
  return nullptr;
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
  const Processor* processor = find_processor(runner.text("midr"));
  facts.peak_flop_per_cycle = processor != nullptr ? processor->peak_flop_per_cycle : 2 * 2 * facts.vector_bits / 32;
  // An emulator shows the identity of the processor that it plays, and none of its speed.
  facts.processor = native == 0            ? "emulated"
                    : processor != nullptr ? std::string(processor->name)
                                           : "midr " + runner.text("midr");
  return facts;
}

}  // namespace svetune::timing
