// An aarch64 instruction as the core model sees it: decoded once by LLVM's MC layer, independent of any machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace svetune::model {

// Architectural registers as one flat numbering: X0-X30, SP, Z0-Z31 (with V/Q/D/S/H/B inside), P0-P15, FFR, NZCV.
using Reg = std::uint8_t;
constexpr Reg kX0 = 0, kSp = 31, kZ0 = 32, kP0 = 64, kFfr = 80, kNzcv = 81, kRegs = 82;

enum class Kind : std::uint8_t { alu, load, store, prefetch, branch, call, ret, system };

struct Instruction {
  std::uint64_t pc = 0;
  std::uint32_t word = 0;
  std::string text;   // "fmla z0.s, p0/m, z1.s, z2.s", LLVM's spelling
  std::string shape;  // the text with operands made generic: "fmla z.s, p/m, z.s, z.s"; the key into a machine's table
  Kind kind = Kind::alu;
  bool conditional = false;       // a branch that may fall through
  std::vector<Reg> defs, uses;    // everything written and read (a merging destination is also read); no zero registers
  Reg last_operand = kRegs;       // of the text; also where it is another operand as well: fmla z0.s, z1.s, z0.s[0]
  std::vector<Reg> address_uses;  // of a memory operation: base, index (a subset of uses)
  std::vector<Reg> data_uses;     // of a store: what is written
  Reg writeback = kRegs;          // base register of pre/post-indexed forms, else kRegs
  std::uint64_t target = 0;       // of a direct branch or call; the address of a PC-relative load
  // Memory bytes of one access at the trace's vector length: ld1rw 4, ldp q 32, ldr z VL/8, ld1w {z.d} VL/16, ld4w
  // VL/2, a gather the sum of its elements, a predicated access as if every lane were active, prefetch 0, dc zva 256
  // (64 below 512 bits). An atomic (cas, swp, ldadd) is a load.
  std::uint32_t bytes = 0;
  std::uint8_t prefetch_level = 0;  // cache that a prefetch fills (1, 2, 3); 0: no prefetch
};

// One executed instruction of a trace.
struct Executed {
  std::uint32_t index = 0;     // into the program's table of static instructions
  bool taken = false;          // of a branch
  bool starts_region = false;  // the first instruction of a call of the traced function
  std::uint64_t address = 0;   // of a memory operation: the first byte; 0 otherwise
};

// Where executed instructions come from, one at a time, so that memory does not grow with the trace.
class TraceSource {
 public:
  virtual ~TraceSource() = default;
  virtual const Instruction& instruction(std::uint32_t index) const = 0;
  virtual bool next(
      Executed& out) = 0;  // false at the end; throws TraceError (names the instruction) on a broken trace
};

}  // namespace svetune::model
