// Calls of a program's functions, replayed through a core model as the emulator runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/core_model.hpp"

namespace svetune::profile {

struct ProfileRequest {
  std::shared_ptr<const model::MachineDescription> machine;
  std::vector<std::string> program;                      // file and arguments
  std::vector<std::string> symbols;                      // see profile/targets.hpp
  std::string emulator;                                  // path
  std::string sysroot;                                   // emulator's -L; empty: as the emulator has it
  std::vector<std::string> environment;                  // NAME=VALUE, for the program
  std::uint64_t first_call = 1, last_call = UINT64_MAX;  // counted over all symbols; the program ends behind the last
  std::size_t listed_calls = 1000;                       // a report each; the others are in the sums alone
  bool output_to_error = false;                          // the program's standard output joins its standard error
  std::function<void(const std::string&)> note;          // what a user should know: another run, ...
};

struct CallReport {
  std::uint32_t symbol = 0;  // position in ProfileRequest::symbols
  std::uint64_t number = 0;  // from 1, over all symbols
  model::Report report;
};

struct HotInstruction {
  std::uint64_t address = 0;  // in the process
  std::string place, text;    // "daxpy+0x18"
  model::InstructionCost cost;
};

struct SymbolTotal {
  std::uint64_t calls = 0, least_cycles = 0, most_cycles = 0;
  model::Report sum;
};

struct Profile {
  std::uint64_t calls = 0;
  model::Report total;
  std::vector<SymbolTotal> symbols;
  std::vector<CallReport> listed;
  std::vector<HotInstruction> code;  // executed instructions, by address
  bool every_instruction = false;    // the trace had a record each instruction
  bool complete = true;              // the last call returned
  bool ended_by_us = false;          // behind last_call
  bool by_signal = false;            // how the program ended otherwise
  int code_or_signal = 0;
};

class Profiler {
 public:
  // Finds images and symbols. Throws InputError.
  explicit Profiler(ProfileRequest request);
  ~Profiler();
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

  // Runs the program, again where its trace shows that more of it is needed: its output appears once, that of the last
  // run. One call before first_call warms caches and predictors up and is not counted. `on_attempt` is told as each run
  // begins. Throws InputError where no call happens.
  Profile run(const std::function<void()>& on_attempt, const model::StageListener& on_stage = {});

  // "daxpy+0x18: fmla ..." of a static instruction.
  std::string name_of(std::uint32_t index) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace svetune::profile
