// The emulator's log as a source of executed instructions, cut into calls of the traced functions.
#pragma once

#include <cstdint>
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
};

// Reads the log as instructions are asked for; holds two records and a block. Throws TraceError where the records do
// not prove what was executed; its kinds (model/error.hpp) tell what would help.
class EmulatedTrace : public TraceSource {
 public:
  // `single`: the log has a record an instruction. Neither `program` nor `log` is owned.
  EmulatedTrace(Program& program, EmulatorLog& log, TraceBounds bounds, bool single,
                EmulatorLog::Deadline deadline = EmulatorLog::Deadline::max());

  const Instruction& instruction(std::uint32_t index) const override { return program_.entry(index).instruction; }
  bool next(Executed& out) override;

  std::uint64_t regions() const { return regions_; }
  // The traced function that region `n` (from 0) is a call of: a position in TraceBounds::entries.
  const std::vector<std::uint32_t>& functions() const { return functions_; }

 private:
  bool advance();
  bool start();
  void follow_block();
  Followed attempt(const Block& block, const BlockEntry* next);
  bool leads_to(const Block& block, const Followed& followed, std::uint64_t pc) const;
  void note_region();
  void leave(const Block& block, const Followed& followed);
  [[noreturn]] void fail(const Block& block, const Followed& followed) const;

  Program& program_;
  EmulatorLog& log_;
  TraceBounds bounds_;
  EmulatorLog::Deadline deadline_;
  BlockFollower follower_;
  std::optional<BlockEntry> current_, next_;
  bool started_ = false, outside_ = true;
  std::uint64_t return_address_ = 0;  // of the call at hand
  std::uint64_t regions_ = 0;
  std::vector<std::uint32_t> functions_;
  std::vector<Executed> queue_;
  std::size_t at_ = 0;
};

}  // namespace svetune::model
