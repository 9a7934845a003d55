#include "model/operands.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "model/text.hpp"

namespace svetune::model {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

bool is_condition(std::string_view s) {
  return is_one_of(
      s, {"eq", "ne", "hs", "cs", "lo", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"});
}

bool is_pattern(std::string_view s) {
  return is_one_of(s, {"pow2", "mul4", "mul3", "all"}) || (s.starts_with("vl") && s.size() > 2 && is_digit(s[2]));
}

bool is_prefetch_operation(std::string_view s) {
  return (s.starts_with("pld") || s.starts_with("pst") || s.starts_with("pli")) &&
         (s.ends_with("keep") || s.ends_with("strm"));
}

bool is_shift(std::string_view s) {
  return is_one_of(s,
                   {"lsl", "lsr", "asr", "ror", "msl", "uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"});
}

bool is_immediate(std::string_view s) {
  return !s.empty() && (s[0] == '#' || is_digit(s[0]) || s[0] == '-');
}

// The class of a register without its number: "x", "w", "z", "p", "pn", "v", "q", ...; empty if it is none. `rest` gets
// what follows the number: ".s", "/m", ".4s", ".s[1]".
std::string_view register_class(std::string_view s, std::string_view& rest) {
  for (const std::string_view name : {"xzr", "wzr", "wsp", "sp"}) {
    if (s == name) {
      rest = {};
      return name[0] == 'w' ? "w" : "x";
    }
  }
  const std::size_t letters = s.starts_with("pn") ? 2 : 1;
  if (s.size() <= letters || !is_digit(s[letters])) return {};
  if (std::string_view("xwzpvbhsdq").find(s[0]) == std::string_view::npos) return {};
  std::size_t end = letters;
  while (end < s.size() && is_digit(s[end])) ++end;
  if (end < s.size() && std::string_view("./[").find(s[end]) == std::string_view::npos) return {};
  rest = s.substr(end);
  return s.substr(0, letters);
}

// "{ z0.s - z3.s }" -> {"z0.s", "z1.s", ...}; of a list with gaps every register as it stands. `index` gets "[1]"
// behind it.
std::vector<std::string> list_registers(std::string_view list, std::string_view& index) {
  const std::size_t close = list.find('}');
  index = list.substr(close + 1);
  std::string_view inside = list.substr(1, close - 1);
  std::vector<std::string> registers;
  const std::size_t dash = inside.find(" - ");
  if (dash == std::string_view::npos) {
    for (std::string& r : split_operands(". " + std::string(inside))) registers.push_back(std::move(r));
    return registers;
  }
  const std::string first(trim(inside.substr(0, dash))), last(trim(inside.substr(dash + 3)));
  std::string_view rest;
  const std::string letter(register_class(first, rest));
  const unsigned from = static_cast<unsigned>(std::stoul(first.substr(letter.size())));
  const unsigned to = static_cast<unsigned>(std::stoul(last.substr(letter.size())));
  for (unsigned n = from;; n = (n + 1) % 32) {
    registers.push_back(letter + std::to_string(n) + std::string(rest));
    if (n == to) return registers;
  }
}

std::string generic_operand(std::string_view s, bool after_register);

std::string generic_memory(std::string_view s) {
  const std::size_t close = s.find(']');
  std::string out = "[";
  for (const std::string& part : split_operands(". " + std::string(s.substr(1, close - 1)))) {
    if (out.size() > 1) out += ", ";
    // Only few amounts exist in an address, and each is its own instruction form: keep them.
    out += is_shift(part.substr(0, part.find(' '))) || part == "mul vl" ? part : generic_operand(part, false);
  }
  out += "]";
  return out + std::string(s.substr(close + 1));
}

std::string generic_list(std::string_view s) {
  std::string_view index;
  std::string out = "{";
  for (const std::string& r : list_registers(s, index)) out += (out.size() > 1 ? ", " : "") + generic_operand(r, false);
  return out + "}" + (index.empty() ? "" : "[#]");
}

std::string generic_shift(std::string_view kind, std::string_view amount, bool after_register) {
  std::string out(kind);
  if (amount.empty()) return out;
  if (!after_register) return out + " #";
  const bool small = amount.size() == 2 && amount[1] >= '1' && amount[1] <= '4';
  return out + (small ? " #1-4" : " #5+");
}

std::string generic_operand(std::string_view s, bool after_register) {
  if (s.starts_with("[")) return generic_memory(s);
  if (s.starts_with("{")) return generic_list(s);
  if (is_immediate(s)) return "#";
  std::string_view rest;
  if (const std::string_view letter = register_class(s, rest); !letter.empty()) {
    const std::size_t bracket = rest.find('[');
    std::string out = std::string(letter) + std::string(rest.substr(0, bracket));
    return bracket == std::string_view::npos ? out : out + "[#]";
  }
  if (is_condition(s)) return "cond";
  if (is_pattern(s)) return "pattern";
  if (is_prefetch_operation(s)) return "prfop";
  const std::size_t space = s.find(' ');
  const std::string_view word = s.substr(0, space);
  const std::string_view tail = space == std::string_view::npos ? std::string_view{} : s.substr(space + 1);
  if (is_shift(word)) return generic_shift(word, tail, after_register);
  if (word == "mul" && tail.starts_with("#")) return "mul #";
  return std::string(s);
}

}  // namespace

std::string mnemonic_of(std::string_view text) {
  return std::string(text.substr(0, text.find(' ')));
}

std::vector<std::string> split_operands(std::string_view text) {
  std::vector<std::string> out;
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return out;
  text.remove_prefix(space + 1);
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c != ',' || (depth > 0 && i < text.size())) continue;
    if (const std::string_view part = trim(text.substr(begin, i - begin)); !part.empty()) out.emplace_back(part);
    begin = i + 1;
  }
  return out;
}

std::string shape_of(std::string_view text) {
  std::string name = mnemonic_of(text);
  if (name.starts_with("b.") || name.starts_with("bc.")) name = name.substr(0, name.find('.')) + ".cond";
  if (name == ".inst") return name;
  std::string out = name;
  bool after_register = false;
  for (const std::string& operand : split_operands(text)) {
    out += (out.size() > name.size() ? ", " : " ") + generic_operand(operand, after_register);
    after_register = !is_immediate(operand);
  }
  return out;
}

Reg parse_register(std::string_view s) {
  if (s == "sp" || s == "wsp") return kSp;
  std::string_view rest;
  const std::string_view letter = register_class(s, rest);
  if (letter.empty() || s == "xzr" || s == "wzr") return kRegs;
  unsigned number = 0;
  for (std::size_t i = letter.size(); i < s.size() && is_digit(s[i]); ++i)
    number = number * 10 + static_cast<unsigned>(s[i] - '0');
  const bool integer = letter == "x" || letter == "w", predicate = letter[0] == 'p';
  if (number >= (integer ? 31U : predicate ? 16U : 32U)) return kRegs;
  return static_cast<Reg>((integer ? kX0 : predicate ? kP0 : kZ0) + number);
}

Kind kind_of(std::string_view text) {
  const std::string name = mnemonic_of(text);
  if (name == "bl" || name.starts_with("blr")) return Kind::call;
  if (is_one_of(name, {"ret", "retaa", "retab", "eret"})) return Kind::ret;
  if (name == "b" || name.starts_with("b.") || name.starts_with("bc.") || name == "br" || name.starts_with("bra"))
    return Kind::branch;
  if (is_one_of(name, {"cbz", "cbnz", "tbz", "tbnz"})) return Kind::branch;
  if (name.starts_with("prf")) return Kind::prefetch;
  if (name == "dc") return text.find("zva") != std::string_view::npos ? Kind::store : Kind::system;
  if (name.starts_with("ld") && name != "ldg") return Kind::load;
  if (name.starts_with("cas") || name.starts_with("swp")) return Kind::load;
  if (name.starts_with("st")) return Kind::store;
  if (is_one_of(name, {"svc", "hvc", "smc", "brk", "hlt",   "mrs", "msr", "sys", "ic",   "at",    "tlbi",
                       "isb", "dsb", "dmb", "udf", "clrex", "wfe", "wfi", "sev", "sevl", "yield", ".inst"})) {
    return Kind::system;
  }
  return Kind::alu;
}

}  // namespace svetune::model
