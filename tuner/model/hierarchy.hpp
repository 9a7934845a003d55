// L1, L2 and memory with their transfers: outstanding misses, the bus between L1 and L2, victims, the stream
// prefetcher.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "model/cache.hpp"
#include "model/machine.hpp"

namespace svetune::model {

class Hierarchy {
 public:
  explicit Hierarchy(const MemoryFacts& facts);

  // A load or store to [address, address + bytes) that starts in cycle `now`: cycles that its data are late. kNever: no
  // miss can be taken now; try again.
  Cycle access(Cycle now, std::uint64_t address, std::uint32_t bytes, bool write);
  void prefetch(std::uint64_t address, unsigned level);  // software's
  void cycle(Cycle now);                                 // starts prefetches that wait
  bool ports_filling(Cycle now) const;                   // a line fill occupies the load/store pipes in this cycle
  bool idle() const { return queue_.empty(); }

  std::uint64_t l1_misses = 0, l2_misses = 0;

 private:
  struct Stream {
    std::uint64_t next = UINT64_MAX;
    std::int64_t direction = 0;
    bool running = false;
    std::uint64_t used = 0;
  };
  struct Prefetch {
    std::uint64_t line;
    unsigned level;
  };

  Cycle line_access(Cycle now, std::uint64_t line, bool write);
  Cycle fill_l1(Cycle now, std::uint64_t line, bool demand, bool write);  // when it arrives; kNever: no way
  Cycle l2_ready(Cycle now, std::uint64_t line, bool demand);
  void block_ports(Cycle from, unsigned cycles);
  void observe(std::uint64_t line, bool missed);
  void ask(std::uint64_t line, unsigned level);
  bool full(Cycle now);

  const MemoryFacts& facts_;
  Cache l1_, l2_;
  std::vector<Cycle> outstanding_;  // fills of L1 under way, by their arrival
  Cycle read_bus_ = 0, write_bus_ = 0, memory_bus_ = 0;
  std::vector<Cycle> filling_;  // ring: the cycle for which the slot is taken
  std::vector<Stream> streams_;
  std::uint64_t stream_clock_ = 0;
  std::deque<Prefetch> queue_;
};

}  // namespace svetune::model
