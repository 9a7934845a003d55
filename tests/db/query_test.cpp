// The rules of an answer, on times that are made up: which one fires, how far, at what expected loss.
#include "db/query.hpp"

#include <gmock/gmock.h>

#include <array>
#include <map>
#include <random>

#include "fixture.hpp"

namespace svetune::db {
namespace {

using testing::HasSubstr;

// Valid for every shape; `kBlocked` only where nc is above 32.
const std::string kA = "strategy=separate mr=4 nr=4", kB = "strategy=separate mr=4 nr=2",
                  kBlocked = "strategy=k_blocked mr=4 nr=4 k_block=32";

std::string canonical(const std::string& text) {
  return svetune::to_text(parse_configuration(text));
}

class QueryTest : public testing::Test {
 protected:
  QueryTest() : store_(folder_ / "q.db", Store::Mode::read_write) {
    session_ = store_.begin_sweep(a64fx(), model_timer(), "", 1);
  }
  void add(const std::string& problem, const std::string& config, double cycles) {
    store_.add(session_, timed(problem, config, cycles));
  }
  std::vector<Answer> ask(const std::string& problem, std::size_t top = 1, const Store::Filter& filter = {}) {
    return answers(store_, parse_problem(problem), filter, top);
  }
  static std::string config(const Answer& answer) { return svetune::to_text(answer.evaluation.config); }

  TemporaryFolder folder_;
  Store store_;
  Session session_;
};

TEST_F(QueryTest, AMeasuredProblemIsAnsweredByItsWinner) {
  add("4x64x128", kA, 110);
  add("4x64x128", kB, 100);
  const auto all = ask("4x64x128", 5);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].rule, Rule::exact);
  EXPECT_EQ(all[0].distance, 0);
  EXPECT_EQ(all[0].expected_loss, 0);
  EXPECT_EQ(config(all[0]), canonical(kB));
  EXPECT_DOUBLE_EQ(all[1].expected_loss.value(), 110.0 / 100 - 1);
  EXPECT_EQ(all[0].machine.processor, "a64fx");
}

TEST_F(QueryTest, TheNearestIsTheOneOfTheSmallestSumOfLogRatios) {
  add("4x64x128", kA, 100);
  add("16x64x128", kB, 400);
  // log2(8/4) = 1 = log2(16/8): equally near, the smaller shape answers.
  EXPECT_EQ(config(ask("8x64x128")[0]), canonical(kA));
  EXPECT_EQ(ask("8x64x128")[0].distance, 1);
  EXPECT_EQ(config(ask("9x64x128")[0]), canonical(kB));
  // |log2(32/16)| + |log2(32/64)| + |log2(256/128)| = 3
  EXPECT_EQ(ask("32x32x256")[0].distance, 3);
  EXPECT_EQ(ask("32x32x256")[0].rule, Rule::nearest);
}

TEST_F(QueryTest, AWinnerThatIsNotValidForTheAskedProblemIsPassedOver) {
  add("4x64x128", kBlocked, 90);
  add("4x64x128", kA, 100);
  add("4x128x128", kB, 200);
  EXPECT_EQ(config(ask("5x64x128")[0]), canonical(kBlocked));
  const auto shorter = ask("4x32x128")[0];  // a block of 32 is all of nc
  EXPECT_EQ(config(shorter), canonical(kB));
  EXPECT_EQ(shorter.distance, 2);
}

TEST_F(QueryTest, TheExpectedLossIsTheWorstOneNearby) {
  add("4x64x128", kA, 100);
  add("4x64x64", kA, 60);
  add("4x64x64", kB, 50);
  add("8x64x128", kA, 200);
  add("8x64x128", kB, 198);
  const auto answer = ask("5x64x128")[0];
  EXPECT_EQ(config(answer), canonical(kA));
  EXPECT_DOUBLE_EQ(answer.expected_loss.value(), 60.0 / 50 - 1);
  add("4x60x128", kBlocked, 100);
  EXPECT_EQ(ask("4x61x128")[0].expected_loss, std::nullopt);  // timed for no other problem
}

TEST_F(QueryTest, FarAwayTheRobustDefaultAnswers) {
  add("4x64x128", kA, 100);
  add("4x64x128", kB, 105);
  add("4x64x64", kA, 60);
  add("4x64x64", kB, 50);
  // Worst losses: A 20 %, B 5 %. The distance of 512x64x128 is 7 doublings, above 4.
  const auto answer = ask("512x64x128")[0];
  EXPECT_EQ(answer.rule, Rule::robust_default);
  EXPECT_EQ(config(answer), canonical(kB));
  EXPECT_DOUBLE_EQ(answer.expected_loss.value(), 105.0 / 100 - 1);
  EXPECT_EQ(svetune::to_text(answer.evaluation.problem), "4x64x128");  // where it loses most
  EXPECT_EQ(answer.distance, 7);
  EXPECT_EQ(ask("64x64x128")[0].rule, Rule::nearest);  // 4 doublings
  EXPECT_EQ(ask("65x64x128")[0].rule, Rule::robust_default);
}

TEST_F(QueryTest, AStricterAccuracyServesAndALooserOneDoesNot) {
  add("4x64x128:accuracy=low", kB, 50);
  add("8x64x128", kA, 100);
  EXPECT_EQ(config(ask("4x64x128")[0]), canonical(kA));
  EXPECT_EQ(ask("4x64x128")[0].distance, 1);
  EXPECT_EQ(config(ask("4x64x128:accuracy=low")[0]), canonical(kB));
  EXPECT_EQ(config(ask("8x64x128:accuracy=low")[0]), canonical(kA));
}

// Of a series every time is in memory; answers() reads those that it needs.
TEST_F(QueryTest, TheStoreAnswersAsASeriesOfAllItsTimesDoes) {
  const std::vector<std::string> configs{kA, kB, kBlocked, "strategy=separate mr=2 nr=3",
                                         "strategy=k_blocked mr=2 nr=4 k_block=64"};
  Machine older = a64fx();
  older.flags = "-O1";
  const Session old_build = store_.begin_sweep(older, model_timer(), "", 1);
  session_ = store_.begin_sweep(a64fx(), model_timer(), "", 1);
  std::mt19937 random(5);
  const auto extent = [&](std::uint32_t doublings) { return std::to_string(1U + random() % (1U << doublings)); };
  for (int i = 0; i < 120; ++i) {
    const std::string d = extent(7), m = extent(5), nc = std::to_string(33 + random() % 100);
    const std::string options = std::array{"", ":accuracy=low", ":ldv=1000"}.at(random() % 3);
    for (const std::string& config : configs) {
      if (random() % 3 == 0) continue;
      auto row = timed(m + "x" + nc + "x" + d + options, config, static_cast<double>(100 + random() % 50));
      store_.add(random() % 4 == 0 ? old_build : session_, row);
    }
  }
  const auto all = store_.series({});
  ASSERT_EQ(all.size(), 1U);
  std::map<Rule, int> rules;
  for (int i = 0; i < 300; ++i) {
    const std::uint32_t doublings = i % 3 == 0 ? 20 : 7;
    const std::string options = i % 2 == 0 ? "" : ":accuracy=low";
    const Problem asked = parse_problem(extent(doublings) + "x" + extent(doublings) + "x" + extent(8) + options);
    const auto expected = select(all[0], asked);
    ASSERT_TRUE(expected);
    const Answer answer = answers(store_, asked, {}, 1).at(0);
    SCOPED_TRACE(svetune::to_text(asked));
    EXPECT_EQ(answer.rule, expected->rule);
    EXPECT_EQ(answer.evaluation.id, expected->time.evaluation);
    EXPECT_EQ(answer.distance, expected->distance);
    EXPECT_EQ(answer.expected_loss, expected->expected_loss);
    ++rules[answer.rule];
  }
  EXPECT_GT(rules[Rule::nearest], 50);
  EXPECT_GT(rules[Rule::robust_default], 50);
}

// One build alone: a default that every problem has is found without reading all.
TEST_F(QueryTest, TheDefaultOfOneBuildIsThatOfAllItsTimes) {
  std::mt19937 random(7);
  int complete = 0;
  for (int round = 0; round < 40; ++round) {
    const TemporaryFolder folder;
    Store store(folder / "one.db", Store::Mode::read_write);
    const Session session = store.begin_sweep(a64fx(), model_timer(), "", 1);
    const auto holes = random() % 3;       // none: every configuration has every problem
    const auto range = 1 + random() % 40;  // few values: ties
    for (int i = 0; i < 12; ++i) {
      const std::string problem = std::to_string(1U << i % 4) + "x" + std::to_string(64 + i) + "x64";
      for (int mr = 1; mr <= 4; ++mr) {
        for (int nr = 1; nr <= 4; ++nr) {
          if (holes != 0 && random() % (40 / holes) == 0) continue;
          const std::string config = "strategy=separate mr=" + std::to_string(mr) + " nr=" + std::to_string(nr);
          auto row = timed(problem, config, static_cast<double>(100 + random() % range));
          if (random() % 30 == 0) row = failed(problem, config, Status::wrong_result);
          store.add(session, row);
        }
      }
    }
    const auto all = store.series({});
    const Problem asked = parse_problem("4096x4096x4096");
    const auto expected = select(all.at(0), asked);
    ASSERT_TRUE(expected);
    const Answer answer = answers(store, asked, {}, 1).at(0);
    EXPECT_EQ(answer.rule, Rule::robust_default);
    EXPECT_EQ(answer.evaluation.id, expected->time.evaluation) << round;
    EXPECT_EQ(answer.distance, expected->distance);
    EXPECT_EQ(answer.expected_loss, expected->expected_loss);
    const auto robust = robust_default(all[0], asked.shape.operation, asked.shape.accuracy);
    complete += robust->problems == 12 ? 1 : 0;
  }
  EXPECT_GT(complete, 10);
}

TEST_F(QueryTest, OfTheNearestTheNextBestThatAreValidFollow) {
  add("4x64x128", kBlocked, 90);  // not valid where nc is 32
  add("4x64x128", kA, 95);
  add("4x64x128", kB, 100);
  add("8x64x128", kB, 180);
  add("8x64x128", kA, 200);
  const auto all = ask("4x80x128", 2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(config(all[0]), canonical(kBlocked));
  EXPECT_EQ(config(all[1]), canonical(kA));
  EXPECT_EQ(all[0].expected_loss, std::nullopt);
  EXPECT_DOUBLE_EQ(all[1].expected_loss.value(), 200.0 / 180 - 1);
  EXPECT_EQ(ask("4x80x128", 9).size(), 3U);
}

TEST_F(QueryTest, NothingToAnswerWithNamesTheRemedy) {
  EXPECT_THAT(error_of([&] { ask("4x64x128"); }), HasSubstr("holds no time that could answer for 4x64x128"));
  add("4x64x128:accuracy=low", kB, 50);
  EXPECT_THAT(error_of([&] { ask("4x64x128"); }), HasSubstr("run svetune sweep --db"));
}

TEST_F(QueryTest, TimersAreNeverMixed) {
  add("4x64x128", kA, 100);
  const Session other = store_.begin_sweep(a64fx(), {"counters", "1"}, "", 1);
  store_.add(other, timed("4x128x128", kB, 1));
  EXPECT_THAT(error_of([&] { ask("4x70x128"); }), HasSubstr("--timer"));
  Store::Filter filter;
  filter.timer = "counters";
  EXPECT_EQ(config(ask("4x70x128", 1, filter)[0]), canonical(kB));
}

}  // namespace
}  // namespace svetune::db
