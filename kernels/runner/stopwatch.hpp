// Cycles of this thread: the processor's counter where the kernel allows it, otherwise the clock times its frequency.
#pragma once

#include <cstdint>
#include <string>

namespace svetune {

class Stopwatch {
 public:
  Stopwatch();
  ~Stopwatch();
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  // "counters": perf_event_open's cycles. "clock": CLOCK_MONOTONIC times the highest frequency that the system names.
  // "nanoseconds": the clock alone, where it names none; the figures are nanoseconds then.
  const char* name() const;
  double now() const;

 private:
  int counter_ = -1;
  double cycles_per_ns_ = 0;
};

}  // namespace svetune
