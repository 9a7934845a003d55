// The strategies of the product. Tests link another registry, which adds faulty ones.
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

const Strategy kStrategies[] = {separate_strategy,  two_pass_strategy, fused_strategy,
                                k_blocked_strategy, panels_strategy,   interleaved_strategy,
                                gemm_strategy,      study_strategy,    study_gemm_strategy};

}  // namespace

[[gnu::section(".svetune_text")]] std::span<const Strategy> strategies() {
  return kStrategies;
}

}  // namespace svetune
