#include "model/emulated_trace.hpp"

#include <algorithm>

#include "model/error.hpp"
#include "model/text.hpp"

namespace svetune::model {
namespace {

bool transfers(const Instruction& i) {
  return i.kind == Kind::branch || i.kind == Kind::call || i.kind == Kind::ret;
}

bool same_record(const BlockEntry& a, const BlockEntry& b) {
  return a.pc == b.pc && a.x == b.x && a.nzcv == b.nzcv;
}

}  // namespace

EmulatedTrace::EmulatedTrace(Program& program, EmulatorLog& log, TraceBounds bounds, bool single,
                             EmulatorLog::Deadline deadline)
    : program_(program), log_(log), bounds_(std::move(bounds)), deadline_(deadline), follower_(program, single) {}

bool EmulatedTrace::advance() {
  ended_ = !next_;
  if (!next_) return false;
  current_ = *next_;
  next_.reset();
  if (bounds_.end != 0 && current_.pc == bounds_.end) return true;  // nothing follows before the next request
  BlockEntry record;
  if (log_.next(record, deadline_)) next_ = record;
  return true;
}

bool EmulatedTrace::start() {
  started_ = true;
  BlockEntry record;
  if (log_.next(record, deadline_)) next_ = record;
  return advance();
}

bool EmulatedTrace::next(Executed& out) {
  while (at_ == queue_.size()) {
    queue_.clear();
    at_ = 0;
    if (!started_ && !start()) break;
    if (ended_) break;
    if (bounds_.end != 0 && current_.pc == bounds_.end) return false;
    if (outside_ && !enters()) {
      advance();
      continue;
    }
    if (outside_ && regions_ == bounds_.last) return false;
    follow_block();
  }
  if (at_ == queue_.size()) {
    if (bounds_.end != 0) throw TraceEnded("the trace stops before its end: the traced process ended");
    return false;
  }
  out = queue_[at_++];
  return true;
}

// Whether `next` may be the record behind this block.
bool EmulatedTrace::leads_to(const Block& block, const Followed& followed, const BlockEntry& next) const {
  const Instruction& last = program_.entry(block.steps.back().index).instruction;
  if (!transfers(last)) return next.pc == block.end;
  if (last.conditional && next.pc == block.end) return true;
  if (followed.target != 0) return next.pc == followed.target;
  // RET and BR leave their register as it is; one that the block loaded is seen only now.
  const std::uint32_t through = (last.word >> 5) & 31U;
  return last.target == 0 && (last.kind == Kind::call || through == 31 || next.x[through] == next.pc);
}

Followed EmulatedTrace::attempt(const Block& block, const BlockEntry* next) {
  queue_.clear();
  return follower_.follow(block, current_, next, queue_);
}

// The emulator translates up to a branch; where its next record lies inside of the block and no branch leads there, it
// cut the block.
void EmulatedTrace::follow_block() {
  const bool begins = outside_;
  if (begins) enter();
  if (next_ && same_record(current_, *next_)) {  // a block that was entered, left for a signal and entered again?
    const Block& whole = follower_.block(current_.pc);
    // Or two calls of a function of one block, as a loop that keeps its counter in memory makes them.
    const bool is_call = begins && program_.entry(whole.steps.back().index).instruction.kind == Kind::ret;
    const Followed followed = attempt(whole, &*next_);
    if (!is_call && (!leads_to(whole, followed, *next_) || !followed.proved)) {
      queue_.clear();
      advance();
      return;
    }
  }
  const Block* block = &follower_.block(current_.pc);
  Followed followed = attempt(*block, next_ ? &*next_ : nullptr);
  bool direct = next_ && leads_to(*block, followed, *next_);
  if (next_ && !(direct && followed.proved) && next_->pc > current_.pc && next_->pc < block->end) {
    block = &follower_.block(current_.pc, next_->pc);
    followed = attempt(*block, &*next_);
    direct = true;
  }
  if (direct && !followed.proved) {
    const Instruction& last = program_.entry(block->steps.back().index).instruction;
    if (last.kind != Kind::ret || followed.target != 0) fail(*block, followed);
    direct = false;  // a return to code outside, and the next record is another call
  }
  if (!direct) followed = attempt(*block, nullptr);
  const bool given = regions_ >= bounds_.first;
  const Kind last = program_.entry(block->steps.back().index).instruction.kind;
  if (!next_ && bounds_.end == 0 && last != Kind::ret) {  // the process ended inside of this block
    queue_.clear();
    advance();
    return;
  }
  if (followed.unexplained != 0 && given) {
    throw TraceNeedsSteps("the address of " + program_.name_of(followed.unexplained) +
                          " does not follow from the registers at the ends of its block");
  }
  if (!queue_.empty() && transfers(program_.entry(queue_.back().index).instruction)) {
    queue_.back().taken =
        !direct || next_->pc != block->end || !program_.entry(queue_.back().index).instruction.conditional;
  }
  if (starts_ && !queue_.empty()) queue_.front().starts_region = true;
  starts_ = false;
  if (!given) queue_.clear();
  if (!direct) leave(*block, followed);
  const auto returned = [&](const BlockEntry& at) {
    return at.x[kSp] > stack_ || (at.x[kSp] == stack_ && at.pc == return_address_);
  };
  if (!outside_ && next_ && returned(*next_)) {
    outside_ = true;
    follower_.forget_memory();
  }
  advance();
}

bool EmulatedTrace::enters() const {
  return std::find(bounds_.entries.begin(), bounds_.entries.end(), current_.pc) != bounds_.entries.end();
}

void EmulatedTrace::enter() {
  const auto entry = std::find(bounds_.entries.begin(), bounds_.entries.end(), current_.pc);
  outside_ = false;
  starts_ = true;
  return_address_ = current_.x[30];
  stack_ = current_.x[kSp];
  if (++regions_ >= bounds_.first) functions_.push_back(static_cast<std::uint32_t>(entry - bounds_.entries.begin()));
}

std::uint32_t EmulatedTrace::take_function() {
  const std::uint32_t function = functions_.front();
  functions_.pop_front();
  return function;
}

// Control went to code that is not traced. That is the end of a call where it is its return.
void EmulatedTrace::leave(const Block& block, const Followed& followed) {
  const Instruction& last = program_.entry(block.steps.back().index).instruction;
  follower_.forget_memory();
  if (!next_ && bounds_.end == 0) {  // the log ends here, with a return
    outside_ = followed.target == 0 || followed.target == return_address_;
    return;
  }
  if (last.kind == Kind::ret || (followed.target != 0 && followed.target == return_address_)) {
    outside_ = true;
    return;
  }
  if (followed.target != 0) {
    throw TraceNeedsCode(
        program_.name_of(last.pc) + " goes to " + program_.name_of(followed.target) + ", which is not traced",
        followed.target);
  }
  throw TraceNeedsSteps("it is not known where " + program_.name_of(last.pc) + " goes");
}

void EmulatedTrace::fail(const Block& block, const Followed& followed) const {
  throw TraceNeedsSteps("the block at " + program_.name_of(block.pc) + " (" + hex(block.pc) + " to " + hex(block.end) +
                        ") is not what was executed: " + followed.why);
}

}  // namespace svetune::model
