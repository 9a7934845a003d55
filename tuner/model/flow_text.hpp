// The small language of machine files in which the flows of an instruction are written.
#pragma once

#include <string_view>
#include <vector>

#include "model/machine.hpp"

namespace svetune::model {

// Micro-ops are separated by ";", the flows of one micro-op by "+". A flow is "PIPES LATENCY words...", with the words
//   load, store, data, writeback, branch, prefetch   its role
//   after            also waits for the flow before it      last, none    reads the last source only, or no register
//   split            defines the next register of the list  compare       its result has the bypass class "compare"
//   busy=N           the pipe takes nothing else for N cycles
//   forward=N        latency between accumulators           xN            N micro-ops like it
// "nothing" alone is a micro-op without a pipe. Throws ModelError.
std::vector<Flow> parse_flows(std::string_view text, const std::vector<PipeGroup>& groups);

}  // namespace svetune::model
