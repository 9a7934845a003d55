#include "model/accounting.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace svetune::model {
namespace {

constexpr const char* kCauseNames[] = {
    "none",        "write_port",   "cse_full", "int_registers",     "fp_registers", "predicate_registers", "load_queue",
    "store_queue", "fetch_bubble", "flush",    "sequential_decode", "serialize",    "decode_width",        "trace_end"};

std::string cause_name(const MachineDescription& machine, std::size_t cause) {
  const std::size_t first = static_cast<std::size_t>(Cause::station_full);
  if (cause < first) return kCauseNames[cause];
  std::string name = machine.stations[cause - first].name + "_full";
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

void Accounting::start(Cycle now, const RegionListener* on_region) {
  on_region_ = on_region;
  totals = region_start_ = Totals{};
  in_region_ = false;
  last_commit_ = now;
  pending_.clear();
  costs_.clear();
}

InstructionCost& Accounting::cost(std::uint32_t index) {
  if (index >= costs_.size()) costs_.resize(std::max<std::size_t>(index + 1, 2 * costs_.size()));
  return costs_[index];
}

void Accounting::flow_committed(const WindowEntry& entry, Cycle now) {
  if (entry.starts_region) {
    close_region();
    in_region_ = true;
  }
  if (now != last_commit_) {
    totals.cycles += static_cast<std::uint64_t>(now - last_commit_);
    last_commit_ = now;
    for (const std::uint8_t cause : pending_) ++totals.dispatch[cause];
    pending_.clear();
  }
  if (entry.new_micro_op) ++totals.micro_ops;
  if (!entry.last_of_instruction) return;
  totals.instructions += 1U + entry.packed;
  ++cost(entry.instruction->index).executions;
  if (entry.packed != 0) ++cost(entry.packed_index).executions;
}

void Accounting::close_region() {
  if (in_region_ && on_region_ != nullptr && *on_region_) (*on_region_)(report(region_start_));
  region_start_ = totals;
}

Report Accounting::report(const Totals& from) const {
  Report out;
  out.instructions = totals.instructions - from.instructions;
  out.micro_ops = totals.micro_ops - from.micro_ops;
  out.cycles = totals.cycles - from.cycles;
  out.flushes = totals.flushes - from.flushes;
  out.l1_misses = totals.l1_misses - from.l1_misses;
  out.l2_misses = totals.l2_misses - from.l2_misses;
  out.full_dispatch_cycles = totals.dispatch[0] - from.dispatch[0];
  for (std::size_t c = 1; c < kCauses; ++c) {
    const std::uint64_t lost = totals.dispatch[c] - from.dispatch[c];
    if (lost != 0) out.lost_dispatch[cause_name(machine_, c)] = lost;
  }
  for (std::size_t p = 0; p < machine_.pipes.size(); ++p)
    out.pipe_busy[machine_.pipes[p].name] = totals.pipe_busy[p] - from.pipe_busy[p];
  return out;
}

Report Accounting::finish() {
  close_region();
  Report out = report(Totals{});
  out.by_instruction = std::move(costs_);
  return out;
}

}  // namespace svetune::model
