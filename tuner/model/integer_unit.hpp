// The integer instructions that addresses depend on, executed on known register values.
#pragma once

#include <array>
#include <cstdint>

#include "model/instruction.hpp"

namespace svetune::model {

// X0-X30, SP as index 31; index 32 is the zero register. A register is known or not; flags are all known or not.
struct IntegerState {
  std::array<std::uint64_t, 33> x{};
  std::uint64_t known = ~0ULL;  // bit r: x[r] is valid
  std::uint8_t nzcv = 0;        // N = 8, Z = 4, C = 2, V = 1
  bool flags_known = true;

  bool has(Reg r) const { return ((known >> r) & 1U) != 0; }
  void set(Reg r, std::uint64_t value) {
    x[r] = value;
    known |= 1ULL << r;
    x[32] = 0;
  }
  void forget(Reg r) {
    if (r < 32) known &= ~(1ULL << r);
  }
};

// One instruction, decoded from its word.
struct IntegerOperation {
  enum class Op : std::uint8_t {
    none,      // changes no integer register, and no flag
    opaque,    // writes integer registers or flags in a way that is not followed
    constant,  // mov, adr, cntw
    add,
    sub,
    logical_and,
    orr,
    eor,  // second operand: immediate or a shifted or extended register, maybe inverted
    movk,
    sbfm,
    bfm,
    ubfm,
    extr,
    madd,
    msub,
    maddl_signed,
    msubl_signed,
    maddl_unsigned,
    msubl_unsigned,
    mulh_signed,
    mulh_unsigned,
    udiv,
    sdiv,
    lslv,
    lsrv,
    asrv,
    rorv,
    clz,
    rbit,
    select,      // csel and its kin
    compare_if,  // ccmp, ccmn
  };
  enum class Second : std::uint8_t { immediate, lsl, lsr, asr, ror, uxtb, uxth, uxtw, uxtx, sxtb, sxth, sxtw, sxtx };

  Op op = Op::none;
  bool wide = true, sets_flags = false, invert = false;
  std::uint8_t rd = 32, rn = 32, rm = 32, ra = 32;  // indices of IntegerState::x
  Second second = Second::lsl;
  std::uint8_t amount = 0, width = 0;  // shift; immr and imms of a bitfield
  std::uint8_t condition = 0, flags = 0;
  bool increments = false, negates = false;  // select: csinc; csneg is both
  std::uint64_t immediate = 0;
};

// `opaque` where `instruction` writes an integer register or flags and is not in the table above.
IntegerOperation integer_operation(const Instruction& instruction, unsigned vector_bits);

// Executes; what depends on unknown values becomes unknown. `opaque` makes nothing unknown here: that is the caller's,
// who knows the instruction's defs. Returns false if it could not be followed (opaque, or an input is unknown).
bool execute(const IntegerOperation& operation, IntegerState& state);

bool condition_holds(std::uint8_t condition, std::uint8_t nzcv);

}  // namespace svetune::model
