// What goes wrong with input to the model: both are InputErrors (the application prints them and ends with exit code
// 2).
#pragma once

#include "space/problem.hpp"

namespace svetune::model {

// The machine, or an instruction which it does not know.
struct ModelError : InputError {
  using InputError::InputError;
};

// A trace that cannot be followed: names the instructions on both sides of the break, and the remedy.
struct TraceError : InputError {
  using InputError::InputError;
};

}  // namespace svetune::model
