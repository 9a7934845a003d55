// The measure of searchers, against values computed by hand and by brute force; every searcher on a synthetic space.
#include "search/replay.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace svetune::search {
namespace {

RecordedSpace synthetic_space() {
  RecordedSpace space;
  // Panels by rows alone: with all their axes, which this cost does not know, nine of ten candidates would be panels.
  space.candidates = enumerate({parse_problem("16x64x128"), 512});
  std::erase_if(space.candidates, [](const svetune_config& config) {
    return config.prefetch != 0 || config.fma_order == SVETUNE_FMA_ORDER_COLUMNS;
  });
  for (const svetune_config& config : space.candidates) {
    const double tile = std::abs(config.mr - 6) + 2.0 * std::abs(config.nr - 3);
    const double cost = 1000 + 40 * tile + 15 * config.strategy + 5 * std::abs(config.k_unroll - 2) + config.order;
    space.costs.push_back(config.mr * config.nr == 8 ? kFailed : cost);
  }
  return space;
}

TEST(RandomBaseline, ExpectedLeastOfDrawsWithoutReplacement) {
  const RecordedSpace space{std::vector<svetune_config>(4), {1, 2, 4, kFailed}};
  // By hand, a failure counts as 9. One draw: (1+2+4+9)/4. Two: pairs have the least 1,1,1,2,2,4. Three: 1,1,1,2.
  EXPECT_THAT(random_baseline(space, 9, 9),
              testing::ElementsAre(testing::DoubleEq(4), testing::DoubleNear(11.0 / 6, 1e-12),
                                   testing::DoubleNear(5.0 / 4, 1e-12), testing::DoubleNear(1, 1e-12)));
}

TEST(RandomBaseline, AgreesWithTheMeanOfManyRandomRuns) {
  const RecordedSpace space = synthetic_space();
  const auto expected = random_baseline(space, 50, 2000);
  constexpr int kRuns = 2000;
  double sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    sum += std::min(replay_run(space, find_searcher("random"), static_cast<std::uint64_t>(run), 50).back(), 2000.0);
  }
  EXPECT_NEAR(sum / kRuns, expected.back(), 0.01 * expected.back());
}

TEST(Replay, ExhaustiveFindsTheOptimumExactlyWhenItComesToIt) {
  RecordedSpace space{enumerate({parse_problem("4x64x128"), 512}), {}};
  space.costs.assign(space.candidates.size(), 200);
  space.costs[79] = 100;
  const ReplayResult result = replay(space, find_searcher("exhaustive"), 2, 1);
  EXPECT_THAT(result.median, testing::ElementsAre(0.5, 0.5, 1, 1, 1));
  EXPECT_THAT(result.tenth_percentile, testing::ElementsAre(0.5, 0.5, 1, 1, 1));
}

TEST(Replay, ASpaceWithoutATimeIsRefused) {
  const RecordedSpace space{std::vector<svetune_config>(1), {kFailed}};
  EXPECT_THROW(replay(space, find_searcher("random"), 1, 1), InputError);
}

class EverySearcher : public testing::TestWithParam<SearcherKind> {};

TEST_P(EverySearcher, AsksForEachCandidateOnce) {
  const RecordedSpace space = synthetic_space();
  const auto searcher = GetParam().make(space.candidates, 3);
  searcher->tell(5, space.costs[5]);  // told without an ask: not asked for
  std::set<std::size_t> seen{5};
  while (const auto candidate = searcher->ask()) {
    ASSERT_TRUE(seen.insert(*candidate).second);
    searcher->tell(*candidate, space.costs[*candidate]);
  }
  EXPECT_EQ(seen.size(), space.candidates.size());
}

TEST_P(EverySearcher, SameSeedSameSequence) {
  const RecordedSpace space = synthetic_space();
  const auto a = GetParam().make(space.candidates, 7), b = GetParam().make(space.candidates, 7);
  for (int i = 0; i < 300; ++i) {
    const auto candidate = a->ask();
    ASSERT_EQ(candidate, b->ask());
    a->tell(*candidate, space.costs[*candidate]);
    b->tell(*candidate, space.costs[*candidate]);
  }
}

TEST_P(EverySearcher, KeepsSeveralWorkersBusy) {
  const RecordedSpace space = synthetic_space();
  const auto searcher = GetParam().make(space.candidates, 1);
  std::set<std::size_t> in_hand;
  for (int i = 0; i < 64; ++i) in_hand.insert(*searcher->ask());  // none told
  EXPECT_EQ(in_hand.size(), 64U);
  for (const std::size_t candidate : in_hand) searcher->tell(candidate, space.costs[candidate]);
  EXPECT_FALSE(in_hand.contains(*searcher->ask()));
}

TEST_P(EverySearcher, BeatsRandomSearchOnASmoothSpace) {
  if (GetParam().name == "exhaustive" || GetParam().name == "random") return;
  EXPECT_GT(replay(synthetic_space(), GetParam(), 10, 1).score, 0) << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(Searchers, EverySearcher, testing::ValuesIn(searchers().begin(), searchers().end()),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace svetune::search
