#include "model/integer_unit.hpp"

#include <bit>

namespace svetune::model {
namespace {

using Op = IntegerOperation::Op;
using Second = IntegerOperation::Second;
__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

std::uint64_t narrow(std::uint64_t v, bool wide) {
  return wide ? v : v & 0xffffffffULL;
}

std::uint64_t extend(std::uint64_t v, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(v << shift) >> shift);
}

std::uint64_t shift_right(std::uint64_t v, unsigned amount, bool wide) {
  return narrow(v, wide) >> amount;
}
std::uint64_t shift_arithmetic(std::uint64_t v, unsigned amount, bool wide) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(wide ? v : extend(v, 32)) >> amount);
}
std::uint64_t rotate(std::uint64_t v, unsigned amount, bool wide) {
  return wide ? std::rotr(v, static_cast<int>(amount))
              : std::rotr(static_cast<std::uint32_t>(v), static_cast<int>(amount));
}

std::uint64_t second_operand(const IntegerOperation& o, const IntegerState& s) {
  const std::uint64_t v = s.x[o.rm];
  switch (o.second) {
    case Second::immediate:
      return o.immediate;
    case Second::lsl:
      return v << o.amount;
    case Second::lsr:
      return shift_right(v, o.amount, o.wide);
    case Second::asr:
      return shift_arithmetic(v, o.amount, o.wide);
    case Second::ror:
      return rotate(v, o.amount, o.wide);
    case Second::uxtb:
      return (v & 0xffU) << o.amount;
    case Second::uxth:
      return (v & 0xffffU) << o.amount;
    case Second::uxtw:
      return (v & 0xffffffffULL) << o.amount;
    case Second::uxtx:
    case Second::sxtx:
      return v << o.amount;
    case Second::sxtb:
      return extend(v, 8) << o.amount;
    case Second::sxth:
      return extend(v, 16) << o.amount;
    case Second::sxtw:
      return extend(v, 32) << o.amount;
  }
  return 0;
}

std::uint8_t flag_bits(bool n, bool z, bool c, bool v) {
  return static_cast<std::uint8_t>((n ? 8 : 0) | (z ? 4 : 0) | (c ? 2 : 0) | (v ? 1 : 0));
}

// AddWithCarry of the manual: flags of a + b, or of a - b.
std::uint8_t arithmetic_flags(std::uint64_t a, std::uint64_t b, bool subtract, bool wide) {
  const unsigned top = wide ? 63 : 31;
  a = narrow(a, wide);
  b = narrow(subtract ? ~b : b, wide);
  const Wide sum = static_cast<Wide>(a) + b + (subtract ? 1U : 0U);
  const std::uint64_t result = narrow(static_cast<std::uint64_t>(sum), wide);
  const bool carry = ((sum >> (top + 1)) & 1U) != 0;
  const bool overflow = (((~(a ^ b) & (a ^ result)) >> top) & 1U) != 0;
  return flag_bits(((result >> top) & 1U) != 0, result == 0, carry, overflow);
}

std::uint64_t bitfield(const IntegerOperation& o, const IntegerState& s) {
  const unsigned size = o.wide ? 64 : 32, from = o.amount, to = o.width;
  const std::uint64_t source = narrow(s.x[o.rn], o.wide);
  const bool extract = to >= from;
  const unsigned length = extract ? to - from + 1 : to + 1, place = extract ? 0 : size - from;
  const std::uint64_t mask = length == 64 ? ~0ULL : (1ULL << length) - 1;
  const std::uint64_t field = (extract ? source >> from : source) & mask;
  if (o.op == Op::bfm) return (s.x[o.rd] & ~(mask << place)) | (field << place);
  return (o.op == Op::sbfm ? extend(field, length) : field) << place;
}

std::uint64_t divide(const IntegerOperation& o, const IntegerState& s) {
  const std::uint64_t a = narrow(s.x[o.rn], o.wide), b = narrow(s.x[o.rm], o.wide);
  if (b == 0) return 0;
  if (o.op == Op::udiv) return a / b;
  const auto n = static_cast<std::int64_t>(o.wide ? a : extend(a, 32));
  const auto d = static_cast<std::int64_t>(o.wide ? b : extend(b, 32));
  if (d == -1) return 0 - static_cast<std::uint64_t>(n);
  return static_cast<std::uint64_t>(n / d);
}

std::uint64_t reverse_bits(std::uint64_t v, bool wide) {
  std::uint64_t out = 0;
  for (unsigned i = 0; i < 64; ++i) out |= ((v >> i) & 1U) << (63 - i);
  return wide ? out : out >> 32;
}

std::uint64_t multiply(const IntegerOperation& o, const IntegerState& s) {
  const std::uint64_t n = s.x[o.rn], m = s.x[o.rm], a = s.x[o.ra];
  switch (o.op) {
    case Op::madd:
      return a + n * m;
    case Op::msub:
      return a - n * m;
    case Op::maddl_signed:
      return a + extend(n, 32) * extend(m, 32);
    case Op::msubl_signed:
      return a - extend(n, 32) * extend(m, 32);
    case Op::maddl_unsigned:
      return a + (n & 0xffffffffULL) * (m & 0xffffffffULL);
    case Op::msubl_unsigned:
      return a - (n & 0xffffffffULL) * (m & 0xffffffffULL);
    case Op::mulh_unsigned:
      return static_cast<std::uint64_t>((static_cast<Wide>(n) * m) >> 64);
    default: {
      const auto signed_n = static_cast<SignedWide>(static_cast<std::int64_t>(n));
      const auto signed_m = static_cast<SignedWide>(static_cast<std::int64_t>(m));
      return static_cast<std::uint64_t>(static_cast<Wide>(signed_n * signed_m) >> 64);
    }
  }
}

std::uint64_t selected(const IntegerOperation& o, const IntegerState& s) {
  if (condition_holds(o.condition, s.nzcv)) return s.x[o.rn];
  const std::uint64_t other = o.negates ? ~s.x[o.rm] : s.x[o.rm];
  return o.increments ? other + 1 : other;
}

std::uint64_t result_of(const IntegerOperation& o, const IntegerState& s) {
  const unsigned mask = o.wide ? 63 : 31;
  const std::uint64_t n = s.x[o.rn];
  const unsigned by = static_cast<unsigned>(s.x[o.rm]) & mask;
  const std::uint64_t second = o.invert ? ~second_operand(o, s) : second_operand(o, s);
  switch (o.op) {
    case Op::constant:
      return o.immediate;
    case Op::movk:
      return (s.x[o.rd] & ~(0xffffULL << o.amount)) | o.immediate;
    case Op::add:
      return n + second;
    case Op::sub:
      return n - second;
    case Op::logical_and:
      return n & second;
    case Op::orr:
      return n | second;
    case Op::eor:
      return n ^ second;
    case Op::sbfm:
    case Op::bfm:
    case Op::ubfm:
      return bitfield(o, s);
    case Op::extr: {
      if (o.amount == 0) return s.x[o.rm];
      const std::uint64_t high = n << (mask + 1 - o.amount);
      return high | shift_right(s.x[o.rm], o.amount, o.wide);
    }
    case Op::udiv:
    case Op::sdiv:
      return divide(o, s);
    case Op::lslv:
      return n << by;
    case Op::lsrv:
      return shift_right(n, by, o.wide);
    case Op::asrv:
      return shift_arithmetic(n, by, o.wide);
    case Op::rorv:
      return rotate(n, by, o.wide);
    case Op::clz:
      return static_cast<std::uint64_t>(std::countl_zero(narrow(n, o.wide))) - (o.wide ? 0 : 32);
    case Op::rbit:
      return reverse_bits(n, o.wide);
    case Op::select:
      return selected(o, s);
    default:
      return multiply(o, s);
  }
}

bool inputs_known(const IntegerOperation& o, const IntegerState& s) {
  switch (o.op) {
    case Op::constant:
      return true;
    case Op::movk:
      return s.has(o.rd);
    case Op::bfm:
      return s.has(o.rd) && s.has(o.rn);
    case Op::sbfm:
    case Op::ubfm:
    case Op::clz:
    case Op::rbit:
      return s.has(o.rn);
    case Op::select:
    case Op::compare_if:
      if (!s.flags_known) return false;
      [[fallthrough]];
    default:
      return s.has(o.rn) && (o.second == Second::immediate || s.has(o.rm)) && s.has(o.ra);
  }
}

void set_flags(const IntegerOperation& o, IntegerState& s, std::uint64_t result) {
  const unsigned top = o.wide ? 63 : 31;
  if (o.op == Op::logical_and) {
    s.nzcv = flag_bits(((result >> top) & 1U) != 0, result == 0, false, false);
  } else {
    s.nzcv = arithmetic_flags(s.x[o.rn], second_operand(o, s), o.op == Op::sub, o.wide);
  }
  s.flags_known = true;
}

}  // namespace

bool condition_holds(std::uint8_t condition, std::uint8_t nzcv) {
  const bool n = (nzcv & 8U) != 0, z = (nzcv & 4U) != 0, c = (nzcv & 2U) != 0, v = (nzcv & 1U) != 0;
  bool holds = true;
  switch (condition >> 1) {
    case 0:
      holds = z;
      break;
    case 1:
      holds = c;
      break;
    case 2:
      holds = n;
      break;
    case 3:
      holds = v;
      break;
    case 4:
      holds = c && !z;
      break;
    case 5:
      holds = n == v;
      break;
    case 6:
      holds = n == v && !z;
      break;
    default:
      return true;
  }
  return (condition & 1U) != 0 ? !holds : holds;
}

bool execute(const IntegerOperation& o, IntegerState& s) {
  if (o.op == Op::none) return true;
  if (o.op == Op::opaque) return false;
  if (!inputs_known(o, s)) {
    s.forget(o.rd);
    if (o.sets_flags || o.op == Op::compare_if) s.flags_known = false;
    return false;
  }
  if (o.op == Op::compare_if) {
    const std::uint64_t second = o.second == Second::immediate ? o.immediate : s.x[o.rm];
    s.nzcv = condition_holds(o.condition, s.nzcv) ? arithmetic_flags(s.x[o.rn], second, o.negates, o.wide) : o.flags;
    return true;
  }
  const std::uint64_t result = narrow(result_of(o, s), o.wide);
  if (o.sets_flags) set_flags(o, s, result);
  s.set(o.rd, result);
  return true;
}

}  // namespace svetune::model
