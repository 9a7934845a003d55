// Load queue, store queue and write buffer: who may read what, when stores reach L1, which loads came too early.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/hierarchy.hpp"
#include "model/machine.hpp"
#include "model/window.hpp"

namespace svetune::model {

class LoadStoreUnit {
 public:
  explicit LoadStoreUnit(const MemoryFacts& facts) : facts_(facts), hierarchy_(facts) {}

  bool load_room(unsigned n) const { return loads_.size() + n <= facts_.load_queue; }
  bool store_room(unsigned n) const { return stores_.size() + n <= facts_.store_queue; }
  void dispatch_load(FlowId id, std::uint64_t address, std::uint32_t bytes) {
    loads_.push_back({id, address, bytes, false});
  }
  void dispatch_store(FlowId id, std::uint64_t address, std::uint32_t bytes, bool scattered);
  void dispatch_store_data() { ++stores_.back().data_parts; }

  // Begins a cycle: store writes, fills, loads that wait. `window` gets the results of those that go on.
  void cycle(Cycle now, Window& window);
  bool accepts_load() const { return ports_ > 0; }

  // A load has left its station. Sets its result, or keeps it until it has one.
  void execute_load(FlowId id, Cycle now, Cycle result, Window& window);
  // The address flow of a store has been executed. Marks younger loads that were wrong.
  void execute_store_address(FlowId id, Cycle now, Window& window);
  void execute_store_data(FlowId store, Cycle when);
  void prefetch(std::uint64_t address, unsigned level) { hierarchy_.prefetch(address, level); }

  void commit_load() { loads_.pop_front(); }
  void commit_store(FlowId id, Cycle now);
  void squash(FlowId from);  // everything from this flow on

  const Hierarchy& hierarchy() const { return hierarchy_; }

 private:
  struct Load {
    FlowId id;
    std::uint64_t address;
    std::uint32_t bytes;
    bool executed;
  };
  struct Store {
    FlowId id;
    std::uint64_t address;
    std::uint32_t bytes;
    bool scattered, address_known = false;
    unsigned data_parts = 0;
    Cycle data_at = 0;  // kNever while a part is missing
    Cycle committed = kNever;
  };
  struct Write {
    std::uint64_t begin, end;
    Cycle from;  // first cycle in which it may be written
  };
  struct Waiting {
    FlowId id;
    Cycle latency;
  };
  enum class Verdict : std::uint8_t { cache, forward, wait };

  Verdict check(const WindowEntry& load, FlowId id, Cycle now, Cycle& data_at) const;
  bool try_load(FlowId id, Cycle now, Cycle latency, Window& window);
  void move_to_write_buffer(Cycle now);
  void write(Cycle now);

  const MemoryFacts& facts_;
  Hierarchy hierarchy_;
  std::deque<Load> loads_;
  std::deque<Store> stores_;
  std::deque<Write> writes_;
  std::vector<Waiting> waiting_;
  std::vector<Write> done_;  // written, but a load may not see it yet
  unsigned ports_ = 0;
};

}  // namespace svetune::model
