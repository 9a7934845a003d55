// Machine files.
#include "model/machine.hpp"

#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::refusing([&] { model::parse_machine(fuzz::text(data, size), "fuzz.toml"); });
  return 0;
}
