#include "space/processors.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace svetune {
namespace {

constexpr std::uint32_t kIdentity = 0xff00fff0U;  // without variant, architecture and revision
constexpr std::string_view kUnnamed = "midr 0x";

struct Processor {
  std::uint32_t midr;
  std::string_view name;
};
constexpr std::array kProcessors{
    Processor{0x46000010U, "a64fx"},        // Fujitsu, 0x001
    Processor{0x4100d400U, "neoverse-v1"},  // Arm, 0xd40
    Processor{0x4100d4f0U, "neoverse-v2"},  // Arm, 0xd4f
};

}  // namespace

std::string processor_name(std::uint64_t midr) {
  for (const Processor& processor : kProcessors) {
    if ((midr & kIdentity) == processor.midr) return std::string(processor.name);
  }
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%llx", static_cast<unsigned long long>(midr));
  return std::string(kUnnamed) + digits.data();
}

std::uint32_t processor_midr(std::string_view name) {
  for (const Processor& processor : kProcessors) {
    if (processor.name == name) return processor.midr;
  }
  std::uint64_t midr = 0;
  if (!name.starts_with(kUnnamed)) return 0;
  name.remove_prefix(kUnnamed.size());
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), midr, 16);
  return error == std::errc{} && end == name.data() + name.size() ? static_cast<std::uint32_t>(midr) & kIdentity : 0;
}

}  // namespace svetune
