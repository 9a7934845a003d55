// Memory at addresses that are the same in every process: what a trace says of caches must not depend on where the
// system happened to put things.
#pragma once

#include <cstddef>
#include <functional>

namespace svetune {

class Arena {
 public:
  // Reserves `bytes` at a fixed address; a stack lies in front of them. Throws std::bad_alloc where that is taken.
  explicit Arena(std::size_t bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // The next `bytes`, from a multiple of 256 (a cache line): as an application's aligned allocations follow each other.
  // Throws std::bad_alloc where they do not fit.
  void* take(std::size_t bytes);
  std::size_t used() const { return used_; }
  void rewind(std::size_t used) { used_ = used; }

  // Runs `function`, which must not throw, on the arena's own stack.
  void run(const std::function<void()>& function) const;

 private:
  std::byte* begin_ = nullptr;
  std::size_t bytes_ = 0, used_ = 0;
};

}  // namespace svetune
