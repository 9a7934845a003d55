// In-order decode and dispatch: binds each flow to a station, stops at the first micro-op that lacks a resource.
#include <algorithm>

#include "model/core_state.hpp"

namespace svetune::model {
namespace {

constexpr std::size_t at(Cause cause) {
  return static_cast<std::size_t>(cause);
}

}  // namespace

// Number of the choice. Of two stations the slot decides, unless its one is full and the other is not.
std::size_t DispatchStage::choose(const PipeGroup& group, unsigned slot) const {
  const auto room = [&](std::size_t c) {
    const std::uint8_t station = group.choices[c].station;
    return static_cast<int>(s_.machine.stations[station].entries) - static_cast<int>(s_.occupied[station]);
  };
  const auto by_slot = [&](std::size_t first) {
    const std::size_t mine = first + slot % 2, other = first + 1 - slot % 2;
    return room(mine) <= 0 && room(other) > 0 ? other : mine;
  };
  if (group.choices.size() == 1) return 0;
  if (group.placement == Placement::slot) return by_slot(0);
  if (group.placement == Placement::rsx) return room(2) + room(3) > room(0) + room(1) ? by_slot(2) : by_slot(0);
  std::size_t best = 0;
  const auto open = [&](std::size_t c) {
    const std::uint8_t station = group.choices[c].station;
    return written_[station] < s_.machine.stations[station].write_ports;
  };
  for (std::size_t c = 1; c < group.choices.size(); ++c) {
    if (open(c) != open(best) ? open(c) : room(c) > room(best)) best = c;
  }
  return best;
}

// Chooses stations and checks every resource of a micro-op.
bool DispatchStage::place(const ResolvedInstruction& i, const ResolvedMicroOp& op, unsigned slot, std::size_t& cause) {
  const auto lacks = [&](bool lack, Cause why) {
    if (lack) cause = at(why);
    return lack;
  };
  if (lacks(s_.free_registers[0] < op.integer_registers, Cause::integer_registers) ||
      lacks(s_.free_registers[1] < op.vector_registers, Cause::vector_registers) ||
      lacks(s_.free_registers[2] < op.predicate_registers, Cause::predicate_registers) ||
      lacks(op.loads != 0 && !s_.memory.load_room(op.loads), Cause::load_queue) ||
      lacks(op.stores != 0 && !s_.memory.store_room(op.stores), Cause::store_queue)) {
    return false;
  }
  for (std::uint32_t f = 0; f < op.flows; ++f) {
    const Flow& facts = i.flows[op.first + f].facts;
    if (facts.role == Role::nothing) continue;
    const PipeGroup& group = s_.machine.groups[facts.group];
    chosen_[f] = static_cast<std::uint8_t>(choose(group, slot));
    const std::uint8_t station = group.choices[chosen_[f]].station;
    unsigned before = 0;  // flows of this micro-op that go there as well
    for (std::uint32_t g = 0; g < f; ++g) {
      before += s_.machine.groups[i.flows[op.first + g].facts.group].choices[chosen_[g]].station == station ? 1U : 0U;
    }
    const Station& facts_of = s_.machine.stations[station];
    if (s_.occupied[station] + before >= facts_of.entries) {
      cause = at(Cause::station_full) + station;
      return false;
    }
    if (lacks(written_[station] + before >= facts_of.write_ports, Cause::write_port)) return false;
  }
  return true;
}

void DispatchStage::allocate(const ResolvedMicroOp& op, WindowEntry& entry) {
  entry.registers = {op.integer_registers, op.vector_registers, op.predicate_registers};
  for (std::size_t k = 0; k < 3; ++k) s_.free_registers[k] -= entry.registers[k];
}

void DispatchStage::insert(const Fetched& fetched, std::size_t micro_op) {
  const ResolvedInstruction& i = *fetched.instruction;
  const ResolvedMicroOp& op = i.micro_ops[micro_op];
  for (std::uint32_t f = 0; f < op.flows; ++f) {
    const std::uint32_t number = op.first + f;
    const ResolvedFlow& flow = i.flows[number];
    const FlowId id = s_.window.tail++;
    WindowEntry& entry = s_.window[id];
    entry = WindowEntry{};
    entry.flow = &flow;
    entry.instruction = &i;
    entry.sequence = s_.fetch.position();
    entry.address = fetched.executed.address + flow.byte_offset;
    entry.dispatched = s_.now;
    entry.micro_op = static_cast<std::uint8_t>(micro_op);
    entry.first_of_instruction = number == 0;
    entry.last_of_instruction = number + 1 == i.flows.size();
    entry.new_micro_op = f == 0;
    entry.packed = packed_;
    entry.packed_index = packed_index_;
    entry.starts_region = number == 0 && (fetched.executed.starts_region || packed_region_);
    entry.mispredicted = fetched.mispredicted;
    if (f == 0) allocate(op, entry);
    for (unsigned src = 0; src < flow.sources; ++src) entry.producer[entry.producers++] = s_.rename[flow.source[src]];
    if (flow.facts.after && number > 0) entry.producer[entry.producers++] = id - 1;
    if (flow.facts.role == Role::nothing) {
      entry.result = s_.now;
      continue;
    }
    const PipeGroup::Choice& choice = s_.machine.groups[flow.facts.group].choices[chosen_[f]];
    entry.station = choice.station;
    entry.pipes = choice.pipes;
    ++s_.occupied[choice.station];
    ++written_[choice.station];
    s_.clusters[s_.cluster_of[choice.station]].entries.push_back(id);
    if (flow.facts.role == Role::load) s_.memory.dispatch_load(id, entry.address, flow.bytes);
    if (flow.facts.role == Role::store_address) s_.memory.dispatch_store(id, entry.address, flow.bytes, i.scattered);
    if (flow.facts.role == Role::store_data) s_.memory.dispatch_store_data();
  }
  // The flows of a micro-op read what was there before all of them.
  for (std::uint32_t f = 0; f < op.flows; ++f) {
    const ResolvedFlow& flow = i.flows[op.first + f];
    for (unsigned d = 0; d < flow.defs; ++d) s_.rename[flow.def[d]] = s_.window.tail - op.flows + f;
  }
}

// A MOVPRFX whose consumer is next costs no slot: the consumer reads the prefix's source. Returns the consumer.
const Fetched* DispatchStage::unpack(const Fetched& first, std::size_t& cause) {
  const Fetched* const next = s_.fetch.peek(s_.now, 1);
  if (next == nullptr) {
    if (s_.fetch.peek(s_.now + 1000, 1) != nullptr || s_.fetch.state() == FetchState::bubble) {
      cause = at(Cause::fetch_bubble);  // its consumer has not arrived
      return nullptr;
    }
    return &first;
  }
  if (next->instruction->packs != first.instruction->prefix_def) return &first;
  if (decoded_ + 2 > s_.machine.front_end.decode) {
    cause = at(Cause::decode_width);
    return nullptr;
  }
  s_.rename[first.instruction->prefix_def] = s_.rename[first.instruction->prefix_source];
  packed_ = 1;
  packed_index_ = first.instruction->index;
  packed_region_ = first.executed.starts_region;
  ++decoded_;
  s_.fetch.advance();
  return next;
}

std::size_t DispatchStage::dispatch() {
  const WindowFacts& facts = s_.machine.window;
  std::size_t cause = at(Cause::none);
  unsigned slot = 0;
  const auto groups_used = [&] { return s_.groups.size() + (slot + facts.group - 1) / facts.group; };
  while (slot < facts.dispatch) {
    const Fetched* fetched = s_.fetch.peek(s_.now);
    if (fetched == nullptr) {
      const FetchState state = s_.fetch.state();
      return at(state == FetchState::mispredicted ? Cause::flush
                : state == FetchState::finished   ? Cause::trace_end
                                                  : Cause::fetch_bubble);
    }
    if (slot % facts.group == 0 && groups_used() >= facts.groups) return at(Cause::cse_full);
    if (s_.window.room() < 64) return at(Cause::cse_full);
    if (micro_op_ == 0) {
      const ResolvedInstruction& first = *fetched->instruction;
      if (decoded_ >= s_.machine.front_end.decode) return at(Cause::decode_width);
      if (first.sequential && slot > 0) return at(Cause::sequential_decode);
      if (first.serializes && !(s_.window.empty() && slot == 0)) return at(Cause::serialize);
      if (first.prefix && packed_ == 0) {
        fetched = unpack(*fetched, cause);
        if (fetched == nullptr) return cause;
      }
    }
    const ResolvedInstruction& i = *fetched->instruction;
    if (!place(i, i.micro_ops[micro_op_], slot, cause)) return cause;
    insert(*fetched, micro_op_);
    ++slot;
    if (++micro_op_ < i.micro_ops.size()) continue;
    micro_op_ = 0;
    packed_ = 0;
    packed_region_ = false;
    ++decoded_;
    const bool alone = i.sequential;
    s_.fetch.advance();
    if (alone && slot < facts.dispatch) return at(Cause::sequential_decode);
  }
  return at(Cause::none);
}

void DispatchStage::cycle() {
  std::fill(written_.begin(), written_.end(), 0U);
  decoded_ = 0;
  if (s_.squashed) {
    micro_op_ = 0;
    packed_ = 0;
    packed_region_ = s_.squashed = false;
  }
  const FlowId before = s_.window.tail;
  const std::size_t cause = dispatch();
  // Micro-ops of this cycle, in groups.
  unsigned count = 0;
  for (FlowId id = before; id < s_.window.tail; ++id) {
    if (s_.window[id].new_micro_op && count++ % s_.machine.window.group == 0) s_.groups.push_back({});
    s_.groups.back().end = id + 1;
  }
  s_.accounting.dispatched(cause);
}

}  // namespace svetune::model
