#include "api/processor.hpp"

#include <sys/auxv.h>

#include <cstdint>

namespace svetune {
namespace {

constexpr unsigned long kSveBit = 1UL << 22;    // HWCAP_SVE
constexpr unsigned long kCpuidBit = 1UL << 11;  // HWCAP_CPUID

std::uint64_t read_midr() {
  std::uint64_t value = 0;
  if ((getauxval(AT_HWCAP) & kCpuidBit) != 0) asm volatile("mrs %0, MIDR_EL1" : "=r"(value));
  return value;
}

const bool kHasSve = (getauxval(AT_HWCAP) & kSveBit) != 0;
const std::uint64_t kMidr = read_midr();

}  // namespace

[[gnu::section(".svetune_text")]] unsigned processor_vector_bits() {
  if (!kHasSve) return 0;
  std::uint64_t bytes = 0;
  // volatile: a compiler may hoist a pure one above the test, and it is no instruction there.
  asm volatile(".arch_extension sve\n\tcntb %0" : "=r"(bytes));
  return static_cast<unsigned>(bytes * 8);
}

std::uint64_t processor_midr() {
  return kMidr;
}

}  // namespace svetune
