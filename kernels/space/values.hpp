// A short list of an axis' values in place: strategies are part of the deployed library, which allocates nothing and
// needs no C++ runtime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace svetune {

class Values {
 public:
  static constexpr std::size_t kCapacity = 256;  // an axis with more values worth trying needs a coarser choice of them

  Values() = default;
  Values(std::initializer_list<std::int32_t> values) {
    for (const auto value : values) push_back(value);
  }
  void push_back(std::int32_t value) {
    if (size_ == kCapacity) __builtin_trap();
    values_[size_++] = value;
  }
  const std::int32_t* begin() const { return values_; }
  const std::int32_t* end() const { return values_ + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::int32_t values_[kCapacity];
  std::size_t size_ = 0;
};

}  // namespace svetune
