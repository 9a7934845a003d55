// Where a candidate's time comes from. A timer is one file and one line in timers.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/store.hpp"
#include "measure/runner_process.hpp"
#include "model/core_model.hpp"

namespace svetune::timing {

// How this machine runs the runner; set up once by the application.
struct Host {
  std::filesystem::path runner;
  std::vector<std::string> launcher;  // as asked for with --launcher: words before the command
  std::string emulator;               // as asked for with --emulator; empty: looked up
  std::string search_path;            // $PATH
  std::size_t memory_limit_bytes = 0;
};

// Emulator (where needed) and runner in `mode`. Throws InputError where there is no runner or no emulator.
measure::RunnerCommand runner_command(const Host& host, unsigned vector_bits, std::string_view mode);

// What a timer stands for: which processor's time, and how it runs candidates.
struct TimerFacts {
  db::Timer timer;
  std::string processor;  // "a64fx"
  unsigned vector_bits = 512;
  double clock_ghz = 0;            // 0: not known
  double peak_flop_per_cycle = 0;  // fp32
};

struct Timed {
  db::Status status = db::Status::ok;
  std::string detail;
  std::vector<double> samples;          // cycles a call
  std::optional<model::Report> report;  // of the last call, where the time comes from a model
  std::vector<std::string> warnings;    // names (measure/warnings.hpp)
};

// How much a candidate is worth.
struct Effort {
  measure::Deadline deadline;
  double hopeless_cycles = 0;  // one that is seen to be slower is timed no further; 0: none is
  unsigned batches = 0;        // exactly so many, of a timer whose times vary; 0: as many as its median needs
};

// CPU seconds by stage, for the question where a sweep's time goes.
struct CpuTime {
  double runner = 0;  // the emulator and the runner
  double tuner = 0;   // this process: reading the trace and the core model
};

// One worker's; not shared between threads.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual Timed time(const measure::Request& request, const Effort& effort) = 0;
  virtual CpuTime cpu_time() const = 0;
};

struct TimerKind {
  std::string_view name;  // "model"
  std::string_view help;
  bool takes_machine = false;  // "model:a64fx"; otherwise its times are of this processor, and vary
  TimerFacts (*facts)(std::string_view machine, const Host& host);
  std::unique_ptr<Timer> (*make)(std::string_view machine, const Host& host);
};

std::span<const TimerKind> timers();

// A timer that was chosen by name: "model:a64fx", "counters", "clock".
struct ChosenTimer {
  const TimerKind* kind = nullptr;
  std::string machine;
  TimerFacts facts(const Host& host) const { return kind->facts(machine, host); }
  std::unique_ptr<Timer> make(const Host& host) const { return kind->make(machine, host); }
};
// Throws InputError that lists the known timers.
ChosenTimer choose_timer(std::string_view name);
// On a processor with SVE its counters, or its clock where the system gives none; elsewhere "model:a64fx".
std::string default_timer(const Host& host);
// "model:a64fx, model:neoverse-v1, ..., counters, clock"
std::string known_timers();

}  // namespace svetune::timing
