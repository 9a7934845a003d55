// Words to IntegerOperations: encodings of the Arm Architecture Reference Manual, sections C4.1 (base) and SVE.
#include <algorithm>

#include "model/integer_unit.hpp"

namespace svetune::model {
namespace {

using Op = IntegerOperation::Op;
using Second = IntegerOperation::Second;

constexpr std::uint8_t kZero = 32;

std::uint32_t bits(std::uint32_t word, unsigned high, unsigned low) {
  return (word >> low) & ((1U << (high - low + 1)) - 1U);
}
bool bit(std::uint32_t word, unsigned n) {
  return ((word >> n) & 1U) != 0;
}

std::int64_t sign_extend(std::uint64_t value, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<std::int64_t>(value << shift) >> shift;
}

std::uint8_t or_sp(std::uint32_t n) {
  return static_cast<std::uint8_t>(n);
}  // 31 is SP
std::uint8_t or_zero(std::uint32_t n) {
  return n == 31 ? kZero : static_cast<std::uint8_t>(n);
}  // 31 is XZR

// DecodeBitMasks of the manual, the mask for the logical immediates.
std::uint64_t logical_immediate(bool n, std::uint32_t immr, std::uint32_t imms) {
  const std::uint32_t key = (n ? 64U : 0U) | (~imms & 63U);
  unsigned length = 6;
  while (length > 0 && ((key >> length) & 1U) == 0) --length;
  const unsigned size = 1U << length, ones = (imms & (size - 1)) + 1, rotate = immr & (size - 1);
  const std::uint64_t element_mask = size == 64 ? ~0ULL : (1ULL << size) - 1;
  std::uint64_t pattern = ones == 64 ? ~0ULL : (1ULL << ones) - 1;
  if (rotate != 0) pattern = ((pattern >> rotate) | (pattern << (size - rotate))) & element_mask;
  for (unsigned filled = size; filled < 64; filled *= 2) pattern |= pattern << filled;
  return pattern;
}

void set_arithmetic_flags(IntegerOperation& o, std::uint32_t w) {
  o.op = bit(w, 30) ? Op::sub : Op::add;
  o.sets_flags = bit(w, 29);
}

void set_logical_kind(IntegerOperation& o, std::uint32_t w) {
  static constexpr Op kinds[] = {Op::logical_and, Op::orr, Op::eor, Op::logical_and};
  o.op = kinds[bits(w, 30, 29)];
  o.sets_flags = bits(w, 30, 29) == 3;
}

// Data processing, immediate: bits 28:26 are 100.
bool decode_immediate(IntegerOperation& o, std::uint32_t w, std::uint64_t pc) {
  switch (bits(w, 25, 23)) {
    case 0:
    case 1: {  // ADR, ADRP
      const std::int64_t offset = sign_extend(bits(w, 23, 5) << 2 | bits(w, 30, 29), 21);
      o.op = Op::constant;
      o.rd = or_zero(bits(w, 4, 0));
      o.wide = true;
      o.immediate = bit(w, 31) ? (pc & ~0xfffULL) + static_cast<std::uint64_t>(offset) * 4096
                               : pc + static_cast<std::uint64_t>(offset);
      return true;
    }
    case 2:  // ADD, SUB
      set_arithmetic_flags(o, w);
      o.second = Second::immediate;
      o.immediate = static_cast<std::uint64_t>(bits(w, 21, 10)) << (bit(w, 22) ? 12 : 0);
      o.rn = or_sp(bits(w, 9, 5));
      o.rd = o.sets_flags ? or_zero(bits(w, 4, 0)) : or_sp(bits(w, 4, 0));
      return true;
    case 4:  // AND, ORR, EOR, ANDS
      set_logical_kind(o, w);
      o.second = Second::immediate;
      o.immediate = logical_immediate(bit(w, 22), bits(w, 21, 16), bits(w, 15, 10));
      o.rd = o.sets_flags ? or_zero(bits(w, 4, 0)) : or_sp(bits(w, 4, 0));
      return true;
    case 5: {  // MOVN, MOVZ, MOVK
      const unsigned shift = bits(w, 22, 21) * 16;
      const std::uint64_t value = static_cast<std::uint64_t>(bits(w, 20, 5)) << shift;
      o.op = bits(w, 30, 29) == 3 ? Op::movk : Op::constant;
      o.rn = o.rd;
      o.amount = static_cast<std::uint8_t>(shift);
      o.immediate = bits(w, 30, 29) == 0 ? ~value : value;
      return true;
    }
    case 6: {  // SBFM, BFM, UBFM
      static constexpr Op kinds[] = {Op::sbfm, Op::bfm, Op::ubfm, Op::opaque};
      o.op = kinds[bits(w, 30, 29)];
      o.amount = static_cast<std::uint8_t>(bits(w, 21, 16));
      o.width = static_cast<std::uint8_t>(bits(w, 15, 10));
      return true;
    }
    case 7:  // EXTR
      o.op = Op::extr;
      o.amount = static_cast<std::uint8_t>(bits(w, 15, 10));
      return true;
    default:
      return false;
  }
}

bool decode_multiply(IntegerOperation& o, std::uint32_t w) {
  o.ra = or_zero(bits(w, 14, 10));
  const bool subtracts = bit(w, 15);
  switch (bits(w, 23, 21)) {
    case 0:
      o.op = subtracts ? Op::msub : Op::madd;
      return true;
    case 1:
      o.op = subtracts ? Op::msubl_signed : Op::maddl_signed;
      return true;
    case 2:
      o.op = Op::mulh_signed;
      return true;
    case 5:
      o.op = subtracts ? Op::msubl_unsigned : Op::maddl_unsigned;
      return true;
    case 6:
      o.op = Op::mulh_unsigned;
      return true;
    default:
      return false;
  }
}

bool decode_two_sources(IntegerOperation& o, std::uint32_t w) {
  switch (bits(w, 15, 10)) {
    case 2:
      o.op = Op::udiv;
      return true;
    case 3:
      o.op = Op::sdiv;
      return true;
    case 8:
      o.op = Op::lslv;
      return true;
    case 9:
      o.op = Op::lsrv;
      return true;
    case 10:
      o.op = Op::asrv;
      return true;
    case 11:
      o.op = Op::rorv;
      return true;
    default:
      return false;
  }
}

bool decode_second_register(IntegerOperation& o, std::uint32_t w) {
  static constexpr Second shifts[] = {Second::lsl, Second::lsr, Second::asr, Second::ror};
  static constexpr Second extensions[] = {Second::uxtb, Second::uxth, Second::uxtw, Second::uxtx,
                                          Second::sxtb, Second::sxth, Second::sxtw, Second::sxtx};
  if (!bit(w, 24)) {  // AND, BIC, ORR, ORN, ...
    set_logical_kind(o, w);
    o.invert = bit(w, 21);
  } else {
    set_arithmetic_flags(o, w);
  }
  if (bit(w, 24) && bit(w, 21)) {
    o.second = extensions[bits(w, 15, 13)];
    o.amount = static_cast<std::uint8_t>(bits(w, 12, 10));
    o.rn = or_sp(bits(w, 9, 5));
    o.rd = o.sets_flags ? or_zero(bits(w, 4, 0)) : or_sp(bits(w, 4, 0));
    return true;
  }
  o.second = shifts[bits(w, 23, 22)];
  o.amount = static_cast<std::uint8_t>(bits(w, 15, 10));
  return true;
}

// Data processing, register: bits 27:25 are 101.
bool decode_register(IntegerOperation& o, std::uint32_t w) {
  if (!bit(w, 28)) return decode_second_register(o, w);
  if (bit(w, 24)) return decode_multiply(o, w);
  switch (bits(w, 23, 21)) {
    case 2:  // CCMN, CCMP
      o.op = Op::compare_if;
      o.second = bit(w, 11) ? Second::immediate : Second::lsl;
      o.immediate = bits(w, 20, 16);
      o.condition = static_cast<std::uint8_t>(bits(w, 15, 12));
      o.flags = static_cast<std::uint8_t>(bits(w, 3, 0));
      o.negates = bit(w, 30);  // CCMP
      o.rd = kZero;
      return true;
    case 4:  // CSEL, CSINC, CSINV, CSNEG
      o.op = Op::select;
      o.condition = static_cast<std::uint8_t>(bits(w, 15, 12));
      o.negates = bit(w, 30);
      o.increments = bit(w, 10);
      return true;
    case 6:
      if (!bit(w, 30)) return decode_two_sources(o, w);
      if (bits(w, 20, 10) == 4) o.op = Op::clz;
      if (bits(w, 20, 10) == 0) o.op = Op::rbit;
      return o.op != Op::none;
    default:
      return false;
  }
}

// Elements that an SVE pattern names, of `elements` in a vector.
unsigned pattern_count(std::uint32_t pattern, unsigned elements) {
  if (pattern == 31) return elements;
  if (pattern == 30) return elements - elements % 3;
  if (pattern == 29) return elements - elements % 4;
  unsigned wanted = 0;
  if (pattern >= 1 && pattern <= 8) wanted = pattern;
  if (pattern >= 9 && pattern <= 13) wanted = 16U << (pattern - 9);
  if (pattern == 0) {
    for (wanted = 1; wanted * 2 <= elements;) wanted *= 2;
  }
  return wanted <= elements ? wanted : 0;
}

bool decode_sve(IntegerOperation& o, std::uint32_t w, unsigned vector_bits) {
  const std::uint64_t vector = vector_bits / 8;
  const std::uint64_t immediate = static_cast<std::uint64_t>(sign_extend(bits(w, 10, 5), 6));
  o.wide = true;
  o.second = Second::immediate;
  if ((w & 0xffa0f800U) == 0x04205000U) {  // ADDVL, ADDPL
    o.op = Op::add;
    o.rd = or_sp(bits(w, 4, 0));
    o.rn = or_sp(bits(w, 20, 16));
    o.immediate = immediate * (bit(w, 22) ? vector / 8 : vector);
    return true;
  }
  if ((w & 0xfffff800U) == 0x04bf5000U) {  // RDVL
    o.op = Op::constant;
    o.immediate = immediate * vector;
    return true;
  }
  const bool counts = (w & 0xff30fc00U) == 0x0420e000U, steps = (w & 0xff30f800U) == 0x0430e000U;
  if (!counts && !steps) return false;
  const unsigned elements = pattern_count(bits(w, 9, 5), vector_bits / (8U << bits(w, 23, 22)));
  o.immediate = static_cast<std::uint64_t>(elements) * (bits(w, 19, 16) + 1);
  o.op = counts ? Op::constant : bit(w, 10) ? Op::sub : Op::add;
  o.rn = o.rd;
  return true;
}

bool writes_integer_state(const Instruction& i) {
  return std::any_of(i.defs.begin(), i.defs.end(), [&](Reg r) { return (r <= kSp && r != i.writeback) || r == kNzcv; });
}

}  // namespace

IntegerOperation integer_operation(const Instruction& i, unsigned vector_bits) {
  IntegerOperation o;
  const std::uint32_t w = i.word;
  o.wide = bit(w, 31);
  o.rd = or_zero(bits(w, 4, 0));
  o.rn = or_zero(bits(w, 9, 5));
  o.rm = or_zero(bits(w, 20, 16));
  if (i.kind == Kind::call) {
    o.op = Op::constant;
    o.rd = 30;
    o.wide = true;
    o.immediate = i.pc + 4;
    return o;
  }
  bool known = false;
  if (bits(w, 28, 26) == 4)
    known = decode_immediate(o, w, i.pc);
  else if (bits(w, 27, 25) == 5)
    known = decode_register(o, w);
  else if (bits(w, 31, 24) == 4)
    known = decode_sve(o, w, vector_bits);
  if (known && o.op != Op::opaque) return o;
  o = {};
  o.op = writes_integer_state(i) ? Op::opaque : Op::none;
  return o;
}

}  // namespace svetune::model
