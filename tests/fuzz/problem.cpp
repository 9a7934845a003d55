// Problem texts: what is accepted is written back as the same problem.
#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::refusing([&] {
    const Problem problem = parse_problem(fuzz::text(data, size));
    fuzz::require(parse_problem(to_text(problem)) == problem);
  });
  return 0;
}
