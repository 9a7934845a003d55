// Calls with a look at what the procedure call standard lets no function change: d8-d15.
#pragma once

#include "svetune/kernels.h"

namespace svetune {

// Whether d8-d15 came back as they were from function(argument), which must not use them itself.
bool keeps_d8_d15(void (*function)(const void*), const void* argument);

// The same of a lambda.
template <typename F>
bool keeps_d8_d15(const F& call) {
  return keeps_d8_d15([](const void* context) { (*static_cast<const F*>(context))(); }, &call);
}

// Calls svetune_run; `preserved` tells whether d8-d15 came back as they were.
svetune_status checked_run(const svetune_problem& problem, const svetune_config& config, const svetune_args& args,
                           bool& preserved);

}  // namespace svetune
