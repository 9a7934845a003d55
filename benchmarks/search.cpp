// The cost of the search itself, an evaluation: spaces of 1,000 to 100,000 candidates, the searcher's construction
// included.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "search/searcher.hpp"

namespace svetune::search {
namespace {

// Candidates of several problems' spaces, told apart by k_block, as large as wanted.
std::vector<svetune_config> large_space(std::size_t size) {
  const auto base = enumerate({parse_problem("16x128x128"), 512});
  std::vector<svetune_config> space;
  for (std::int32_t copy = 0; space.size() < size; ++copy) {
    for (svetune_config config : base) {
      config.k_block += 1024 * copy;
      space.push_back(config);
      if (space.size() == size) break;
    }
  }
  return space;
}

void search_an_evaluation(benchmark::State& state, const SearcherKind& kind) {
  const auto space = large_space(static_cast<std::size_t>(state.range(0)));
  const std::size_t evaluations = std::min<std::size_t>(space.size(), static_cast<std::size_t>(state.range(1)));
  std::uint64_t seed = 0;
  for (auto _ : state) {
    const auto searcher = kind.make(space, ++seed);
    for (std::size_t i = 0; i < evaluations; ++i) {
      const auto candidate = searcher->ask();
      const svetune_config& config = space[*candidate];
      searcher->tell(*candidate, 1000 + 40.0 * std::abs(config.mr * config.nr - 18) + 0.01 * config.k_block);
    }
  }
  // A rate, inverted, is seconds an evaluation.
  state.counters["an_evaluation"] =
      benchmark::Counter(static_cast<double>(evaluations) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace
}  // namespace svetune::search

int main(int argc, char** argv) {
  using namespace svetune::search;
  benchmark::Initialize(&argc, argv);
  for (const SearcherKind& kind : searchers()) {
    benchmark::RegisterBenchmark(std::string(kind.name).c_str(), search_an_evaluation, kind)
        ->Args({1000, 400})
        ->Args({10'000, 400})
        ->Args({100'000, 400})
        ->Args({100'000, 20'000})
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RunSpecifiedBenchmarks();
}
