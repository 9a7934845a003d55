// Cycles by a core model: the emulator runs one call of a candidate, its log is replayed as it is written and then
// twice again, with the caches and predictors that the calls before left; the last one counts.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>

#include "measure/emulator.hpp"
#include "model/emulated_trace.hpp"
#include "model/error.hpp"
#include "model/machine.hpp"
#include "model/repeated_call.hpp"
#include "model/resolved.hpp"
#include "timing/timer.hpp"

namespace svetune::timing {
namespace {

constexpr std::size_t kCalls = 3;  // a cold one, one that warms the predictors to the end of it, the measured one

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::uint64_t address_of(const model::ElfImage& image, const char* symbol) {
  const model::Symbol* const found = image.find(symbol);
  if (found == nullptr) {
    throw InputError(image.path() + " has no symbol " + symbol + "; build tuner and runner from the same revision");
  }
  return found->address;
}

// "0x1000+0x2000": the section that holds all code of a timed call.
std::string text_range(const model::ElfImage& image) {
  const std::uint64_t begin = address_of(image, "svetune_text_begin"), end = address_of(image, "svetune_text_end");
  char text[64];
  std::snprintf(text, sizeof text, "0x%llx+0x%llx", static_cast<unsigned long long>(begin),
                static_cast<unsigned long long>(end - begin));
  return text;
}

class ModelTimer final : public Timer {
 public:
  ModelTimer(std::shared_ptr<const model::MachineDescription> machine, const Host& host)
      : machine_(std::move(machine)),
        image_(model::ElfImage::read(host.runner.string())),
        program_({{image_, 0}}, machine_->vector_bits),
        resolved_(std::make_shared<model::ResolvedProgram>(*machine_)),
        bounds_{{address_of(*image_, "svetune_trace_call")}, address_of(*image_, "svetune_trace_end")},
        blocks_(trace_command(host, false)),
        steps_(trace_command(host, true)) {}

  Timed time(const measure::Request& request, const Effort& effort) override {
    const measure::Deadline deadline = effort.deadline;
    const double before = thread_seconds();
    Timed result;
    try {
      result = replay(blocks_, request, deadline, false);
    } catch (const model::TraceNeedsSteps&) {
      blocks_.abandon();
      result = replay_by_steps(request, deadline);
    }
    tuner_seconds_ += thread_seconds() - before;
    return result;
  }

  CpuTime cpu_time() const override { return {blocks_.cpu_seconds() + steps_.cpu_seconds(), tuner_seconds_}; }

 private:
  measure::RunnerCommand trace_command(const Host& host, bool single) const {
    measure::RunnerCommand command = runner_command(host, machine_->vector_bits, "trace");
    command.options.extra_pipe = true;
    std::vector<std::string> log{
        "-d", "cpu,nochain", "-dfilter", text_range(*image_), "-D", "/dev/fd/" + std::to_string(measure::kExtraFd)};
    if (single) log.emplace_back(measure::single_step_option(command.words[host.launcher.size()]));
    command.words.insert(command.words.end() - 2, log.begin(), log.end());
    return command;
  }

  Timed replay_by_steps(const measure::Request& request, measure::Deadline deadline) {
    try {
      return replay(steps_, request, deadline, true);
    } catch (const model::TraceNeedsSteps& error) {
      return unreadable(steps_, error.what());
    }
  }

  Timed replay(measure::RunnerProcess& runner, const measure::Request& request, measure::Deadline deadline,
               bool single) {
    std::optional<model::EmulatorLog> log;
    std::optional<model::EmulatedTrace> trace;
    const auto execute = [&]() -> model::TraceSource& {
      if (trace) expect_success(runner.receive(deadline));
      runner.send(request);
      if (!log) log.emplace(runner.trace_fd());
      trace.emplace(program_, *log, bounds_, single, deadline);
      return *trace;
    };
    try {
      model::RepeatedCall calls(execute, kCalls);
      Timed result = model_calls(calls);
      expect_success(runner.receive(deadline));
      return result;
    } catch (const Failed& failed) {
      return failed.result;
    } catch (const model::TraceEnded&) {
      return failure_of(runner.receive(deadline));
    } catch (const model::TraceTimeout& error) {
      runner.abandon();
      return {db::Status::timed_out, error.what(), {}, {}, {}};
    } catch (const model::TraceNeedsSteps&) {
      throw;
    } catch (const InputError& error) {  // an instruction without facts, or code outside of the section
      return unreadable(runner, error.what());
    }
  }

  // A torn log of an emulator that has ended, killed for instance, says nothing about the candidate: its end does.
  static Timed unreadable(measure::RunnerProcess& runner, const std::string& why) {
    const measure::Reply reply = runner.receive(measure::Clock::now() + std::chrono::milliseconds(100));
    runner.abandon();
    const auto* const failure = std::get_if<measure::Failure>(&reply);
    if (failure != nullptr && failure->status == db::Status::crashed) return failure_of(reply);
    return {db::Status::unsupported, why, {}, {}, {}};
  }

  Timed model_calls(model::TraceSource& trace) const {
    model::CoreModel core(machine_, resolved_);
    std::vector<model::Report> calls;
    model::Report total = core.run(trace, [&](const model::Report& call) { calls.push_back(call); });
    if (calls.size() != kCalls) {
      return {db::Status::crashed, "the trace has " + std::to_string(calls.size()) + " calls", {}, {}, {}};
    }
    Timed result;
    result.report = std::move(calls.back());
    result.report->by_instruction = std::move(total.by_instruction);
    result.samples = {static_cast<double>(result.report->cycles)};
    return result;
  }

  struct Failed {
    Timed result;
  };

  static void expect_success(const measure::Reply& reply) {
    const auto* const answer = std::get_if<measure::Answer>(&reply);
    if (answer == nullptr || answer->text("status") != "ok") throw Failed{failure_of(reply)};
  }

  static Timed failure_of(const measure::Reply& reply) {
    if (const auto* failure = std::get_if<measure::Failure>(&reply))
      return {failure->status, failure->detail, {}, {}, {}};
    const auto& answer = std::get<measure::Answer>(reply);
    const bool rejected = answer.text("status") == "rejected";
    return {rejected ? db::Status::rejected : db::Status::unsupported,
            answer.text("status") + " " + answer.text("detail"),
            {},
            {},
            {}};
  }

  std::shared_ptr<const model::MachineDescription> machine_;
  std::shared_ptr<const model::ElfImage> image_;
  model::Program program_;
  std::shared_ptr<model::ResolvedProgram> resolved_;  // lasts over all candidates, as program_ does
  model::TraceBounds bounds_;
  measure::RunnerProcess blocks_, steps_;  // a record a block; a record an instruction, started where it is needed
  double tuner_seconds_ = 0;
};

TimerFacts facts(std::string_view machine_name, const Host& /*host*/) {
  const auto machine = model::load_machine(machine_name);
  return {{"model:" + machine->name, SVETUNE_VERSION "-" + machine->digest},
          machine->name,
          machine->vector_bits,
          machine->clock_ghz,
          machine->peak_flop_per_cycle};
}

std::unique_ptr<Timer> make(std::string_view machine, const Host& host) {
  return std::make_unique<ModelTimer>(model::load_machine(machine), host);
}

}  // namespace

extern const TimerKind kModelTimer;
const TimerKind kModelTimer{"model", "a core model fed with the executed instructions (any machine)", true, facts,
                            make};

}  // namespace svetune::timing
