// A processor of this machine for a runner that measures.
#pragma once

#include <optional>

namespace svetune {

// Binds this process to one of the processors that it may run on, the last that no other runner on this machine has
// claimed (the first ones serve the system's interrupts). The claim ends with the process. Nothing where all are
// claimed or the system refuses.
std::optional<int> claim_processor();

}  // namespace svetune
