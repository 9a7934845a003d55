// Lines that a runner writes.
#include "fuzz.hpp"
#include "measure/protocol.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = fuzz::text(data, size);
  for (const auto& answer : {measure::parse_answer(7, line), measure::parse_fields(line)}) {
    if (!answer) continue;
    for (const auto& [key, value] : answer->fields) {
      answer->number(key);
      answer->numbers(key);
      fuzz::require(answer->text(key) == value);
    }
  }
  return 0;
}
