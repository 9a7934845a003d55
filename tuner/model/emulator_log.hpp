// The text that `qemu-aarch64 -d cpu` writes, a record a block entry, from a pipe or file.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace svetune::model {

struct BlockEntry {
  std::uint64_t pc = 0;
  std::array<std::uint64_t, 32> x{};  // X0-X30, SP
  std::uint8_t nzcv = 0;              // N = 8, Z = 4, C = 2, V = 1
};

// Reads in big chunks, holds one chunk. Does not own the descriptor.
class EmulatorLog {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  explicit EmulatorLog(int fd);

  // False at the end of the input. Throws TraceError on text that is no record (quoting it), TraceTimeout at the
  // deadline.
  bool next(BlockEntry& entry, Deadline deadline = Deadline::max());
  std::uint64_t bytes_read() const { return total_; }
  std::uint64_t records_read() const { return records_; }

 private:
  bool fill(Deadline deadline);
  [[noreturn]] void fail(const char* at) const;

  int fd_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t total_ = 0, records_ = 0;
  std::size_t last_read_ = 0;
};

}  // namespace svetune::model
