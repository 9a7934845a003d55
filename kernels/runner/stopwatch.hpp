// Cycles of this thread: the processor's counter, or the clock times the frequency that dependent additions show.
#pragma once

#include <cstdint>

namespace svetune {

class Stopwatch {
 public:
  // counters: perf_event_open's cycles. clock: CLOCK_MONOTONIC times the frequency.
  enum class Source : std::uint8_t { counters, clock };
  explicit Stopwatch(Source source);
  ~Stopwatch();
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  // False where the system gives no counter, or one that stands still; there is no time then.
  bool works() const { return source_ == Source::clock || counter_ >= 0; }
  double now() const;
  // The least that two readings differ by, in cycles: the timer's step, or what reading it costs.
  double resolution() const { return resolution_; }
  // Of the clock's frequency; 0: cycles are counted.
  double gigahertz() const { return source_ == Source::clock ? cycles_per_ns_ : 0; }

 private:
  Source source_;
  int counter_ = -1;
  double cycles_per_ns_ = 1;
  double resolution_ = 0;
};

}  // namespace svetune
