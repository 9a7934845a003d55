#include "model/fetch.hpp"

#include <algorithm>
#include <bit>

namespace svetune::model {

Fetch::Fetch(const MachineDescription& machine, Predictor& predictor)
    : facts_(machine.front_end), predictor_(predictor) {
  const std::size_t in_flight = machine.window.groups * machine.window.group + machine.front_end.buffer;
  ring_.resize(std::bit_ceil(2 * in_flight + 64));  // MOVPRFX count as instructions and not as micro-ops
  mask_ = ring_.size() - 1;
}

void Fetch::start(TraceSource& source, ResolvedProgram& program, Cycle now) {
  source_ = &source;
  program_ = &program;
  oldest_ = next_ = fetched_ = read_ = 0;
  ended_ = looping_ = false;
  resume_ = now;
  waits_for_ = flush_of_ = UINT64_MAX;
}

bool Fetch::read_ahead(std::uint64_t sequence) {
  while (read_ <= sequence) {
    if (ended_ || read_ - oldest_ >= ring_.size()) return false;
    Fetched& slot = at(read_);
    slot = Fetched{};
    if (!source_->next(slot.executed)) {
      ended_ = true;
      return false;
    }
    slot.instruction = &program_->at(*source_, slot.executed.index);
    ++read_;
  }
  return true;
}

bool Fetch::predict(Fetched& fetched, std::uint64_t next_pc) {
  const ResolvedInstruction& i = *fetched.instruction;
  if (i.kind == Kind::call) predictor_.call(i.pc + 4);
  if (i.kind == Kind::ret) return predictor_.returns(next_pc);
  if (i.conditional) return predictor_.direction(i.pc, fetched.executed.taken);
  return !i.indirect || predictor_.indirect(i.pc, next_pc);
}

unsigned Fetch::bubbles(const Fetched& branch, std::uint64_t target) {
  const std::uint64_t pc = branch.instruction->pc;
  const bool backward = target <= pc && pc - target < 4ULL * facts_.loop_buffer;
  looping_ = backward && last_taken_ == pc;
  last_taken_ = pc;
  if (looping_) return 0;
  const auto hit = std::find(target_buffer_.begin(), target_buffer_.end(), target);
  const bool known = hit != target_buffer_.end();
  if (known) target_buffer_.erase(hit);
  target_buffer_.push_back(target);
  if (target_buffer_.size() > facts_.target_buffer) target_buffer_.erase(target_buffer_.begin());
  return known ? 0 : facts_.taken_bubbles;
}

void Fetch::cycle(Cycle now) {
  if (now < resume_ || waits_for_ != UINT64_MAX) return;
  std::uint64_t budget = facts_.fetch_bytes / 4;
  bool first = true;
  while (budget > 0 && fetched_ - next_ < facts_.buffer) {
    if (!read_ahead(fetched_)) return;
    Fetched& slot = at(fetched_);
    const std::uint64_t pc = slot.instruction->pc;
    if (first && !looping_) budget -= (pc % facts_.fetch_bytes) / 4;
    first = false;
    slot.available = now + facts_.depth;
    const std::uint64_t sequence = fetched_++;
    --budget;
    const Kind kind = slot.instruction->kind;
    if (kind != Kind::branch && kind != Kind::call && kind != Kind::ret) continue;
    const std::uint64_t next_pc = read_ahead(fetched_) ? at(fetched_).instruction->pc : pc + 4;
    if (!slot.predicted) slot.mispredicted = !predict(slot, next_pc);
    slot.predicted = true;
    const unsigned lost = slot.executed.taken ? bubbles(slot, next_pc) : 0;
    if (!slot.executed.taken && last_taken_ == pc) looping_ = false;
    if (slot.mispredicted) {
      waits_for_ = sequence;
      if (flush_of_ == UINT64_MAX) flush_of_ = sequence;
      looping_ = false;
      return;
    }
    if (slot.executed.taken && !looping_) {
      resume_ = now + 1 + lost;
      return;
    }
  }
}

const Fetched* Fetch::peek(Cycle now, std::uint64_t n) const {
  const std::uint64_t sequence = next_ + n;
  if (sequence >= fetched_ || sequence > flush_of_ || at(sequence).available > now) return nullptr;
  return &at(sequence);
}

FetchState Fetch::state() const {
  if (flush_of_ != UINT64_MAX && next_ > flush_of_) return FetchState::mispredicted;
  return exhausted() ? FetchState::finished : FetchState::bubble;
}

void Fetch::resolved(std::uint64_t sequence, Cycle when) {
  if (waits_for_ != sequence) return;
  waits_for_ = UINT64_MAX;
  resume_ = when;
  if (!facts_.flush_at_commit) flush_of_ = UINT64_MAX;
}

void Fetch::flushed(std::uint64_t sequence) {
  if (flush_of_ == sequence) flush_of_ = waits_for_;  // the next one, if fetch has met it already
}

void Fetch::restart(std::uint64_t sequence, Cycle now) {
  next_ = fetched_ = sequence;
  waits_for_ = flush_of_ = UINT64_MAX;
  looping_ = false;
  resume_ = now;
  for (std::uint64_t s = sequence; s < read_; ++s) at(s).mispredicted = false;
}

}  // namespace svetune::model
