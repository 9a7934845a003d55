// Configuration texts: what is accepted is written back as the same configuration, and can be judged.
#include "space/configuration.hpp"

#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::refusing([&] {
    const svetune_config config = parse_configuration(fuzz::text(data, size));
    fuzz::require(parse_configuration(to_text(config)) == config);
    first_broken_constraint({parse_problem("7x33x50"), 512}, config);
  });
  return 0;
}
