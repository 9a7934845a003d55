// trace: one call and a mark; the tuner reads the emulator's log of the section.
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
    arena_.run([&] { status = run_call(request, args); });
    if (status != SVETUNE_OK) return field("status", "rejected") + field("detail", svetune_status_text(status));
    char hash[24];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash_of_bits(operands_->o)));
    return field("status", "ok") + field("o_hash", hash);
  }

 private:
  // The structs lie on the arena's stack, wherever the runner keeps its request.
  static svetune_status run_call(const Request& request, const svetune_args& buffers) {
    const svetune_problem shape = request.problem.shape;
    const svetune_config config = request.config;
    const svetune_args args = buffers;
    const Strategy& strategy = *find_strategy(request.config.strategy);
    const MicroKernels& kernels = *micro_kernels(svetune_vector_bits());
    return strategy.published ? svetune_trace_call(&strategy, &kernels, &shape, &config, &args)
                              : svetune_run(&shape, &config, &args);
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
