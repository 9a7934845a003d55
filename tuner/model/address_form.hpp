// How a memory instruction forms its address, as data.
#pragma once

#include <cstdint>

#include "model/instruction.hpp"

namespace svetune::model {

// address = base + extend(index) << shift + offset. After it, a written-back base is
//   pre-indexed: the address; post-indexed: the address + step, or + the register step_by.
struct AddressForm {
  enum class Extend : std::uint8_t { none, uxtw, sxtw };

  bool memory = false;  // false: the instruction has no address
  Reg base = kRegs;     // kRegs: absolute (PC-relative loads), or the lanes of a vector
  Reg index = kRegs;    // kRegs: none, or the lanes of a vector (the address is then that of the base)
  Extend extend = Extend::none;
  std::uint8_t shift = 0;
  std::int64_t offset = 0;  // bytes; "mul vl" resolved
  bool pre = false, post = false;
  std::int64_t step = 0;
  Reg step_by = kRegs;
};

AddressForm address_form(const Instruction& instruction, unsigned vector_bits);

}  // namespace svetune::model
