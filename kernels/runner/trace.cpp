// trace: one call and a mark; the tuner reads the emulator's log of the section.
#include <cstdio>
#include <cstring>
#include <optional>

#include "micro/micro_kernels.hpp"
#include "runner/modes.hpp"
#include "runner/operands.hpp"

namespace svetune {

using TracedCall = svetune_status (*)(const void* context, const svetune_args* args);

}  // namespace svetune

extern "C" {

// Where a timed call begins.
[[gnu::section(".svetune_text"), gnu::noinline]] svetune_status svetune_trace_call(svetune::TracedCall call,
                                                                                   const void* context,
                                                                                   const svetune_args* args) {
  return call(context, args);
}

[[gnu::section(".svetune_text"), gnu::noinline]] void svetune_trace_end() {
  asm volatile("" : : : "memory");
}

}  // extern "C"

namespace svetune {
namespace {

constexpr std::size_t kArenaBytes = std::size_t{1} << 30;  // addresses; memory is taken as it is touched

// As a published kernel was timed: called without a library's checks.
struct Published {
  const Strategy* strategy;
  const MicroKernels* kernels;
  const svetune_problem* problem;
  const svetune_config* config;
};

[[gnu::section(".svetune_text")]] svetune_status call_published(const void* context, const svetune_args* args) {
  const auto& x = *static_cast<const Published*>(context);
  return x.strategy->run(*x.kernels, *x.problem, *x.config, *args);
}

[[gnu::section(".svetune_text")]] svetune_status call_prepared(const void* context, const svetune_args* args) {
  return svetune_call(static_cast<const svetune_plan*>(context), args);
}

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
    const Published published{&strategy, micro_kernels(svetune_vector_bits()), &shape, &config};
    svetune_plan plan;
    if (const svetune_status status = svetune_prepare(&shape, &config, &plan); status != SVETUNE_OK) return status;
    const TracedCall function = strategy.published ? call_published : call_prepared;
    const void* const context = strategy.published ? static_cast<const void*>(&published) : &plan;
    return svetune_trace_call(function, context, &args);
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
