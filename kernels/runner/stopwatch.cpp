#include "runner/stopwatch.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace svetune {
namespace {

int open_cycle_counter() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_HW_CPU_CYCLES;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

double nanoseconds() {
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now().time_since_epoch();
  return time.count();
}

constexpr int kChain = 1 << 20;

// So many additions that wait for each other: a cycle each, on every processor with SVE (integer ADD has latency 1:
// A64FX Microarchitecture Manual, Arm's optimisation guides for Neoverse V1 and V2).
void add_in_a_chain() {
  std::uint64_t sum = 1;
  const std::uint64_t step = sum;
  for (int i = 0; i < kChain; i += 16) {
    asm volatile(
        "add %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\t"
        "add %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\t"
        "add %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\t"
        "add %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1\n\tadd %0, %0, %1"
        : "+r"(sum)
        : "r"(step));
  }
}

// The shortest of some chains: what interrupts one makes it longer, nothing makes it shorter.
template <typename Reading>
double shortest_chain(const Reading& reading) {
  double shortest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 9; ++i) {
    const double start = reading();
    add_in_a_chain();
    shortest = std::min(shortest, reading() - start);
  }
  return shortest;
}

}  // namespace

Stopwatch::Stopwatch(Source source) : source_(source) {
  if (source == Source::clock) {
    cycles_per_ns_ = kChain / std::max(shortest_chain(nanoseconds), 1.0);
  } else {
    counter_ = open_cycle_counter();
    // Some virtual machines open a counter that then stands still.
    if (counter_ >= 0 && shortest_chain([this] { return now(); }) < kChain / 2.0) {
      close(counter_);
      counter_ = -1;
    }
  }
  if (!works()) return;
  resolution_ = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 1000; ++i) {
    const double start = now();
    const double step = now() - start;
    if (step > 0) resolution_ = std::min(resolution_, step);
  }
}

Stopwatch::~Stopwatch() {
  if (counter_ >= 0) close(counter_);
}

double Stopwatch::now() const {
  std::uint64_t cycles = 0;
  if (source_ == Source::clock) return nanoseconds() * cycles_per_ns_;
  if (read(counter_, &cycles, sizeof cycles) != static_cast<ssize_t>(sizeof cycles)) return 0;  // refused as too short
  return static_cast<double>(cycles);
}

}  // namespace svetune
