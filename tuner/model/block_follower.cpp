#include "model/block_follower.hpp"

#include <algorithm>
#include <ranges>

#include "model/text.hpp"

namespace svetune::model {
namespace {

constexpr std::uint64_t kPage = 4096, kMostInstructions = 512;
constexpr std::uint64_t kStackReach = 1 << 20;

bool ends_block(const Instruction& i) {
  if (i.kind == Kind::branch || i.kind == Kind::call || i.kind == Kind::ret) return true;
  return i.text.starts_with("svc ") || i.text.starts_with("brk ") || i.text == "isb";
}

bool moves_x_registers(const Instruction& i) {
  return i.shape.starts_with("ldr x, [") || i.shape.starts_with("ldur x, [") || i.shape.starts_with("str x, [") ||
         i.shape.starts_with("stur x, [") || i.shape.starts_with("ldp x, x, [") || i.shape.starts_with("stp x, x, [");
}

std::uint32_t defined_registers(const Instruction& i) {
  std::uint32_t mask = 0;
  for (const Reg r : i.defs) {
    if (r <= kSp && r != i.writeback) mask |= 1U << r;
  }
  return mask;
}

// Rt, Rt2: the registers that a load or store moves; 32 is the zero register.
Reg moved_register(std::uint32_t word, std::uint64_t which) {
  const std::uint32_t r = (word >> (which == 0 ? 0 : 10)) & 31U;
  return static_cast<Reg>(r == 31 ? 32 : r);
}

std::uint64_t extended(std::uint64_t v, AddressForm::Extend extend) {
  if (extend == AddressForm::Extend::uxtw) return v & 0xffffffffULL;
  if (extend == AddressForm::Extend::sxtw)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(v)));
  return v;
}

bool is_scatter(const Instruction& i) {
  return i.kind == Kind::store &&
         std::any_of(i.address_uses.begin(), i.address_uses.end(), [](Reg r) { return r >= kZ0 && r < kP0; });
}

std::string mismatch(const IntegerState& state, const BlockEntry& next) {
  for (Reg r = 0; r < 32; ++r) {
    if (!state.has(r) || state.x[r] == next.x[r]) continue;
    return (r == kSp ? "sp" : "x" + std::to_string(r)) + " should be " + hex(state.x[r]) + " and is " + hex(next.x[r]);
  }
  if (state.flags_known && state.nzcv != next.nzcv) return "the flags differ";
  return {};
}

}  // namespace

Block BlockFollower::build(std::uint64_t pc, std::uint64_t limit) {
  Block block;
  block.pc = pc;
  const std::uint64_t page_end = (pc / kPage + 1) * kPage;
  const std::uint64_t most = single_ ? 1 : kMostInstructions;
  std::uint64_t at = pc;
  for (bool ended = false; !ended; at += 4) {
    Block::Step step;
    step.index = program_.index_at(at);
    const Instruction& i = program_.entry(step.index).instruction;
    step.defines = defined_registers(i);
    step.system_call = i.text.starts_with("svc ");
    if (step.system_call) step.defines = 1;  // X0 is the result
    step.stack_access = moves_x_registers(i);
    block.steps.push_back(step);
    ended = ends_block(i) || at + 4 >= page_end || at + 4 == limit || block.steps.size() >= most ||
            !program_.has_code(at + 4);
  }
  block.end = at;
  std::uint32_t later = 0;
  for (Block::Step& step : std::views::reverse(block.steps)) {
    step.lasting = step.defines & ~later;
    later |= step.defines;
    const Reg base = program_.entry(step.index).instruction.writeback;
    if (base <= kSp) later |= 1U << base;
  }
  return block;
}

const Block& BlockFollower::block(std::uint64_t pc, std::uint64_t limit) {
  auto& known = limit == 0 ? whole_ : cut_;
  const std::uint64_t key = limit == 0 ? pc : pc ^ (limit << 20);
  const auto at = known.find(key);
  if (at != known.end() && at->second.pc == pc) return at->second;
  return known.insert_or_assign(key, build(pc, limit)).first->second;
}

bool BlockFollower::address_of(const AddressForm& form, const IntegerState& state, std::uint64_t& address) const {
  address = static_cast<std::uint64_t>(form.offset);
  if (form.base != kRegs) {
    if (!state.has(form.base)) return false;
    address += state.x[form.base];
  }
  if (form.index != kRegs) {
    if (!state.has(form.index)) return false;
    address += extended(state.x[form.index], form.extend) << form.shift;
  }
  return true;
}

void BlockFollower::remember_store(const ProgramEntry& entry, std::uint64_t address, const IntegerState& state) {
  const Instruction& i = entry.instruction;
  for (std::uint64_t slot = address / 8; slot <= (address + std::max(i.bytes, 1U) - 1) / 8; ++slot)
    stack_.erase(slot * 8);
  if (!moves_x_registers(i) || address % 8 != 0) return;
  for (std::uint64_t k = 0; k < i.bytes / 8; ++k) {
    const Reg r = moved_register(i.word, k);
    if (state.has(r)) stack_[address + 8 * k] = state.x[r];
  }
}

void BlockFollower::access_stack(const Block::Step& step, const ProgramEntry& entry, std::uint64_t address,
                                 IntegerState& state) {
  const Instruction& i = entry.instruction;
  const bool near = address - state.x[kSp] + kStackReach < 2 * kStackReach;
  if (!near) return;
  if (i.kind == Kind::store) {
    remember_store(entry, address, state);
  } else if (i.kind == Kind::load && step.stack_access) {
    for (std::uint64_t k = 0; k < i.bytes / 8; ++k) {
      const auto at = stack_.find(address + 8 * k);
      const Reg r = moved_register(i.word, k);
      if (at != stack_.end() && r != 32) state.set(r, at->second);
    }
  }
}

void BlockFollower::run(const Block::Step& step, const BlockEntry* next, IntegerState& state, Executed& executed,
                        Followed& result) {
  const ProgramEntry& entry = program_.entry(step.index);
  const Instruction& i = entry.instruction;
  const AddressForm& form = entry.address;
  if (!form.memory) {
    if (step.system_call) stack_.clear();
    if (!execute(entry.integer, state) || step.system_call) {
      for (Reg r = 0; r < 32; ++r) {
        if (((step.defines >> r) & 1U) != 0) state.forget(r);
      }
      if (std::find(i.defs.begin(), i.defs.end(), kNzcv) != i.defs.end()) state.flags_known = false;
    }
  } else {
    const bool known = address_of(form, state, executed.address);
    if (!known && result.unexplained == 0) result.unexplained = i.pc;
    const std::uint64_t base = form.base <= kSp ? state.x[form.base] : 0;
    for (Reg r = 0; r < 32; ++r) {
      if (((step.defines >> r) & 1U) != 0) state.forget(r);
    }
    if (known) access_stack(step, entry, executed.address, state);
    if (!known && i.kind == Kind::store) stack_.clear();
    if (is_scatter(i)) stack_.clear();
    if (form.pre && known) state.set(form.base, executed.address);
    if (form.post && known) {
      const bool moves = form.step_by == kRegs || state.has(form.step_by);
      if (moves)
        state.set(form.base,
                  base + (form.step_by == kRegs ? static_cast<std::uint64_t>(form.step) : state.x[form.step_by]));
      else
        state.forget(form.base);
    }
  }
  if (next == nullptr || step.lasting == 0) return;
  for (Reg r = 0; r < 32; ++r) {
    if (((step.lasting >> r) & 1U) != 0 && !state.has(r)) state.set(r, next->x[r]);
  }
}

Followed BlockFollower::follow(const Block& block, const BlockEntry& entry, const BlockEntry* next,
                               std::vector<Executed>& out) {
  IntegerState state;
  std::copy(entry.x.begin(), entry.x.end(), state.x.begin());
  state.nzcv = entry.nzcv;
  Followed result;
  for (const Block::Step& step : block.steps) {
    Executed executed;
    executed.index = step.index;
    if (&step == &block.steps.back()) {  // an indirect branch reads its target before a call writes x30
      const Instruction& last = program_.entry(step.index).instruction;
      result.target = last.target;
      const bool jumps = last.kind == Kind::branch || last.kind == Kind::call || last.kind == Kind::ret;
      if (jumps && result.target == 0) {
        const Reg r = static_cast<Reg>((last.word >> 5) & 31U);
        if (r != 31 && state.has(r)) result.target = state.x[r];
      }
    }
    run(step, next, state, executed, result);
    out.push_back(executed);
  }
  if (next == nullptr) return result;
  result.why = mismatch(state, *next);
  result.proved = result.why.empty();
  return result;
}

}  // namespace svetune::model
