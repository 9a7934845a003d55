// measure: warm-up, then batches of calls on the same buffers, long enough that reading the counter does not matter.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "runner/modes.hpp"
#include "runner/operands.hpp"
#include "runner/stopwatch.hpp"

namespace svetune {
namespace {

constexpr int kWarmUpCalls = 3;
constexpr int kSamples = 15;
constexpr double kBatchCycles = 200000;

class Measure : public Mode {
 public:
  std::string answer(const Request& request) override {
    if (auto refused = refusal(request); !refused.empty()) return refused;
    const Operands operands(request.problem, request.seed, Layout::kAligned);
    const std::size_t bytes = svetune_workspace_bytes(&request.problem.shape, &request.config);
    const GuardedBuffer workspace(bytes, 256);
    const auto args = operands.args(workspace.data(), bytes);
    // O grows by P*V with every call, linearly: after millions of calls it is still far from overflow.
    svetune_plan plan;
    if (const auto status = svetune_prepare(&request.problem.shape, &request.config, &plan); status != SVETUNE_OK)
      return field("status", "rejected") + field("detail", svetune_status_text(status));
    const auto call = [&] { return svetune_call(&plan, &args); };
    for (int i = 0; i < kWarmUpCalls; ++i) {
      if (const auto status = call(); status != SVETUNE_OK)
        return field("status", "rejected") + field("detail", svetune_status_text(status));
    }
    const double first = batch(call, 1);
    const int calls = static_cast<int>(std::clamp(kBatchCycles / std::max(first, 1.0), 1.0, 10000.0));
    std::string samples;
    for (int i = 0; i < kSamples; ++i) {
      char text[32];
      std::snprintf(text, sizeof text, "%s%.1f", i == 0 ? "" : ",", batch(call, calls) / calls);
      samples += text;
    }
    return field("status", "ok") + field("samples", samples) + field("timer", stopwatch_.name());
  }

 private:
  template <typename Call>
  double batch(const Call& call, int calls) const {
    const double start = stopwatch_.now();
    for (int i = 0; i < calls; ++i) call();
    return stopwatch_.now() - start;
  }

  Stopwatch stopwatch_;
};

}  // namespace

std::unique_ptr<Mode> make_measure() {
  return std::make_unique<Measure>();
}

}  // namespace svetune
