// describe: what this runner is and what it runs on.
#include <cstdio>

#include "runner/modes.hpp"
#include "runner/stopwatch.hpp"

namespace svetune {
namespace {

std::string midr() {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(svetune_midr()));
  return text;
}

}  // namespace

std::string describe() {
  return field("protocol", "1") + field("vector_bits", std::to_string(svetune_vector_bits())) +
         field("compiler", SVETUNE_COMPILER) + field("flags", SVETUNE_FLAGS) + field("revision", SVETUNE_REVISION) +
         field("midr", midr()) + field("counters", Stopwatch(Stopwatch::Source::counters).works() ? "yes" : "no") +
         field("gigahertz", Stopwatch(Stopwatch::Source::clock).gigahertz());
}

}  // namespace svetune
