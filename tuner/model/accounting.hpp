// What is counted, and when it becomes a report. Causes of lost dispatch cycles are a closed set.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/core_model.hpp"
#include "model/machine.hpp"
#include "model/window.hpp"

namespace svetune::model {

enum class Cause : std::uint8_t {
  none,  // the whole width was dispatched
  write_port,
  cse_full,
  integer_registers,
  vector_registers,
  predicate_registers,
  load_queue,
  store_queue,
  fetch_bubble,
  flush,
  sequential_decode,
  serialize,
  decode_width,
  trace_end,
  station_full,  // plus the station's number
};
constexpr std::size_t kCauses = static_cast<std::size_t>(Cause::station_full) + 24;

struct Totals {
  std::uint64_t instructions = 0, micro_ops = 0, cycles = 0, flushes = 0, l1_misses = 0, l2_misses = 0;
  std::array<std::uint64_t, kCauses> dispatch{};
  std::array<std::uint64_t, kMaxPipes> pipe_busy{};
};

class Accounting {
 public:
  explicit Accounting(const MachineDescription& machine) : machine_(machine) {}

  void start(Cycle now, const RegionListener* on_region);
  void dispatched(std::size_t cause) { pending_.push_back(static_cast<std::uint8_t>(cause)); }  // once a cycle
  void pipe(unsigned pipe, std::uint64_t cycles) { totals.pipe_busy[pipe] += cycles; }
  void flow_committed(const WindowEntry& entry, Cycle now);
  void stalled(const WindowEntry& oldest) { ++cost(oldest.instruction->index).stall_cycles; }
  Report finish();

  Totals totals;

 private:
  InstructionCost& cost(std::uint32_t index);
  void close_region();
  Report report(const Totals& from) const;

  const MachineDescription& machine_;
  const RegionListener* on_region_ = nullptr;
  Totals region_start_;
  bool in_region_ = false;
  Cycle last_commit_ = 0;
  std::vector<std::uint8_t> pending_;  // causes of the cycles since the last commit
  std::vector<InstructionCost> costs_;
};

}  // namespace svetune::model
