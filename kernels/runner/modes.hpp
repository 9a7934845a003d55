// The runner's modes, one file each.
#pragma once

#include <memory>
#include <string>

#include "runner/request.hpp"

namespace svetune {

std::string describe();
std::unique_ptr<Mode> make_verify();
std::unique_ptr<Mode> make_measure();
std::unique_ptr<Mode> make_trace();

}  // namespace svetune
