// Oldest ready flows leave the stations for the pipes.
#include <algorithm>
#include <bit>

#include "model/core_state.hpp"

namespace svetune::model {

IssueStage::IssueStage(CoreState& state)
    : s_(state), results_(state.machine.pipes.size()), issued_(state.machine.stations.size()) {
  for (auto& ring : results_) ring.fill(-1);
  for (const Pipe& pipe : s_.machine.pipes) {
    std::uint32_t mask = 0;
    for (std::size_t p = 0; p < s_.machine.pipes.size(); ++p) {
      if (s_.machine.pipes[p].port == pipe.port) mask |= 1U << p;
    }
    same_port_.push_back(mask);
  }
}

// Sets the lower bound of the start once every source's time is known.
bool IssueStage::sources_known(WindowEntry& entry) const {
  if (s_.window.remembers(entry.waits_for) && s_.window[entry.waits_for].result >= kNever) return false;
  Cycle ready = 0;
  for (unsigned p = 0; p < entry.producers; ++p) {
    const FlowId id = entry.producer[p];
    if (!s_.window.remembers(id)) continue;
    const Cycle result = s_.window[id].result;
    if (result >= kNever) {
      entry.waits_for = id;
      return false;
    }
    const WindowEntry& producer = s_.window[id];
    if (p == entry.flow->accumulator && producer.flow->facts.forward != 0) {
      ready = std::max(ready, producer.issued + producer.flow->facts.forward);
      continue;
    }
    std::uint8_t least = 0xFF;
    const auto& extra = s_.machine.bypass[producer.from];
    for (std::uint32_t m = entry.pipes; m != 0; m &= m - 1)
      least = std::min(least, extra[static_cast<std::size_t>(std::countr_zero(m))]);
    ready = std::max(ready, result + least);
  }
  entry.ready = ready;
  return true;
}

Cycle IssueStage::start_on(const WindowEntry& entry, unsigned pipe) const {
  Cycle start = 0;
  for (unsigned p = 0; p < entry.producers; ++p) {
    const FlowId id = entry.producer[p];
    if (!s_.window.remembers(id)) continue;
    const WindowEntry& producer = s_.window[id];
    const bool accumulates = p == entry.flow->accumulator && producer.flow->facts.forward != 0;
    start = std::max(start, accumulates ? producer.issued + producer.flow->facts.forward
                                        : producer.result + s_.machine.bypass[producer.from][pipe]);
  }
  return start;
}

// -1 if none takes it in this cycle.
int IssueStage::choose_pipe(const WindowEntry& entry, std::uint32_t free) const {
  std::uint32_t candidates = entry.pipes & free;
  if (candidates != 0 && std::has_single_bit(entry.pipes)) return std::countr_zero(candidates);
  for (; candidates != 0; candidates &= candidates - 1) {
    const int pipe = std::countr_zero(candidates);
    if (start_on(entry, static_cast<unsigned>(pipe)) <= s_.now) return pipe;
  }
  return -1;
}

// When the result leaves the pipe: later than its latency where another one leaves in that cycle.
Cycle IssueStage::result_of(unsigned pipe, unsigned latency) {
  const auto& steps = s_.machine.pipes[pipe].result_steps;
  auto step = std::find(steps.begin(), steps.end(), latency);
  if (step == steps.end()) return s_.now + latency;
  for (; step != steps.end(); ++step) {
    Cycle& slot = results_[pipe][static_cast<std::size_t>(s_.now + *step) % 64];
    if (slot == s_.now + *step) continue;
    slot = s_.now + *step;
    return slot;
  }
  return s_.now + steps.back();
}

void IssueStage::issue(FlowId id, WindowEntry& entry, unsigned pipe) {
  const Flow& facts = entry.flow->facts;
  entry.issued = s_.now;
  entry.pipe = static_cast<std::uint8_t>(pipe);
  entry.from = facts.compare ? kFromCompare : facts.role == Role::load ? kFromLoad : entry.pipe;
  s_.pipe_free[pipe] = s_.now + facts.busy;
  s_.accounting.pipe(pipe, facts.busy);
  const bool stretches = facts.role == Role::load || facts.role == Role::compute;
  const Cycle result = stretches ? result_of(pipe, facts.latency) : s_.now + facts.latency;
  if (facts.role == Role::load) {
    s_.memory.execute_load(id, s_.now, result, s_.window);
    return;
  }
  entry.result = result;
  if (facts.role == Role::store_address) s_.memory.execute_store_address(id, s_.now, s_.window);
  if (facts.role == Role::store_data) s_.memory.execute_store_data(id - 1, result);
  if (facts.role == Role::prefetch) s_.memory.prefetch(entry.address, entry.instruction->prefetch_level);
  if (facts.role == Role::branch && entry.mispredicted) s_.fetch.resolved(entry.sequence, result);
}

void IssueStage::cycle() {
  std::uint32_t free = 0;
  for (std::size_t p = 0; p < s_.pipe_free.size(); ++p) free |= s_.pipe_free[p] <= s_.now ? 1U << p : 0U;
  std::fill(issued_.begin(), issued_.end(), 0U);
  for (Cluster& cluster : s_.clusters) {
    std::size_t kept = 0;
    for (std::size_t n = 0; n < cluster.entries.size(); ++n) {
      const FlowId id = cluster.entries[n];
      WindowEntry& entry = s_.window[id];
      const bool ready = (entry.ready < kNever || sources_known(entry)) && entry.ready <= s_.now;
      const bool may = ready && (entry.pipes & free) != 0 &&
                       issued_[entry.station] < s_.machine.stations[entry.station].issues &&
                       (entry.flow->facts.role != Role::load || s_.memory.accepts_load());
      const int pipe = may ? choose_pipe(entry, free) : -1;
      if (pipe < 0) {
        cluster.entries[kept++] = id;
        continue;
      }
      free &= ~same_port_[static_cast<std::size_t>(pipe)];
      ++issued_[entry.station];
      --s_.occupied[entry.station];
      issue(id, entry, static_cast<unsigned>(pipe));
    }
    cluster.entries.resize(kept);
  }
}

}  // namespace svetune::model
