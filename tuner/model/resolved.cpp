#include "model/resolved.hpp"

#include <algorithm>

namespace svetune::model {
namespace {

bool contains(const std::vector<Reg>& list, Reg r) {
  return std::find(list.begin(), list.end(), r) != list.end();
}

void add_source(ResolvedFlow& flow, Reg r) {
  if (flow.sources < kMaxSources) flow.source[flow.sources++] = r;
}

void add_def(ResolvedFlow& flow, Reg r) {
  if (flow.defs < kMaxDefs) flow.def[flow.defs++] = r;
}

// Sources of a flow; `part` is its number among the flows of the same role, `parts` how many there are.
void add_sources(ResolvedFlow& flow, const Instruction& i, unsigned part) {
  switch (flow.facts.role) {
    case Role::store_data:
      if (!flow.facts.split) {
        for (const Reg r : i.data_uses) add_source(flow, r);
      } else if (part < i.data_uses.size()) {
        add_source(flow, i.data_uses[part]);
      }
      return;
    case Role::writeback:
      for (const Reg r : i.address_uses) add_source(flow, r);
      return;
    case Role::store_address:
      for (const Reg r : i.uses) {
        if (!contains(i.data_uses, r) || contains(i.address_uses, r)) add_source(flow, r);
      }
      return;
    case Role::nothing:
      return;
    default:
      break;
  }
  if (flow.facts.inputs == Inputs::all) {
    for (const Reg r : i.uses) add_source(flow, r);
  } else if (flow.facts.inputs == Inputs::last && i.last_operand != kRegs) {
    add_source(flow, i.last_operand);
  }
}

std::vector<Reg> plain_defs(const Instruction& i) {
  std::vector<Reg> defs;
  for (const Reg r : i.defs) {
    if (r != i.writeback) defs.push_back(r);
  }
  return defs;
}

void add_defs(ResolvedInstruction& out, const Instruction& i) {
  const std::vector<Reg> defs = plain_defs(i);
  std::size_t split = 0;
  ResolvedFlow* last = nullptr;
  for (ResolvedFlow& flow : out.flows) {
    const Role role = flow.facts.role;
    if (role == Role::writeback) {
      if (i.writeback != kRegs) add_def(flow, i.writeback);
    } else if (role == Role::store_address || role == Role::store_data || role == Role::prefetch) {
      continue;
    } else if (flow.facts.split) {
      if (split < defs.size()) add_def(flow, defs[split++]);
    } else {
      last = &flow;
    }
  }
  if (last == nullptr && split < defs.size() && !out.flows.empty()) last = &out.flows.back();
  for (std::size_t d = split; last != nullptr && d < defs.size(); ++d) add_def(*last, defs[d]);
}

void add_parts(ResolvedInstruction& out, const Instruction& i) {
  for (const Role role : {Role::load, Role::store_address}) {
    unsigned count = 0, part = 0;
    for (const ResolvedFlow& flow : out.flows) count += flow.facts.role == role ? 1 : 0;
    if (count == 0) continue;
    const std::uint32_t bytes = std::max(1U, i.bytes / count);
    for (ResolvedFlow& flow : out.flows) {
      if (flow.facts.role != role) continue;
      flow.bytes = bytes;
      flow.byte_offset = bytes * part++;
    }
  }
}

void add_micro_ops(ResolvedInstruction& out) {
  for (std::uint32_t f = 0; f < out.flows.size(); ++f) {
    const ResolvedFlow& flow = out.flows[f];
    if (!flow.facts.paired || out.micro_ops.empty()) {
      out.micro_ops.emplace_back();
      out.micro_ops.back().first = f;
    }
    ResolvedMicroOp& op = out.micro_ops.back();
    ++op.flows;
    for (unsigned d = 0; d < flow.defs; ++d) {
      const Reg r = flow.def[d];
      if (r < kZ0) ++op.integer_registers;
      if (r >= kZ0 && r < kP0) ++op.vector_registers;
      if (r >= kP0 && r < kFfr) ++op.predicate_registers;
    }
    // A flow whose result only the next one sees holds a register as well.
    if (flow.defs == 0 && flow.facts.role == Role::compute && f + 1 < out.flows.size() && out.flows[f + 1].facts.after)
      ++op.vector_registers;
    op.loads = static_cast<std::uint8_t>(op.loads + (flow.facts.role == Role::load ? 1 : 0));
    op.stores = static_cast<std::uint8_t>(op.stores + (flow.facts.role == Role::store_address ? 1 : 0));
  }
}

}  // namespace

ResolvedInstruction resolve(const MachineDescription& machine, const Instruction& i, std::uint32_t index) {
  const InstructionClass& c = machine.class_of(i);
  ResolvedInstruction out;
  out.index = index;
  out.pc = i.pc;
  out.target = i.target;
  out.kind = i.kind;
  out.conditional = i.conditional;
  out.indirect = (i.kind == Kind::branch || i.kind == Kind::call) && i.target == 0 && !i.uses.empty() && !i.conditional;
  out.prefix = c.prefix;
  out.sequential = c.sequential;
  out.serializes = c.serializes;
  out.broadcast = c.broadcast;
  out.scattered = c.scattered;
  out.prefetch_level = i.prefetch_level;
  std::array<unsigned, 8> part{};
  std::vector<Flow> flows = c.flows;
  const auto writes_back = [](const Flow& flow) { return flow.role == Role::writeback; };
  if (i.writeback != kRegs && std::none_of(flows.begin(), flows.end(), writes_back))
    flows.insert(flows.end(), machine.writeback.begin(), machine.writeback.end());
  for (const Flow& facts : flows) {
    ResolvedFlow flow;
    flow.facts = facts;
    add_sources(flow, i, part[static_cast<std::size_t>(facts.role)]++);
    if (facts.forward != 0 && !i.defs.empty()) {
      for (std::uint8_t s = 0; s < flow.sources; ++s) {
        if (flow.source[s] == i.defs.front()) flow.accumulator = s;
      }
    }
    out.flows.push_back(flow);
  }
  add_defs(out, i);
  add_parts(out, i);
  add_micro_ops(out);
  if (!i.defs.empty() && i.defs.front() >= kZ0 && i.defs.front() < kP0) {
    if (c.prefix) {
      out.prefix_def = i.defs.front();
      for (const Reg r : i.uses) {
        if (r >= kZ0 && r < kP0 && r != out.prefix_def) out.prefix_source = r;
      }
    } else if (contains(i.uses, i.defs.front())) {
      out.packs = i.defs.front();
    }
  }
  return out;
}

const ResolvedInstruction& ResolvedProgram::at(const TraceSource& source, std::uint32_t index) {
  if (index >= table_.size()) table_.resize(std::max<std::size_t>(index + 1, 2 * table_.size()));
  std::unique_ptr<ResolvedInstruction>& entry = table_[index];
  if (!entry) entry = std::make_unique<ResolvedInstruction>(resolve(machine_, source.instruction(index), index));
  return *entry;
}

}  // namespace svetune::model
