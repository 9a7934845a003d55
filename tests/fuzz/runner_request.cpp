// Lines that a runner reads.
#include "fuzz.hpp"
#include "runner/request.hpp"

using namespace svetune;

// The processor's, in a runner.
unsigned svetune_vector_bits(void) {
  return 512;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line(fuzz::text(data, size));
  fuzz::require(request_id(line).size() <= line.size());
  fuzz::refusing([&] { parse_request(line); });
  return 0;
}
