// CSV files of measured cycles.
#include "app/study.hpp"
#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto& file = fuzz::file(fuzz::text(data, size));
  fuzz::refusing([&] {
    for (const auto& row : app::read_measured(file)) fuzz::require(!row.approach.empty());
  });
  return 0;
}
