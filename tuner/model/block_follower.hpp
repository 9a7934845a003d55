// From two register records to the instructions executed between them, with the address of each access.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/emulator_log.hpp"
#include "model/program.hpp"

namespace svetune::model {

// A straight line of code as the emulator translates it: up to a branch or system call, the end of a page, 512
// instructions.
struct Block {
  struct Step {
    std::uint32_t index = 0;    // into the program
    std::uint32_t defines = 0;  // X registers and SP that it writes, written-back base excepted; a bit each
    std::uint32_t lasting = 0;  // those of them that nothing later in the block writes again
    bool system_call = false;   // the kernel writes X0, and memory unseen
    bool stack_access = false;  // LDR, LDUR, STR, STUR, LDP or STP of X registers
  };
  std::uint64_t pc = 0, end = 0;  // end: the address behind the last instruction
  std::vector<Step> steps;
};

// What became of a block.
struct Followed {
  bool proved = false;            // every register that was followed has the value of the next record
  std::string why;                // if not proved
  std::uint64_t target = 0;       // of the last instruction, 0 if not known
  std::uint64_t unexplained = 0;  // pc of a memory instruction whose address is not known, 0: none
};

class BlockFollower {
 public:
  BlockFollower(Program& program, bool single_instructions) : program_(program), single_(single_instructions) {}

  // The block at `pc`, at most up to `limit` where it is given (the emulator may cut a block anywhere).
  const Block& block(std::uint64_t pc, std::uint64_t limit = 0);

  // Runs `block` from `entry`. Where `next` is its direct successor, registers that cannot be computed (loads, moves
  // from vectors) are taken from there, and all others are compared with it. Appends to `out`.
  Followed follow(const Block& block, const BlockEntry& entry, const BlockEntry* next, std::vector<Executed>& out);

  // Memory may have changed unseen.
  void forget_memory() { stack_.clear(); }

 private:
  Block build(std::uint64_t pc, std::uint64_t limit);
  bool address_of(const AddressForm& form, const IntegerState& state, std::uint64_t& address) const;
  void access_stack(const Block::Step& step, const ProgramEntry& entry, std::uint64_t address, IntegerState& state);
  void remember_store(const ProgramEntry& entry, std::uint64_t address, const IntegerState& state);
  void run(const Block::Step& step, const BlockEntry* next, IntegerState& state, Executed& executed, Followed& result);

  Program& program_;
  bool single_;
  std::unordered_map<std::uint64_t, Block> whole_;
  std::unordered_map<std::uint64_t, Block> cut_;  // by pc ^ limit << 20: few
  // X registers stored near the stack pointer, by address: a reloaded base address is known again.
  std::unordered_map<std::uint64_t, std::uint64_t> stack_;
};

}  // namespace svetune::model
