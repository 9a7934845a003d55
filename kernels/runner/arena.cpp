#include "runner/arena.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <new>

namespace svetune {
namespace {

constexpr std::uintptr_t kAddress = std::uintptr_t{1} << 36;  // far from the program, its heap and its libraries
constexpr std::size_t kStack = std::size_t{1} << 20;
constexpr std::size_t kAlignment = 256;

// A context's function takes ints alone: the pointer comes in two halves.
void call(unsigned high, unsigned low) {
  const auto address = (static_cast<std::uintptr_t>(high) << 32) | low;
  (*reinterpret_cast<const std::function<void()>*>(address))();
}

}  // namespace

Arena::Arena(std::size_t bytes) : bytes_(bytes) {
  void* const at = reinterpret_cast<void*>(kAddress);  // NOLINT(performance-no-int-to-ptr)
  void* const mapping = mmap(at, kStack + bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (mapping == MAP_FAILED) throw std::bad_alloc();
  if (mapping != at) {  // a kernel older than the flag
    munmap(mapping, kStack + bytes);
    throw std::bad_alloc();
  }
  begin_ = static_cast<std::byte*>(mapping);
}

Arena::~Arena() {
  munmap(begin_, kStack + bytes_);
}

void* Arena::take(std::size_t bytes) {
  const std::size_t begin = (used_ + kAlignment - 1) / kAlignment * kAlignment;
  if (begin > bytes_ || bytes > bytes_ - begin) throw std::bad_alloc();
  used_ = begin + bytes;
  return begin_ + kStack + begin;
}

void Arena::run(const std::function<void()>& function) const {
  ucontext_t here{}, there{};
  if (getcontext(&there) != 0) throw std::bad_alloc();
  there.uc_stack.ss_sp = begin_;
  there.uc_stack.ss_size = kStack;
  there.uc_link = &here;
  const auto address = reinterpret_cast<std::uintptr_t>(&function);
  makecontext(&there, reinterpret_cast<void (*)()>(call), 2, static_cast<unsigned>(address >> 32),
              static_cast<unsigned>(address));
  swapcontext(&here, &there);
}

}  // namespace svetune
