// The emulator's log as a source of executed instructions, cut into calls of the traced functions.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "model/block_follower.hpp"
#include "model/emulator_log.hpp"
#include "model/instruction.hpp"
#include "model/program.hpp"

namespace svetune::model {

// What of the log belongs to the trace.
struct TraceBounds {
  std::vector<std::uint64_t> entries;  // addresses of traced functions: a region starts at each call from outside
  std::uint64_t end = 0;               // the trace ends when this address is reached; 0: at the end of the log
  std::uint64_t first = 1, last = UINT64_MAX;  // calls that are given, counted from 1; the trace ends behind the last
};

// Reads the log as instructions are asked for; holds two records and a block. A call lasts from its entry until control
// is back at its return address with the stack pointer of the entry, or further up the stack (longjmp, an exception);
// what runs between calls is left out, also where its code is traced. Throws TraceError where the records do not prove
// what was executed; its kinds (model/error.hpp) tell what would help.
class EmulatedTrace : public TraceSource {
 public:
  // `single`: the log has a record an instruction. Neither `program` nor `log` is owned.
  EmulatedTrace(Program& program, EmulatorLog& log, TraceBounds bounds, bool single,
                EmulatorLog::Deadline deadline = EmulatorLog::Deadline::max());

  const Instruction& instruction(std::uint32_t index) const override { return program_.entry(index).instruction; }
  bool next(Executed& out) override;

  std::uint64_t regions() const { return regions_; }  // calls so far
  bool inside() const { return !outside_; }           // the last one has not returned
  // The traced function of the oldest given call that was not asked for yet: a position in TraceBounds::entries.
  std::uint32_t take_function();

 private:
  bool advance();
  bool start();
  void follow_block();
  Followed attempt(const Block& block, const BlockEntry* next);
  bool leads_to(const Block& block, const Followed& followed, const BlockEntry& next) const;
  bool enters() const;
  void enter();
  void leave(const Block& block, const Followed& followed);
  [[noreturn]] void fail(const Block& block, const Followed& followed) const;

  Program& program_;
  EmulatorLog& log_;
  TraceBounds bounds_;
  EmulatorLog::Deadline deadline_;
  BlockFollower follower_;
  BlockEntry current_;
  std::optional<BlockEntry> next_;
  bool started_ = false, ended_ = false, outside_ = true, starts_ = false;
  std::uint64_t return_address_ = 0, stack_ = 0;  // of the call at hand
  std::uint64_t regions_ = 0;
  std::deque<std::uint32_t> functions_;
  std::vector<Executed> queue_;
  std::size_t at_ = 0;
};

}  // namespace svetune::model
