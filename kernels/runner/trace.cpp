// trace: three calls on the same buffers and a mark; the tuner reads the emulator's log of the section.
#include <cstdio>
#include <cstring>
#include <optional>

#include "micro/micro_kernels.hpp"
#include "runner/modes.hpp"
#include "runner/operands.hpp"

extern "C" {

// As a published kernel was timed: called without a library's checks and look-up.
[[gnu::section(".svetune_text"), gnu::noinline]] svetune_status svetune_trace_call(const svetune::Strategy* strategy,
                                                                                   const svetune::MicroKernels* kernels,
                                                                                   const svetune_problem* problem,
                                                                                   const svetune_config* config,
                                                                                   const svetune_args* args) {
  return strategy->run(*kernels, *problem, *config, *args);
}

[[gnu::section(".svetune_text"), gnu::noinline]] void svetune_trace_end() {
  asm volatile("" : : : "memory");
}

}  // extern "C"

namespace svetune {
namespace {

constexpr int kCalls = 3;
constexpr std::size_t kArenaBytes = std::size_t{1} << 30;  // addresses; memory is taken as it is touched

// Ends the trace of a request, whatever came of it.
struct TraceEnd {
  ~TraceEnd() { svetune_trace_end(); }
};

class Trace : public Mode {
 public:
  std::string answer(const Request& request) override {
    const TraceEnd end;
    if (auto refused = refusal(request); !refused.empty()) return refused;
    const auto key = request.problem_text + "/" + std::to_string(request.seed);
    if (!operands_ || key != key_) {
      operands_.reset();
      arena_.rewind(0);
      operands_.emplace(request.problem, request.seed, Layout::kAligned, Masks::kNone, &arena_);
      operands_end_ = arena_.used();
      key_ = key;
    }
    arena_.rewind(operands_end_);
    const std::size_t bytes = svetune_workspace_bytes(&request.problem.shape, &request.config);
    const auto args = operands_->args(arena_.take(bytes), bytes);
    svetune_status status = SVETUNE_OK;
    arena_.run([&] { status = run_calls(request, args); });
    if (status != SVETUNE_OK) return field("status", "rejected") + field("detail", svetune_status_text(status));
    char hash[24];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash_of_bits(operands_->o)));
    return field("status", "ok") + field("o_hash", hash);
  }

 private:
  static svetune_status run_calls(const Request& request, const svetune_args& args) {
    const Strategy& strategy = *find_strategy(request.config.strategy);
    const MicroKernels& kernels = *micro_kernels(svetune_vector_bits());
    svetune_status status = SVETUNE_OK;
    for (int call = 0; call < kCalls && status == SVETUNE_OK; ++call)
      status = strategy.published
                   ? svetune_trace_call(&strategy, &kernels, &request.problem.shape, &request.config, &args)
                   : svetune_run(&request.problem.shape, &request.config, &args);
    return status;
  }

  Arena arena_{kArenaBytes};
  std::optional<Operands> operands_;
  std::size_t operands_end_ = 0;
  std::string key_;
};

}  // namespace

std::unique_ptr<Mode> make_trace() {
  return std::make_unique<Trace>();
}

}  // namespace svetune
