// In-order commit of whole groups, a few a cycle; flushes happen here.
#include "model/core_state.hpp"

namespace svetune::model {

// The flows of a micro-op commit together. A group may commit in parts: a load may wait for a store of its own group.
bool CommitStage::complete(FlowId id, FlowId end) const {
  const FlowId first = id;
  for (; id < end && (id == first || !s_.window[id].new_micro_op); ++id) {
    if (s_.window[id].result > s_.now) return false;
  }
  return true;
}

void CommitStage::cycle(const StageListener& on_stage, Cycle start) {
  const FlowId before = s_.window.head;
  for (unsigned n = 0; n < s_.machine.window.commit_groups && !s_.groups.empty(); ++n) {
    const FlowId end = s_.groups.front().end;
    while (s_.window.head < end) {
      if (s_.window[s_.window.head].new_micro_op && !complete(s_.window.head, end)) {
        if (s_.window.head == before) s_.accounting.stalled(s_.window[before]);
        return;
      }
      if (!commit_flow(s_.window.head, on_stage, start)) return;
    }
    s_.groups.pop_front();
  }
}

// False if the flow was squashed instead: it is a load that an older store proved wrong.
bool CommitStage::commit_flow(FlowId id, const StageListener& on_stage, Cycle start) {
  WindowEntry& entry = s_.window[id];
  if (entry.overtook && entry.first_of_instruction) {
    ++s_.accounting.totals.flushes;
    const std::uint64_t restart = entry.sequence - entry.packed;
    s_.squash();
    s_.fetch.restart(restart, s_.now + 1);
    return false;
  }
  s_.accounting.flow_committed(entry, s_.now);
  const Role role = entry.flow->facts.role;
  if (role == Role::load) s_.memory.commit_load();
  if (role == Role::store_address) s_.memory.commit_store(id, s_.now);
  for (std::size_t k = 0; k < 3; ++k) s_.free_registers[k] += entry.registers[k];
  if (entry.mispredicted && entry.last_of_instruction) {
    ++s_.accounting.totals.flushes;
    s_.fetch.flushed(entry.sequence);
  }
  if (entry.last_of_instruction) s_.fetch.retire(entry.sequence + 1);
  if (on_stage) {
    const auto cycle = [&](Cycle c) { return static_cast<std::uint64_t>(c - start); };
    const bool none = role == Role::nothing;
    on_stage({entry.instruction->index, entry.micro_op, entry.sequence, cycle(entry.dispatched),
              cycle(none ? entry.dispatched : entry.issued), cycle(entry.result), cycle(s_.now),
              none ? std::string_view{} : std::string_view(s_.machine.pipes[entry.pipe].name),
              entry.packed != 0 ? std::optional(entry.packed_index) : std::nullopt});
  }
  ++s_.window.head;
  return true;
}

}  // namespace svetune::model
