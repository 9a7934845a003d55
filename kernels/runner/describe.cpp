// describe: what this runner is and what it runs on.
#include <sys/auxv.h>

#include <cstdint>
#include <cstdio>

#include "runner/modes.hpp"

namespace svetune {
namespace {

// MIDR_EL1 identifies the processor; the kernel emulates the read where HWCAP_CPUID says so.
std::string midr() {
  constexpr unsigned long kCpuidBit = 1UL << 11;
  if ((getauxval(AT_HWCAP) & kCpuidBit) == 0) return "0x0";
  std::uint64_t value = 0;
  asm("mrs %0, MIDR_EL1" : "=r"(value));
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

std::string describe() {
  return field("protocol", "1") + field("vector_bits", std::to_string(svetune_vector_bits())) +
         field("compiler", SVETUNE_COMPILER) + field("flags", SVETUNE_FLAGS) + field("revision", SVETUNE_REVISION) +
         field("midr", midr());
}

}  // namespace svetune
