// Every strategy's entry, for the registry. A new strategy: one file beside this one, one line here, one in
// registry.cpp.
#pragma once

#include "space/configuration.hpp"

namespace svetune {

extern const Strategy separate_strategy;
extern const Strategy two_pass_strategy;
extern const Strategy fused_strategy;
extern const Strategy k_blocked_strategy;
extern const Strategy panels_strategy;
extern const Strategy interleaved_strategy;
extern const Strategy gemm_strategy;
extern const Strategy study_strategy;
extern const Strategy study_gemm_strategy;

}  // namespace svetune
