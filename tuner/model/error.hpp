// What goes wrong with input to the model: both are InputErrors (the application prints them and ends with exit code
// 2).
#pragma once

#include <cstdint>

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

// The trace stopped before its end: the traced process ended or crashed.
struct TraceEnded : TraceError {
  using TraceError::TraceError;
};

// Nothing came until the deadline.
struct TraceTimeout : TraceError {
  using TraceError::TraceError;
};

// A block holds an instruction that the registers at its ends do not explain: trace one instruction a block.
struct TraceNeedsSteps : TraceError {
  using TraceError::TraceError;
};

// Traced code calls code outside of the traced ranges: add the function at `address` to them.
struct TraceNeedsCode : TraceError {
  TraceNeedsCode(const std::string& what, std::uint64_t address_) : TraceError(what), address(address_) {}
  std::uint64_t address;
};

}  // namespace svetune::model
