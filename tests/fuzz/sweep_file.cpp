// Sweep files.
#include "app/sweep_file.hpp"

#include "fuzz.hpp"

using namespace svetune;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::refusing([&] {
    const auto sweep = app::parse_sweep_file(fuzz::text(data, size), "sweep.toml");
    fuzz::require(!sweep.problems.empty());
    for (const auto& [problem, weight] : sweep.problems) {
      fuzz::require(weight > 0);
      fuzz::require(parse_problem(to_text(problem)) == problem);
    }
  });
  return 0;
}
