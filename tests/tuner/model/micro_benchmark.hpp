// Micro-benchmarks of a modelled machine: assembly text in, cycles and the times of each instruction out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/core_model.hpp"

namespace svetune::model {

// Of one executed instruction, over all of its flows; cycles from the start of the run.
struct InstructionTimes {
  std::uint64_t dispatched = 0, issued = 0, completed = 0, committed = 0;  // first, first, last, last
  std::vector<std::string> pipes;                                          // in the order of its flows
};

struct MicroBenchmark {
  std::string machine = "a64fx";
  std::map<unsigned, std::uint64_t> registers;    // x registers at the start
  std::map<std::uint64_t, std::uint64_t> memory;  // what loads of x registers find; else 0

  Report run(const std::string& text) const;
  // By the number of the executed instruction.
  std::vector<InstructionTimes> times(const std::string& text) const;
  // Cycles that one more repetition of `body` costs, far from start and end: straight code, no loop around it.
  double steady(const std::string& prologue, const std::string& body, unsigned repetitions = 100) const;
};

std::string repeat(std::string_view text, unsigned times);
// As repeat, each "%" replaced by first, first+1, ... below first+count, then from first again.
std::string numbered(std::string_view text, unsigned times, unsigned first, unsigned count);

// A load of x0 that misses to memory and thereby holds up commit for some 280 cycles; its address is in x0.
constexpr std::string_view kBlocker = "ldr x0, [x0]\n";
constexpr std::uint64_t kBlockerAddress = 0x4000000;

}  // namespace svetune::model
