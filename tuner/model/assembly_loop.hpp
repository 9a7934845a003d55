// A loop body given as assembly text, as a source of executed instructions.
#pragma once

#include <cstdint>
#include <vector>

#include "model/instruction.hpp"

namespace svetune::model {

// Repeats the body; each iteration starts a region. Branches: the last instruction, where it is a branch, is taken
// except in the last iteration; every other branch falls through (text says nothing about its direction).
//
// Addresses: registers are unknown, so each memory instruction has one fixed address in all iterations, within a few
// KiB that stay in the L1 cache, as llvm-mca assumes. Equal addresses are honoured: base (and index) registers that
// hold the same value as far as the body shows it, with the same offset, give the same address; `add x0, x0, #64` and
// pre- and post-indexed forms move a base by a known amount, any other write to it makes it another base. At the start
// of an iteration all bases are as at the start of the first.
class AssemblyLoop : public TraceSource {
 public:
  // `vector_bits` scales offsets "#1, mul vl". Throws InputError if `body` is empty.
  AssemblyLoop(std::vector<Instruction> body, std::uint64_t iterations, unsigned vector_bits = 512);

  const Instruction& instruction(std::uint32_t index) const override { return body_[index]; }
  bool next(Executed& out) override;
  const std::vector<Instruction>& body() const { return body_; }

 private:
  std::vector<Instruction> body_;
  std::vector<std::uint64_t> addresses_;
  std::uint64_t iterations_, iteration_ = 0;
  std::uint32_t at_ = 0;
};

}  // namespace svetune::model
