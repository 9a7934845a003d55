#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "model/operands.hpp"
#include "model/text.hpp"

namespace svetune::model {
namespace {

unsigned letter_bytes(char c) {
  switch (c) {
    case 'b':
      return 1;
    case 'h':
      return 2;
    case 's':
    case 'w':
      return 4;
    case 'd':
    case 'x':
      return 8;
    case 'q':
      return 16;
    default:
      return 0;
  }
}

// "z0.s" -> 4: bytes of one element.
unsigned element_bytes(std::string_view operand) {
  const std::size_t dot = operand.find('.');
  if (dot == std::string_view::npos) return 0;
  std::size_t i = dot + 1;
  while (i < operand.size() && is_digit(operand[i])) ++i;
  return i < operand.size() ? letter_bytes(operand[i]) : 0;
}

// Bytes in memory of one element of an SVE mnemonic: "sw" of ld1sw -> 4.
unsigned memory_element_bytes(std::string_view suffix) {
  return suffix.empty()                                       ? 0
         : suffix == "sw" || suffix == "sb" || suffix == "sh" ? letter_bytes(suffix[1])
                                                              : letter_bytes(suffix[0]);
}

// Registers in "{ z0.s - z3.s }" or "{ z0.s, z1.s }".
unsigned list_length(std::string_view list) {
  const std::size_t close = list.find('}');
  const std::string_view inside = list.substr(0, close);
  if (const std::size_t dash = inside.find(" - "); dash != std::string_view::npos) {
    const auto number = [](std::string_view s) {
      while (!s.empty() && !is_digit(s.front())) s.remove_prefix(1);
      unsigned n = 0;
      for (; !s.empty() && is_digit(s.front()); s.remove_prefix(1)) n = n * 10 + static_cast<unsigned>(s.front() - '0');
      return n;
    };
    return (number(inside.substr(dash)) + 32 - number(inside.substr(0, dash))) % 32 + 1;
  }
  return 1 + static_cast<unsigned>(std::count(inside.begin(), inside.end(), ','));
}

// ld1w, ldff1sb, st2d, ldnt1w, ld1rw, ld1rqw, ...: structure = 1..4 and what follows it.
unsigned sve_bytes(std::string_view name, std::string_view list, unsigned vector_bits) {
  const std::size_t digit = name.find_first_of("1234");
  const unsigned structures = static_cast<unsigned>(name[digit] - '0');
  std::string_view suffix = name.substr(digit + 1);
  if (suffix.starts_with("rq")) return 16;
  if (suffix.starts_with("ro")) return 32;
  if (suffix.starts_with("r") && structures == 1) return memory_element_bytes(suffix.substr(1));
  const unsigned in_memory = memory_element_bytes(suffix), in_register = element_bytes(list);
  if (in_memory == 0 || in_register == 0) return 0;
  return std::max(structures, list_length(list)) * (vector_bits / 8) * in_memory / std::max(in_memory, in_register);
}

// ld1 {v0.4s, v1.4s}, ld1r {v0.4s}, ld1 {v0.s}[1]: whole registers, or an element of each.
unsigned neon_bytes(std::string_view name, std::string_view list) {
  const unsigned registers = list_length(list), element = element_bytes(list);
  const std::size_t dot = list.find('.');
  if (name.ends_with("r") || dot == std::string_view::npos || !is_digit(list[dot + 1])) return registers * element;
  unsigned lanes = 0;
  for (std::size_t i = dot + 1; is_digit(list[i]); ++i) lanes = lanes * 10 + static_cast<unsigned>(list[i] - '0');
  return registers * element * lanes;
}

unsigned register_bytes(std::string_view r, unsigned vector_bits) {
  if (r == "xzr" || r == "sp") return 8;
  if (r == "wzr" || r == "wsp") return 4;
  if (r.starts_with("z")) return vector_bits / 8;
  if (r.starts_with("p")) return vector_bits / 64;
  return r.starts_with("w") ? 4 : letter_bytes(r[0]);
}

bool is_exclusive_store(std::string_view name) {
  return name.starts_with("stxr") || name.starts_with("stlxr") || name.starts_with("stxp") || name.starts_with("stlxp");
}
bool is_pair(std::string_view name) {
  for (const std::string_view p : {"ldp", "stp", "ldnp", "stnp", "ldxp", "ldaxp", "stxp", "stlxp", "casp"}) {
    if (name.starts_with(p)) return true;
  }
  return false;
}

// ldr, str, ldp and their kind, and atomics: the register's size unless the mnemonic narrows it.
unsigned scalar_bytes(std::string_view name, const std::vector<std::string>& operands, unsigned vector_bits) {
  const std::size_t data = is_exclusive_store(name) ? 1 : 0;
  const unsigned registers = is_pair(name) ? 2 : 1;
  if (name.ends_with("sw")) return 4 * registers;
  const bool plain = operands[data].front() == 'w' || operands[data].front() == 'x';
  const bool narrows = plain && !name.starts_with("ldsub") && !is_pair(name);
  if (narrows && name.ends_with("b")) return 1;
  if (narrows && name.ends_with("h")) return 2;
  return registers * register_bytes(operands[data], vector_bits);
}

unsigned bytes_of(std::string_view name, const std::vector<std::string>& operands, unsigned vector_bits) {
  if (name == "dc") return vector_bits >= 512 ? 256 : 64;
  const std::string_view first = operands.front();
  if (!first.starts_with("{")) return scalar_bytes(name, operands, vector_bits);
  return first.find('z') != std::string_view::npos ? sve_bytes(name, first, vector_bits) : neon_bytes(name, first);
}

void add_unique(std::vector<Reg>& list, Reg r) {
  if (r != kRegs && std::find(list.begin(), list.end(), r) == list.end()) list.push_back(r);
}

// Every register named in `text`.
void add_registers(std::vector<Reg>& list, std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t begin = text.find_first_not_of("[]{}, !", i);
    if (begin == std::string_view::npos) return;
    const std::size_t end = std::min(text.find_first_of("[]{}, !/.", begin), text.size());
    add_unique(list, parse_register(text.substr(begin, end - begin)));
    i = std::min(text.find_first_of("[]{}, !", end), text.size());
  }
}

}  // namespace

void add_memory_facts(Instruction& instruction, unsigned vector_bits) {
  const bool prefetch = instruction.kind == Kind::prefetch;
  if (instruction.kind != Kind::load && instruction.kind != Kind::store && !prefetch) return;
  const std::string name = mnemonic_of(instruction.text);
  const std::vector<std::string> operands = split_operands(instruction.text);
  if (operands.empty()) return;
  const auto memory =
      std::find_if(operands.begin(), operands.end(), [](const std::string& o) { return o.starts_with("["); });
  if (memory != operands.end()) {
    add_registers(instruction.address_uses, *memory);
    const bool post = memory + 1 != operands.end();
    if (post) add_registers(instruction.address_uses, *(memory + 1));
    if (post || memory->ends_with("!")) instruction.writeback = instruction.address_uses.front();
  } else if (name == "dc") {
    add_registers(instruction.address_uses, operands.back());
  }
  if (prefetch) {
    const std::size_t level = operands.front().find_first_of("123");
    instruction.prefetch_level =
        level == std::string::npos ? std::uint8_t{1} : static_cast<std::uint8_t>(operands.front()[level] - '0');
    return;
  }
  instruction.bytes = bytes_of(name, operands, vector_bits);
  if (instruction.kind != Kind::store || name == "dc") return;
  for (auto o = operands.begin() + (is_exclusive_store(name) ? 1 : 0); o != memory; ++o) {
    if (!o->starts_with("p") || (name == "str" && o == operands.begin())) add_registers(instruction.data_uses, *o);
  }
}

}  // namespace svetune::model
