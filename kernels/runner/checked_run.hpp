// svetune_run with a look at what the procedure call standard lets no function change.
#pragma once

#include "svetune/kernels.h"

namespace svetune {

// Calls svetune_run; `preserved` tells whether d8-d15 came back as they were.
svetune_status checked_run(const svetune_problem& problem, const svetune_config& config, const svetune_args& args,
                           bool& preserved);

}  // namespace svetune
