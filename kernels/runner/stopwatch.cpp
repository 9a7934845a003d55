#include "runner/stopwatch.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

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

}  // namespace

Stopwatch::Stopwatch() : counter_(open_cycle_counter()) {
  double kilohertz = 0;
  std::ifstream("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq") >> kilohertz;
  cycles_per_ns_ = kilohertz * 1e-6;
}

Stopwatch::~Stopwatch() {
  if (counter_ >= 0) close(counter_);
}

const char* Stopwatch::name() const {
  if (counter_ >= 0) return "counters";
  return cycles_per_ns_ > 0 ? "clock" : "nanoseconds";
}

double Stopwatch::now() const {
  if (counter_ >= 0) {
    std::uint64_t cycles = 0;
    if (read(counter_, &cycles, sizeof cycles) == static_cast<ssize_t>(sizeof cycles))
      return static_cast<double>(cycles);
  }
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now().time_since_epoch();
  return time.count() * (cycles_per_ns_ > 0 ? cycles_per_ns_ : 1.0);
}

}  // namespace svetune
