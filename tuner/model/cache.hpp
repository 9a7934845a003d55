// One level of cache: which lines are there, and since when.
#pragma once

#include <cstdint>
#include <vector>

#include "model/machine.hpp"
#include "model/window.hpp"

namespace svetune::model {

struct CacheLine {
  std::uint64_t tag = UINT64_MAX;  // the line's number
  Cycle ready = 0;                 // its data are there from this cycle on
  std::uint64_t used = 0;          // for least recently used
  bool dirty = false;
  bool prefetched = false;  // and not yet touched by the program
};

class Cache {
 public:
  explicit Cache(const CacheFacts& facts);

  std::uint64_t line_of(std::uint64_t address) const { return address >> shift_; }
  CacheLine* find(std::uint64_t line);  // nullptr if absent
  void touch(CacheLine& line) { line.used = ++clock_; }
  // The line to give up for `line`: an empty or the least recently used one whose fill is over; nullptr if there is
  // none.
  CacheLine* victim(std::uint64_t line, Cycle now);

 private:
  CacheLine* set_of(std::uint64_t line) { return lines_.data() + (line & set_mask_) * ways_; }

  unsigned shift_, ways_;
  std::uint64_t set_mask_, clock_ = 0;
  std::vector<CacheLine> lines_;
};

}  // namespace svetune::model
