#include "api/processor.hpp"

#include <sys/auxv.h>

#include <cstdint>

namespace svetune {
namespace {

constexpr unsigned long kSveBit = 1UL << 22;  // HWCAP_SVE

const bool kHasSve = (getauxval(AT_HWCAP) & kSveBit) != 0;

}  // namespace

[[gnu::section(".svetune_text")]] unsigned processor_vector_bits() {
  if (!kHasSve) return 0;
  std::uint64_t bytes = 0;
  asm(".arch_extension sve\n\tcntb %0" : "=r"(bytes));
  return static_cast<unsigned>(bytes * 8);
}

}  // namespace svetune
