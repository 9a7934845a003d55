// The flows between dispatch and commit: the model's reorder buffer.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "model/resolved.hpp"

namespace svetune::model {

using Cycle = std::int64_t;
using FlowId = std::uint64_t;  // counts dispatched flows; 0: none
constexpr Cycle kNever = INT64_MAX / 2;

struct WindowEntry {
  const ResolvedFlow* flow = nullptr;
  const ResolvedInstruction* instruction = nullptr;
  std::uint64_t sequence = 0;  // of the executed instruction
  std::uint64_t address = 0;
  Cycle dispatched = 0, issued = kNever, result = kNever;  // result: when a flow behind it may start, without bypass
  FlowId waits_for = 0;                                    // a producer whose result is not known yet
  Cycle ready = kNever;                                    // lower bound of its start, once all sources are known
  std::array<FlowId, kMaxSources + 1> producer{};
  std::uint8_t producers = 0, station = 0, pipe = 0, from = 0;  // from: bypass class
  std::uint8_t micro_op = 0;
  std::array<std::uint8_t, 3> registers{};  // integer, vector, predicate: freed at commit
  std::uint32_t pipes = 0;                  // that its station may send it to
  bool first_of_instruction = false, last_of_instruction = false, starts_region = false, mispredicted = false;
  bool overtook = false;  // a load that an older store to the same bytes proved wrong
  bool new_micro_op = false;
  std::uint8_t packed = 0;  // MOVPRFX in front of it
  std::uint32_t packed_index = 0;
};

// A ring by FlowId; grows never.
class Window {
 public:
  explicit Window(std::size_t flows) : ring_(std::bit_ceil(flows)), mask_(ring_.size() - 1) {}

  WindowEntry& operator[](FlowId id) { return ring_[id & mask_]; }
  const WindowEntry& operator[](FlowId id) const { return ring_[id & mask_]; }
  FlowId head = 1, tail = 1;  // [head, tail) are in flight
  // Its entry is still there, though it may have committed: a bypass penalty outlasts a commit.
  bool remembers(FlowId id) const { return id != 0 && tail - id <= ring_.size(); }
  bool empty() const { return head == tail; }
  std::size_t room() const { return ring_.size() - static_cast<std::size_t>(tail - head); }

 private:
  std::vector<WindowEntry> ring_;
  std::size_t mask_;
};

}  // namespace svetune::model
