// Memory between two pages that may not be touched: its end is the end of a page.
#pragma once

#include <cstddef>
#include <cstdint>

namespace svetune {

class GuardedBuffer {
 public:
  // `alignment` of the first byte moves the data away from the upper guard page by less than that; 4: none.
  explicit GuardedBuffer(std::size_t bytes, std::size_t alignment = 4);
  ~GuardedBuffer();
  GuardedBuffer(GuardedBuffer&& other) noexcept;
  GuardedBuffer& operator=(GuardedBuffer&& other) noexcept;
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  void make_read_only();

  float* floats() const { return reinterpret_cast<float*>(data_); }
  void* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::byte* mapping_ = nullptr;
  std::size_t mapping_bytes_ = 0;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

// FNV-1a of the bytes: the same bits, the same number.
std::uint64_t hash_of_bits(const GuardedBuffer& buffer);

}  // namespace svetune
