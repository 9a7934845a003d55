// The cycle-level core model: executed instructions in, cycles and the reasons of lost dispatch cycles out.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/instruction.hpp"

namespace svetune::model {

class MachineDescription;  // model/machine.hpp: a file of model/machines, checked as it is read
class ResolvedProgram;     // model/resolved.hpp

// tuner/model/machines/<name>.toml, as installed beside the program or compiled in. Throws ModelError naming the known
// machines.
std::shared_ptr<const MachineDescription> load_machine(std::string_view name);

// When each micro-op passed each stage; cycles from the start of the measured region.
struct StageTimes {
  std::uint32_t index;     // static instruction
  std::uint32_t micro_op;  // number within its instruction
  std::uint64_t sequence;  // number of the executed instruction
  std::uint64_t dispatched, issued, completed, committed;
  std::string_view pipe;  // "FLA"
};
using StageListener = std::function<void(const StageTimes&)>;

struct InstructionCost {
  std::uint64_t executions = 0;
  std::uint64_t stall_cycles = 0;  // commit cycles in which this instruction was the oldest and not complete
};

struct Report {
  std::uint64_t instructions = 0, micro_ops = 0, cycles = 0;
  std::uint64_t full_dispatch_cycles = 0;              // cycles in which the whole width was dispatched
  std::map<std::string, std::uint64_t> lost_dispatch;  // all other cycles, by cause; together they are `cycles`
  std::map<std::string, std::uint64_t> pipe_busy;      // cycles, by pipe
  std::uint64_t l1_misses = 0, l2_misses = 0, flushes = 0;
  std::vector<InstructionCost> by_instruction;  // by static index
  double ipc() const { return cycles == 0 ? 0.0 : static_cast<double>(instructions) / static_cast<double>(cycles); }
};

using RegionListener = std::function<void(const Report&)>;

// State that outlives a call: caches, predictors. Feed a warm-up region, then the measured one.
class CoreModel {
 public:
  // `resolved` keeps what the machine's table says about each static instruction: pass the same one to every model that
  // runs the same program on the same machine. Not shared between threads.
  explicit CoreModel(std::shared_ptr<const MachineDescription> machine, std::shared_ptr<ResolvedProgram> resolved = {});
  ~CoreModel();
  CoreModel(const CoreModel&) = delete;
  CoreModel& operator=(const CoreModel&) = delete;

  // Runs the source to its end and returns the totals. The regions (calls) of a source follow each other without a
  // drain, as in a program that calls a kernel again and again: a region's cycles run from the commit of the last
  // instruction before it to the commit of its own last one. `on_region` gets each region's report (by_instruction
  // empty) in order. Throws ModelError that names an instruction which the machine's table does not know.
  Report run(TraceSource& source, const RegionListener& on_region = {}, const StageListener& on_stage = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace svetune::model
