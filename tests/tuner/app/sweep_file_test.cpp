// Sweep files: what they say, and how a mistake in one is reported; plans made of them.
#include "app/sweep_file.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "app/plan.hpp"

namespace svetune::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<std::string> problem_texts(const SweepFile& file) {
  std::vector<std::string> texts;
  for (const WeightedProblem& wanted : file.problems) texts.push_back(to_text(wanted.problem));
  return texts;
}

void expect_error(const char* text, const char* what) {
  EXPECT_THAT([&] { parse_sweep_file(text, "night.toml"); }, ThrowsMessage<InputError>(HasSubstr(what))) << text;
}

TEST(SweepFile, ListsAndRangesMultiply) {
  const SweepFile file = parse_sweep_file(R"(
    accuracy = "low"
    [[problems]]
    m = [4, {from = 8, to = 32, factor = 2}]
    nc = {from = 64, to = 100, step = 20}
    d = 128
    weight = 2.5
    [[problems]]
    m = 1
    nc = 7
    d = 64
    ldv = 80
    accuracy = "full")",
                                          "f");
  EXPECT_THAT(problem_texts(file),
              ElementsAre("4x64x128:accuracy=low", "4x84x128:accuracy=low", "8x64x128:accuracy=low",
                          "8x84x128:accuracy=low", "16x64x128:accuracy=low", "16x84x128:accuracy=low",
                          "32x64x128:accuracy=low", "32x84x128:accuracy=low", "1x7x64:ldv=80"));
  EXPECT_EQ(file.problems.front().weight, 2.5);
  EXPECT_EQ(file.problems.back().weight, 1.0);
}

TEST(SweepFile, MachinesAxesAndBudget) {
  const SweepFile file = parse_sweep_file(R"(
    timers = ["model", "clock"]
    machines = ["a64fx", "neoverse-v1"]
    strategies = "fused"
    search = "genetic"
    budget = {evals = 50, time = "1h30m", until = "07:00"}
    axes = {exp2 = "fexpa", mr = [4, {from = 6, to = 8}]}
    problems = [{m = 1, nc = 1, d = 1}])",
                                          "f");
  EXPECT_THAT(file.timers, ElementsAre("model:a64fx", "model:neoverse-v1", "clock"));
  EXPECT_THAT(file.rules.strategies, ElementsAre("fused"));
  EXPECT_THAT(file.rules.axes.at("exp2"), ElementsAre(SVETUNE_EXP2_FEXPA));
  EXPECT_THAT(file.rules.axes.at("mr"), ElementsAre(4, 6, 7, 8));
  EXPECT_EQ(file.searcher, "genetic");
  EXPECT_EQ(file.evaluations, 50U);
  EXPECT_EQ(file.time, std::chrono::minutes(90));
  EXPECT_EQ(file.until, "07:00");
}

TEST(SweepFile, MistakesNameFileLineAndRemedy) {
  expect_error("\n\nmachine = \"a64fx\"\n",
               "night.toml:3: unknown key 'machine'; known keys are: operations, accuracy");
  expect_error("[[problems]]\nm = 1\nnc = 1\nd = 1\nheads = 3\n",
               "night.toml:5: unknown key 'heads' of a problem; known keys are: m, nc, d");
  expect_error("[[problems]]\nm = 1\nnc = 1\n", "'d' is missing");
  expect_error("[[problems]]\nm = 0\nnc = 1\nd = 1\n", "night.toml:1: problem \"0x1x1\"");
  expect_error("[[problems]]\nm = [2, 2]\nnc = 1\nd = 1\n", "2x1x1 is named twice");
  expect_error("[[problems]]\nm = {from = 4, to = 2}\nnc = 1\nd = 1\n", "night.toml:2: a range is");
  expect_error("[[problems]]\nm = {from = 1, to = 9, by = 2}\nnc = 1\nd = 1\n", "unknown key 'by' of a range");
  expect_error("[[problems]]\nm = \"4\"\nnc = 1\nd = 1\n", "must be a whole number, a range, or a list");
  expect_error("timers = [\"sundial\"]\n", "night.toml:1: unknown timer 'sundial'");
  expect_error("timers = [\"model\"]\n", "needs machines");
  expect_error("[axes]\nwarp = 3\n", "night.toml:2: unknown axis 'warp'; known axes are: exp2");
  expect_error("[axes]\nmr = []\n", "keeps no value");
  expect_error("[budget]\ntime = \"soon\"\n", "night.toml:2: 'soon' is no duration");
  expect_error("[budget]\nuntil = \"25:00\"\n", "is no time of day");
  expect_error("search = \"luck\"\n", "unknown searcher 'luck'");
  expect_error("problems = [\n", "night.toml:");
  expect_error("accuracy = \"full\"\n", "a sweep needs problems");
}

TEST(SweepFile, TimeUntilIsAlwaysAhead) {
  using namespace std::chrono_literals;
  EXPECT_EQ(time_until("07:00", 22h), 9h);
  EXPECT_EQ(time_until("07:00", 6h + 59min + 59s), 1s);
  EXPECT_EQ(time_until("07:00", 7h), 24h);
  EXPECT_EQ(time_until("00:00", 0s), 24h);
  EXPECT_THROW(time_until("7", 0s), InputError);
  EXPECT_THROW(time_until("07:60", 0s), InputError);
}

TEST(SweepFile, ShippedExamplesAreRead) {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SVETUNE_SOURCE_DIR "/examples/sweeps")) {
    if (entry.path().extension() != ".toml") continue;
    EXPECT_FALSE(read_sweep_file(entry.path()).problems.empty()) << entry.path();
    ++seen;
  }
  EXPECT_GE(seen, 3U);
}

TEST(SpaceRules, KeepExactlyTheConfigurationsOfTheirValues) {
  const Target target{parse_problem("4x64x128"), 512};
  SpaceRules rules{{"separate"}, {{"mr", {2, 4}}, {"k_block", {64}}}};  // separate has no k_block: kept whole
  SpaceSize size;
  const auto kept = enumerate_allowed(target, rules, &size);
  const auto all = enumerate(target, "separate");
  const auto expected = std::ranges::count_if(all, [](const auto& config) { return config.mr == 2 || config.mr == 4; });
  EXPECT_EQ(kept.size(), static_cast<std::size_t>(expected));
  EXPECT_EQ(size.rejected.at("rule:mr"), all.size() - kept.size());
  std::size_t rejected = 0;
  for (const auto& [name, count] : size.rejected) rejected += count;
  EXPECT_EQ(size.valid + rejected, size.total);
}

TEST(Plan, BudgetsBoundEvaluationsAndTime) {
  SweepFile file;
  file.timers = {"a", "b"};
  file.problems = {{parse_problem("4x64x128"), 1}};
  file.evaluations = 10;
  Plan plan = make_plan(file, 2, [](const std::string& timer) { return timer == "a" ? 512U : 128U; });
  ASSERT_EQ(plan.spaces.size(), 2U);
  EXPECT_NE(plan.spaces[0].size.valid, plan.spaces[1].size.valid);  // the vector length changes the space
  EXPECT_EQ(plan.evaluations(), 20U);
  for (PlannedSpace& space : plan.spaces) space.seconds_per_evaluation = 3;
  EXPECT_DOUBLE_EQ(plan.seconds(), 30);
  plan.time = std::chrono::seconds(12);
  EXPECT_DOUBLE_EQ(plan.seconds(), 12);
  EXPECT_DOUBLE_EQ(plan.full_seconds(), 30);
}

}  // namespace
}  // namespace svetune::app
