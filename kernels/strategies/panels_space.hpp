// The axes of panels, and what holds of them.
#pragma once

#include <cstddef>

#include "strategies/common.hpp"

namespace svetune {

// exp2_unroll of the generated kernel, which takes rows and vectors as one stream.
inline constexpr std::int32_t kStream = 16;

inline constexpr std::size_t kPanelsAxisCount = 11, kPanelsConstraintCount = 10;
extern const AxisUse kPanelsAxes[kPanelsAxisCount];
extern const Constraint kPanelsConstraints[kPanelsConstraintCount];

// What the constraints say that no table of micro-kernels tells.
bool panels_known(const svetune_problem& problem, const svetune_config& config);

}  // namespace svetune
