// Static instructions with everything that the machine's table says about them, in the compact form the pipeline runs
// on.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "model/machine.hpp"

namespace svetune::model {

constexpr unsigned kMaxSources = 10, kMaxDefs = 6;

struct ResolvedFlow {
  Flow facts;
  std::uint8_t sources = 0, defs = 0;
  std::uint8_t accumulator = 0xFF;  // number of the source that is also written, where accumulators are forwarded
  std::array<Reg, kMaxSources> source{};
  std::array<Reg, kMaxDefs> def{};
  std::uint32_t bytes = 0, byte_offset = 0;  // of its part of a memory access
};

struct ResolvedMicroOp {
  std::uint32_t first = 0, flows = 0;  // within the instruction
  std::uint8_t integer_registers = 0, vector_registers = 0, predicate_registers = 0;
  std::uint8_t loads = 0, stores = 0;
};

struct ResolvedInstruction {
  std::uint32_t index = 0;
  std::uint64_t pc = 0, target = 0;
  Kind kind = Kind::alu;
  bool conditional = false, indirect = false;
  bool prefix = false, sequential = false, serializes = false, broadcast = false, scattered = false;
  std::uint8_t prefetch_level = 0;
  Reg prefix_def = kRegs, prefix_source = kRegs;  // of a MOVPRFX
  Reg packs = kRegs;                              // register that a MOVPRFX before it may have prepared
  std::vector<ResolvedFlow> flows;
  std::vector<ResolvedMicroOp> micro_ops;
};

// Resolves each static instruction once. References stay valid.
class ResolvedProgram {
 public:
  explicit ResolvedProgram(const MachineDescription& machine) : machine_(machine) {}
  const ResolvedInstruction& at(const TraceSource& source, std::uint32_t index);

 private:
  const MachineDescription& machine_;
  std::vector<std::unique_ptr<ResolvedInstruction>> table_;
};

ResolvedInstruction resolve(const MachineDescription& machine, const Instruction& instruction, std::uint32_t index);

}  // namespace svetune::model
