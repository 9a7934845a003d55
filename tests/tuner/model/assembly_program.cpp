#include "assembly_program.hpp"

#include <algorithm>
#include <cstdlib>

#include "model/error.hpp"
#include "model/operands.hpp"

namespace svetune::model {
namespace {

std::uint8_t condition_code(std::string_view name) {
  constexpr std::string_view kNames[] = {"eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc",
                                         "hi", "ls", "ge", "lt", "gt", "le", "al"};
  return static_cast<std::uint8_t>(std::find(std::begin(kNames), std::end(kNames), name) - std::begin(kNames));
}

}  // namespace

AssemblyProgram::AssemblyProgram(std::string_view text, unsigned vector_bits, std::uint64_t runs)
    : code_(Decoder(vector_bits).parse_assembly(text)), vector_bits_(vector_bits), runs_(runs) {
  for (const Instruction& i : code_)
    steps_.push_back({integer_operation(i, vector_bits), address_form(i, vector_bits)});
}

void AssemblyProgram::begin() {
  state_ = IntegerState{};
  for (const auto& [r, value] : registers) state_.set(static_cast<Reg>(r), value);
  if (!registers.contains(kSp)) state_.set(kSp, 0x7F0000);
  pc_ = depth_ = 0;
  starts_ = true;
}

bool AssemblyProgram::branch_taken(const Instruction& i) const {
  if (!i.conditional) return true;
  const std::string name = mnemonic_of(i.text);
  if (name.starts_with("b.")) return condition_holds(condition_code(name.substr(2)), state_.nzcv);
  const std::uint64_t value = i.uses.empty() ? 0 : state_.x[i.uses.front()];
  if (name == "cbz") return value == 0;
  if (name == "cbnz") return value != 0;
  const auto bit = std::strtoul(split_operands(i.text)[1].c_str() + 1, nullptr, 0);
  return (((value >> bit) & 1) != 0) == (name == "tbnz");
}

std::uint64_t AssemblyProgram::address(const AddressForm& form) const {
  std::uint64_t at = form.base < 32 ? state_.x[form.base] : 0;
  if (form.index < 32) {
    std::uint64_t index = state_.x[form.index];
    if (form.extend == AddressForm::Extend::uxtw) index = static_cast<std::uint32_t>(index);
    if (form.extend == AddressForm::Extend::sxtw)
      index = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(index)));
    at += index << form.shift;
  }
  return at + static_cast<std::uint64_t>(form.offset);
}

void AssemblyProgram::execute_memory(const Instruction& i, const AddressForm& form, std::uint64_t at) {
  if (i.kind == Kind::load) {
    for (const Reg r : i.defs) {
      const auto found = memory.find(at);
      if (r < 32 && r != i.writeback) state_.set(r, found == memory.end() ? 0 : found->second);
    }
  }
  if (form.pre) state_.set(form.base, at);
  if (form.post) {
    const std::uint64_t step = form.step_by < 32 ? state_.x[form.step_by] : static_cast<std::uint64_t>(form.step);
    state_.set(form.base, state_.x[form.base] + step);
  }
}

bool AssemblyProgram::next(Executed& out) {
  if (starts_ && pc_ == 0 && depth_ == 0) begin();
  if (run_ == runs_) return false;
  const auto index = static_cast<std::uint32_t>(pc_ / 4);
  const Instruction& i = code_[index];
  out = {index, false, starts_, 0};
  starts_ = false;
  std::uint64_t next_pc = pc_ + 4;
  bool ends = false;
  if (i.kind == Kind::branch || i.kind == Kind::call || i.kind == Kind::ret) {
    out.taken = branch_taken(i);
    if (i.kind == Kind::call) {
      ++depth_;
      state_.set(30, pc_ + 4);
    }
    if (i.kind == Kind::ret) {
      ends = depth_ == 0;
      if (!ends) --depth_;
      next_pc = state_.x[30];
    } else if (out.taken) {
      next_pc = i.target != 0 || i.uses.empty() || i.conditional ? i.target : state_.x[i.uses.front()];
    }
  } else if (steps_[index].address.memory) {
    out.address = address(steps_[index].address);
    execute_memory(i, steps_[index].address, out.address);
  } else {
    execute(steps_[index].operation, state_);
  }
  pc_ = next_pc;
  if (ends || pc_ >= 4 * code_.size()) {
    ++run_;
    pc_ = depth_ = 0;
    starts_ = true;
  }
  return true;
}

}  // namespace svetune::model
