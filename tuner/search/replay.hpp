// How good a searcher is on a space whose costs are all known: it is run on the recording in the place of the machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/searcher.hpp"

namespace svetune::search {

// Every valid candidate of a space with its cost; kFailed where it failed.
struct RecordedSpace {
  std::vector<svetune_config> candidates;
  std::vector<double> costs;

  double optimum() const;  // the least cost; throws InputError where every candidate failed
};

// Evaluations after which a search is judged (in the autotuning literature: 25 to 400).
inline constexpr std::size_t kCheckpoints[] = {25, 50, 100, 200, 400};

// best[t-1]: the least cost after t evaluations, kFailed as long as all have failed. Ends early with the space.
std::vector<double> replay_run(const RecordedSpace& space, const SearcherKind& kind, std::uint64_t seed,
                               std::size_t evaluations);

// The expected least cost of t draws without replacement, t = 1 .. evaluations, from the order statistics of the costs
// (exact, no simulation); a failed candidate counts as `failed`.
std::vector<double> random_baseline(const RecordedSpace& space, std::size_t evaluations, double failed);

struct ReplayResult {
  std::vector<double> median, tenth_percentile;  // fraction of the optimum at kCheckpoints: optimum / best
  // Mean over t of (baseline(t) - best(t)) / (baseline(t) - optimum); 0: as random search, 1: the optimum at once.
  double score = 0;
  double seconds_per_evaluation = 0;  // of the search itself
};

// `repeats` runs with seeds first_seed, first_seed + 1, ... The score averages t = 1 .. kCheckpoints' last, at steps of
// equal distance.
ReplayResult replay(const RecordedSpace& space, const SearcherKind& kind, std::size_t repeats,
                    std::uint64_t first_seed);

}  // namespace svetune::search
