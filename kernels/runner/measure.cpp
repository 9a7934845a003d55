// counters, clock: warm-up, then as many batches of calls on the same buffers as were asked for, each long enough that
// reading the timer does not matter. Whether they suffice is for the tuner to say.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "runner/modes.hpp"
#include "runner/operands.hpp"
#include "runner/processor.hpp"
#include "runner/stopwatch.hpp"

namespace svetune {
namespace {

constexpr int kWarmUpCalls = 3;
constexpr double kBatchCycles = 200000, kResolutions = 1000;  // a batch is at least so long, but for...
constexpr double kMostCalls = 10000;

// Times that this thread had to leave its processor to another one.
long preemptions() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

class Measure : public Mode {
 public:
  explicit Measure(Stopwatch::Source source) : processor_(claim_processor()), stopwatch_(source) {}

  std::string answer(const Request& request) override {
    if (auto refused = refusal(request); !refused.empty()) return refused;
    if (!stopwatch_.works()) return field("status", "unsupported") + field("detail", "no cycle counters");
    const Operands operands(request.problem, request.seed, Layout::kAligned);
    const std::size_t bytes = svetune_workspace_bytes(&request.problem.shape, &request.config);
    const GuardedBuffer workspace(bytes, 256);
    const auto args = operands.args(workspace.data(), bytes);
    // O grows by P*V with every call, linearly: after millions of calls it is still far from overflow.
    svetune_plan plan;
    if (const auto status = svetune_prepare(&request.problem.shape, &request.config, &plan); status != SVETUNE_OK)
      return field("status", "rejected") + field("detail", svetune_status_text(status));
    const auto call = [&] { return svetune_call(&plan, &args); };
    double shortest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kWarmUpCalls; ++i) {
      const double start = stopwatch_.now();
      if (const auto status = call(); status != SVETUNE_OK)
        return field("status", "rejected") + field("detail", svetune_status_text(status));
      shortest = std::min(shortest, stopwatch_.now() - start);
    }
    const double least = std::max(kBatchCycles, kResolutions * stopwatch_.resolution());
    return "\tstatus=ok" + batches(call, request.batches, std::clamp(least / std::max(shortest, 1.0), 1.0, kMostCalls));
  }

 private:
  template <typename Call>
  std::string batches(const Call& call, unsigned count, double calls) const {
    const int each = static_cast<int>(calls);
    const long before = preemptions();
    std::string samples;
    for (unsigned i = 0; i < count; ++i) {
      const double start = stopwatch_.now();
      for (int c = 0; c < each; ++c) call();
      char text[32];
      std::snprintf(text, sizeof text, "%s%.1f", i == 0 ? "" : ",", (stopwatch_.now() - start) / each);
      samples += text;
    }
    return field("samples", samples) + field("calls", std::to_string(each)) +
           field("resolution", stopwatch_.resolution()) + field("preemptions", std::to_string(preemptions() - before)) +
           field("processor", processor_ ? std::to_string(*processor_) : "none");
  }

  std::optional<int> processor_;  // before the stopwatch, whose frequency is of this processor
  Stopwatch stopwatch_;
};

}  // namespace

std::unique_ptr<Mode> make_counters() {
  return std::make_unique<Measure>(Stopwatch::Source::counters);
}

std::unique_ptr<Mode> make_clock() {
  return std::make_unique<Measure>(Stopwatch::Source::clock);
}

}  // namespace svetune
