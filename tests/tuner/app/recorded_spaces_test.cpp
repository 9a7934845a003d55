// The default search on six spaces that were evaluated whole (scripts/record-spaces), and recordings as files.
#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/recorded.hpp"
#include "fixture.hpp"

namespace svetune::app {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::size_t kRepeats = 40;  // a few seconds; the table of docs/tuning.md is of 100
const std::string kSpaces = SVETUNE_SOURCE_DIR "/tests/golden/spaces.csv.gz";

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

TEST(RecordedSpaces, TheDefaultSearchFindsTheOptimumEarly) {
  const auto spaces = read_recorded(kSpaces, std::nullopt, {});
  ASSERT_GE(spaces.size(), 4U);
  const search::SearcherKind& searcher = search::default_searcher(SIZE_MAX, 400, false);
  std::vector<std::future<search::ReplayResult>> running;
  for (const RecordedProblem& recorded : spaces) {
    ASSERT_GE(recorded.space.candidates.size(), 2000U) << to_text(recorded.problem);
    EXPECT_THAT(recorded.origin, HasSubstr("revision ")) << to_text(recorded.problem);
    running.push_back(
        std::async(std::launch::async, [&] { return search::replay(recorded.space, searcher, kRepeats, 1); }));
  }
  double sum = 0;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    const search::ReplayResult result = running[i].get();
    SCOPED_TRACE(to_text(spaces[i].problem));
    EXPECT_GE(result.median[2], 0.97);            // at 100 evaluations
    EXPECT_GE(result.median[3], 0.99);            // at 200
    EXPECT_GE(result.tenth_percentile[3], 0.95);  // at 200
    EXPECT_GT(result.score, 0);
    sum += result.score;
  }
  EXPECT_GE(sum / static_cast<double>(spaces.size()), 0.4);
}

class RecordingTest : public testing::Test {
 protected:
  Ran replay(std::vector<std::string> words) {
    words.insert(words.begin(), "replay");
    return run_with("svetune-runner", words);
  }
  std::string refused(const std::string& file, const std::string& text) {
    write(folder_ / file, text);
    const Ran ran = replay({"--db", folder_ / file});
    EXPECT_EQ(ran.code, 2);
    return ran.err;
  }
  Folder folder_;
};

TEST_F(RecordingTest, JsonHoldsEverySearcherAndTheOrigin) {
  const Ran ran =
      replay({"--db", kSpaces, "--problem", "24x40x48", "--search", "random,guided", "--repeats", "5", "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out);
  ASSERT_EQ(json["results"].size(), 2U);
  EXPECT_EQ(json["evaluations"], (std::vector<int>{25, 50, 100, 200, 400}));
  EXPECT_EQ(json["results"][1]["search"], "guided");
  EXPECT_EQ(json["results"][1]["candidates"], 2902);
  EXPECT_EQ(json["results"][1]["median"].size(), 5U);
  EXPECT_EQ(json["mean_score"]["guided"], json["results"][1]["score"]);
  EXPECT_THAT(json["results"][0]["origin"], HasSubstr("model:a64fx "));
}

TEST_F(RecordingTest, SavedAgainItIsTheSameToTheByte) {
  ASSERT_EQ(replay({"--db", kSpaces, "--save", folder_ / "all.csv.gz"}).code, 0);
  EXPECT_EQ(content(folder_ / "all.csv.gz"), content(kSpaces));
  ASSERT_EQ(replay({"--db", kSpaces, "--problem", "24x40x48", "--save", folder_ / "one.csv"}).code, 0);
  const std::string one = content(folder_ / "one.csv");
  EXPECT_THAT(one, testing::StartsWith("# "));
  EXPECT_EQ(std::ranges::count(one, '\n'), 3 + 2902);  // two lines of comment, the heading
}

TEST_F(RecordingTest, AFailedCandidateHasNoCycles) {
  write(folder_ / "a.csv",
        "# 4x64x128 counters 1, somewhere\nproblem,configuration,cycles\n"
        "4x64x128,strategy=separate mr=4 nr=4,\n4x64x128,strategy=separate mr=4 nr=2,1500\n");
  const auto recorded = read_recorded(folder_ / "a.csv", std::nullopt, {});
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_EQ(recorded[0].origin, "counters 1, somewhere");
  EXPECT_THAT(recorded[0].space.costs, testing::ElementsAre(search::kFailed, 1500));
  EXPECT_EQ(recorded[0].space.candidates[1].nr, 2);
}

TEST_F(RecordingTest, BadFilesAreRefusedInOneLine) {
  EXPECT_THAT(refused("a.csv", "nonsense\n"), HasSubstr("must begin with the line problem,configuration,cycles"));
  EXPECT_THAT(refused("a.csv", "# only a comment\n"), HasSubstr("must begin with the line"));
  EXPECT_THAT(refused("a.csv", "problem,configuration,cycles\n4x64x128,strategy=separate,12y\n"), HasSubstr("a.csv:2"));
  EXPECT_THAT(refused("a.csv", "problem,configuration,cycles\n4x64x128,strategy=nothing,12\n"), HasSubstr("nothing"));
  EXPECT_THAT(refused("a.csv.gz", content(kSpaces).substr(0, 5000)), HasSubstr("is damaged"));
  const Ran missing = replay({"--db", kSpaces, "--problem", "5x5x5"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("does not hold the whole space of 5x5x5"));
}

}  // namespace
}  // namespace svetune::app
