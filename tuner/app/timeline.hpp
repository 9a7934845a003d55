// The first instructions of a run, micro-op by micro-op: when each was dispatched, issued, complete and committed.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/options.hpp"
#include "app/present.hpp"
#include "model/core_model.hpp"

namespace svetune::app {

class Timeline {
 public:
  explicit Timeline(std::uint64_t instructions) : instructions_(instructions) {}

  // Empty where no instruction is wanted; else it must not outlive this object.
  model::StageListener listener();
  const std::vector<model::StageTimes>& micro_ops() const { return micro_ops_; }  // in program order
  void clear() { micro_ops_.clear(); }
  bool empty() const { return micro_ops_.empty(); }

 private:
  std::uint64_t instructions_;
  std::vector<model::StageTimes> micro_ops_;
};

// What a static instruction is called, by its index.
using InstructionName = std::function<std::string(std::uint32_t)>;

// A line each micro-op, in the letters of llvm-mca: D dispatched, = waits to be issued, e executes, E complete, - waits
// to commit, R committed.
void print_timeline(std::ostream& out, const Timeline& timeline, const InstructionName& name);

// One object each micro-op: instruction, micro_op, pipe, dispatched, issued, completed, committed.
Json timeline_json(const Timeline& timeline, const InstructionName& name);

// Trace events as Perfetto and chrome://tracing read them; a cycle is a microsecond. Process 1 has a track each pipe
// with what it took in each cycle, process 2 the micro-ops in flight: waiting, executing, waiting to commit.
Json perfetto_json(const Timeline& timeline, const InstructionName& name);

// --timeline[=N], --perfetto FILE
void add_timeline_options(Options& options);
// How many instructions they ask for: 0 without either, 64 where no number is given.
std::uint64_t timeline_length(const Options& options);
// "--timeline 20" as "--timeline=20": Boost.Program_options takes the latter alone where a value may be left out.
Arguments join_timeline_count(Arguments arguments);
// Where --perfetto was given: that file, whole or not at all.
void write_perfetto(const Options& options, const Timeline& timeline, const InstructionName& name);

}  // namespace svetune::app
