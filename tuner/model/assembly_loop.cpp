#include "model/assembly_loop.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>

#include "model/error.hpp"
#include "model/operands.hpp"

namespace svetune::model {
namespace {

// What is known of a register: a symbol (a new one after each write that is not followed) plus a displacement.
struct Symbolic {
  unsigned version = 0;
  std::int64_t offset = 0;
};

std::int64_t immediate(std::string_view s) {
  const bool hash = s.starts_with("#");
  std::int64_t value = 0;
  std::from_chars(s.data() + (hash ? 1 : 0), s.data() + s.size(), value);
  return value;
}

class AddressPlan {
 public:
  explicit AddressPlan(unsigned vector_bits) : vector_bytes_(vector_bits / 8) {}

  std::uint64_t address(const Instruction& i) {
    if (i.bytes == 0 && i.kind != Kind::prefetch) return 0;
    const std::vector<std::string> operands = split_operands(i.text);
    const auto memory =
        std::find_if(operands.begin(), operands.end(), [](const std::string& o) { return o.starts_with("["); });
    if (memory == operands.end() || i.address_uses.empty()) return place("pc" + std::to_string(i.target));
    const bool post = memory + 1 != operands.end(), pre = memory->ends_with("!");
    std::string key;
    std::int64_t offset = post ? 0 : displacement(*memory, i);
    for (const Reg r : i.address_uses) {
      if (post && r != i.writeback) continue;
      key += std::to_string(r) + "." + std::to_string(state_[r].version) + " ";
      if (r == i.writeback || r == i.address_uses.front())
        offset += state_[r].offset;
      else
        key += std::to_string(state_[r].offset) + " ";
    }
    if (i.address_uses.size() > 1 && !post) key += memory->substr(memory->rfind(',') + 1);  // the scale of an index
    if (pre) state_[i.writeback].offset += displacement(*memory, i);
    if (post) step_after(i, *(memory + 1));
    return place(key) + static_cast<std::uint64_t>(offset);
  }

  void executed(const Instruction& i) {
    const std::vector<std::string> operands = split_operands(i.text);
    const std::string name = mnemonic_of(i.text);
    for (const Reg r : i.defs) {
      if (r == i.writeback) continue;
      const bool steps = (name == "add" || name == "sub") && operands.size() == 3 && operands[0] == operands[1] &&
                         operands[2].starts_with("#");
      if (steps)
        state_[r].offset += name == "add" ? immediate(operands[2]) : -immediate(operands[2]);
      else
        state_[r] = {++versions_, 0};
    }
  }

 private:
  void step_after(const Instruction& i, const std::string& step) {
    if (step.starts_with("#"))
      state_[i.writeback].offset += immediate(step);
    else
      state_[i.writeback] = {++versions_, 0};
  }

  // The immediate inside of the brackets, in bytes.
  std::int64_t displacement(const std::string& memory, const Instruction& i) const {
    const std::size_t hash = memory.find('#');
    if (hash == std::string::npos || i.address_uses.size() > 1) return 0;
    const std::int64_t value = immediate(std::string_view(memory).substr(hash));
    if (memory.find("mul vl") == std::string::npos) return value;
    // LDR and STR of a whole register count vectors (or predicates), the others what they move.
    return value * (i.bytes != 0 ? i.bytes : vector_bytes_);
  }

  // Bases lie 4 KiB and a line apart, so that they fall into different sets of the cache.
  std::uint64_t place(const std::string& key) {
    return 0x100000 + 0x1100 * bases_.emplace(key, bases_.size()).first->second;
  }

  std::int64_t vector_bytes_;
  std::array<Symbolic, kRegs> state_{};
  unsigned versions_ = 0;
  std::map<std::string, std::uint64_t> bases_;
};

}  // namespace

AssemblyLoop::AssemblyLoop(std::vector<Instruction> body, std::uint64_t iterations, unsigned vector_bits)
    : body_(std::move(body)), iterations_(iterations) {
  if (body_.empty()) throw InputError("a loop without instructions; give at least one");
  AddressPlan plan(vector_bits);
  for (const Instruction& i : body_) {
    addresses_.push_back(plan.address(i));
    plan.executed(i);
  }
}

bool AssemblyLoop::next(Executed& out) {
  if (iteration_ == iterations_) return false;
  const Instruction& i = body_[at_];
  const bool last = at_ + 1 == body_.size();
  out.index = at_;
  out.address = addresses_[at_];
  out.starts_region = at_ == 0;
  const bool transfers = i.kind == Kind::branch || i.kind == Kind::call || i.kind == Kind::ret;
  out.taken = transfers && (!i.conditional || (last && iteration_ + 1 != iterations_));
  at_ = last ? 0 : at_ + 1;
  if (last) ++iteration_;
  return true;
}

}  // namespace svetune::model
