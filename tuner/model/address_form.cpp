#include "model/address_form.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "model/operands.hpp"

namespace svetune::model {
namespace {

std::int64_t immediate(const std::string& s) {
  return std::strtoll(s.c_str() + (s.starts_with("#") ? 1 : 0), nullptr, 0);
}

// Bytes that one step of "#n, mul vl" stands for: LDR and STR of p count predicates; prefetches and LDR z vectors; LD2
// to LD4 count in single vectors; the rest in what they move.
std::int64_t vector_step(const Instruction& i, const std::vector<std::string>& operands, unsigned vector_bits) {
  if (i.bytes == 0) return vector_bits / 8;
  const std::string name = mnemonic_of(i.text);
  const std::size_t digit = name.find_first_of("1234");
  const unsigned structures = digit == std::string::npos ? 1U : static_cast<unsigned>(name[digit] - '0');
  const auto registers =
      static_cast<unsigned>(
          std::count(i.shape.begin(),
                     i.shape.begin() + static_cast<std::ptrdiff_t>(std::min(i.shape.find('}'), i.shape.size())), ',')) +
      1;
  return i.bytes / (operands.front().starts_with("{") ? std::max(structures, registers) : 1U);
}

void read_part(AddressForm& form, const std::string& part) {
  const std::size_t space = part.find(' ');
  const std::string word = part.substr(0, space);
  if (part.starts_with("#")) {
    form.offset = immediate(part);
  } else if (word == "lsl" || word == "uxtw" || word == "sxtw" || word == "sxtx") {
    if (word == "uxtw") form.extend = AddressForm::Extend::uxtw;
    if (word == "sxtw") form.extend = AddressForm::Extend::sxtw;
    if (space != std::string::npos) form.shift = static_cast<std::uint8_t>(immediate(part.substr(space + 1)));
  }
}

Reg integer_register(const std::string& part) {
  const Reg r = parse_register(part);
  return r <= kSp ? r : kRegs;
}

}  // namespace

AddressForm address_form(const Instruction& i, unsigned vector_bits) {
  AddressForm form;
  if (i.kind != Kind::load && i.kind != Kind::store && i.kind != Kind::prefetch) return form;
  form.memory = true;
  const std::vector<std::string> operands = split_operands(i.text);
  const auto memory =
      std::find_if(operands.begin(), operands.end(), [](const std::string& o) { return o.starts_with("["); });
  if (memory == operands.end()) {
    form.offset = static_cast<std::int64_t>(i.target);
    if (!i.address_uses.empty()) form.base = i.address_uses.front();  // dc zva, x0
    return form;
  }
  const std::vector<std::string> parts = split_operands(". " + memory->substr(1, memory->find(']') - 1));
  if (!parts.empty()) form.base = integer_register(parts.front());
  for (std::size_t k = 1; k < parts.size(); ++k) {
    if (k == 1 && !parts[k].starts_with("#"))
      form.index = integer_register(parts[k]);
    else
      read_part(form, parts[k]);
  }
  if (memory->find("mul vl") != std::string::npos) form.offset *= vector_step(i, operands, vector_bits);
  form.pre = memory->ends_with("!");
  form.post = memory + 1 != operands.end();
  if (form.post) {
    form.step_by = integer_register(*(memory + 1));
    if (form.step_by == kRegs) form.step = immediate(*(memory + 1));
  }
  return form;
}

}  // namespace svetune::model
