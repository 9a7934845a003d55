// Recordings of whole spaces, plain and compressed.
#include "app/recorded.hpp"
#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& file = fuzz::file(fuzz::text(data, size));
  fuzz::refusing([&] {
    for (const auto& recorded : app::read_recorded(file, std::nullopt, {}))
      fuzz::require(recorded.space.candidates.size() == recorded.space.costs.size());
  });
  return 0;
}
