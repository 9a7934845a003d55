// The runner's modes, one file each.
#pragma once

#include <memory>
#include <string>

#include "runner/request.hpp"

namespace svetune {

std::string describe();
std::unique_ptr<Mode> make_verify();
std::unique_ptr<Mode> make_counters();
std::unique_ptr<Mode> make_clock();
std::unique_ptr<Mode> make_trace();

}  // namespace svetune
