// The commands that answer from a database: best, show, compare, history, merge.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "../../db/fixture.hpp"
#include "app/application.hpp"
#include "app/compare.hpp"

namespace svetune::app {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;
using db::a64fx;
using db::timed;

const std::string kA = "strategy=separate mr=4 nr=4", kB = "strategy=separate mr=4 nr=2";

std::string canonical(const std::string& text) {
  return svetune::to_text(parse_configuration(text));
}

struct Ran {
  int code = 0;
  std::string out, err;
};

class AnswersTest : public testing::Test {
 protected:
  Ran run(const std::vector<std::string>& words) {
    std::ostringstream out, err;
    const Environment environment{out, err, folder_ / "bin"};
    const int code = app::run(words, environment);
    return {code, out.str(), err.str()};
  }
  std::string make(const std::string& name, const db::Machine& machine, const std::vector<db::Evaluation>& rows) {
    db::Store store(folder_ / name, db::Store::Mode::read_write);
    const auto session = store.begin_sweep(machine, {"counters", "1"}, "svetune sweep", 7);
    for (const auto& row : rows) store.add(session, row);
    return folder_ / name;
  }
  db::TemporaryFolder folder_;
};

TEST_F(AnswersTest, BestStatesRuleDistanceAndLoss) {
  const auto file = make("a.db", a64fx(), {timed("4x64x128", kA, 1024), timed("4x64x128", kB, 1280)});
  const auto exact = Json::parse(run({"best", "--db", file, "--problem", "4x64x128", "--top", "2", "--json"}).out);
  ASSERT_EQ(exact.size(), 2U);
  EXPECT_EQ(exact[0]["rule"], "exact");
  EXPECT_EQ(exact[0]["cycles"], 1024);
  EXPECT_EQ(exact[0]["percent_of_peak"], 100);  // 2 * 4 * 64 * 128 flop / 1024 cycles / 64
  EXPECT_EQ(exact[0]["config"], canonical(kA));
  EXPECT_EQ(exact[1]["expected_loss"], 0.25);
  const auto near = Json::parse(run({"best", "--db", file, "--problem", "8x64x64", "--json"}).out);
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0]["rule"], "nearest");
  EXPECT_EQ(near[0]["distance"], 2);
  EXPECT_EQ(near[0]["problem"], "4x64x128");
  EXPECT_EQ(near[0]["asked"], "8x64x64");
  EXPECT_EQ(near[0]["expected_loss"], nullptr);
  EXPECT_THAT(run({"best", "--db", file, "--problem", "8x64x64"}).out,
              testing::StartsWith("nearest: 8x64x64 was not measured; 4x64x128 is nearest, distance 2.00 doublings"));
  EXPECT_THAT(run({"best", "--db", file, "--problem", "400x6400x64"}).out, testing::StartsWith("default: "));
}

TEST_F(AnswersTest, AStaleModelTimeIsCalledStale) {
  db::Store store(folder_ / "m.db", db::Store::Mode::read_write);
  store.add(store.begin_sweep(a64fx(), db::model_timer("ancient"), "", 1), timed("4x64x128", kA, 1024));
  const std::string file = folder_ / "m.db";
  const auto json = Json::parse(run({"best", "--db", file, "--problem", "4x64x128", "--json"}).out);
  EXPECT_EQ(json[0]["stale"], true);
  EXPECT_THAT(json[0]["stale_reason"].get<std::string>(), HasSubstr("timed by version ancient of model:a64fx"));
  EXPECT_THAT(run({"best", "--db", file, "--problem", "4x64x128"}).out, HasSubstr("stale: timed by version ancient"));
}

TEST_F(AnswersTest, TablesAreCsvAndMarkdown) {
  const auto file = make("a.db", a64fx(), {timed("4x64x128", kA, 1024)});
  EXPECT_THAT(run({"best", "--db", file, "--problem", "4x64x128", "--csv"}).out,
              testing::StartsWith("asked,rule,distance,expected_loss,problem,cycles,percent_of_peak,error,config,timer,"
                                  "timer_version,machine,when,stale,id\n4x64x128,exact,0.0000,0.000000,4x64x128,1024,"
                                  "100.00,1.0e-07," +
                                  canonical(kA) + ",counters,1,\"a64fx, 512 bits, clang 19.1.7\","));
  EXPECT_THAT(run({"history", "--db", file, "--problem", "4x64x128", "--markdown"}).out,
              testing::StartsWith("| when | cycles | change % |"));
  const Ran both = run({"best", "--db", file, "--problem", "4x64x128", "--csv", "--json"});
  EXPECT_EQ(both.code, 2);
  EXPECT_THAT(both.err, HasSubstr("give one of --json, --csv and --markdown"));
}

TEST_F(AnswersTest, ShowPrintsAnEvaluationInFull) {
  auto row = timed("4x64x128", kA, 0);
  row.samples = {1000, 1010, 1030};
  row.warnings = {"governor"};
  const auto file = make("a.db", a64fx(), {row});
  const Ran by_text = run({"show", "--db", file, "--problem", "4x64x128", "--config", kA, "--json"});
  const auto json = Json::parse(by_text.out);
  EXPECT_EQ(json[0]["samples"], Json({1000, 1010, 1030}));
  EXPECT_EQ(json[0]["cycles"], 1010);
  EXPECT_EQ(json[0]["machine"]["flags"], "-O2 -march=armv8.2-a+sve");
  EXPECT_EQ(json[0]["sweep"]["seed"], "7");
  EXPECT_EQ(json[0]["warnings"], Json({"governor"}));
  const auto id = std::to_string(json[0]["id"].get<int>());
  EXPECT_EQ(run({"show", id, "--db", file, "--json"}).out, by_text.out);
  EXPECT_THAT(run({"show", id, "--db", file}).out,
              HasSubstr("3, least 1000, median 1010, largest 1030, median absolute deviation 10.00"));
  EXPECT_EQ(run({"show", "77", "--db", file}).code, 2);
  EXPECT_EQ(run({"show", "--db", file, "--problem", "4x64x128", "--config", kB}).code, 2);
}

TEST_F(AnswersTest, CompareEndsWithOneOnARegression) {
  const auto a =
      make("a.db", a64fx(), {timed("4x64x128", kA, 1000), timed("8x64x128", kA, 2000), timed("1x1x1", kA, 5)});
  const auto b =
      make("b.db", a64fx("new"), {timed("4x64x128", kB, 900), timed("8x64x128", kA, 2100), timed("2x1x1", kA, 5)});
  const Ran ran = run({"compare", a, b, "--json"});
  EXPECT_EQ(ran.code, 1);
  const auto json = Json::parse(ran.out);
  EXPECT_EQ(json["wins"], 1);
  EXPECT_EQ(json["losses"], 1);
  EXPECT_EQ(json["regressions"], 1);
  EXPECT_EQ(json["only_a"], Json({"1x1x1"}));
  EXPECT_EQ(json["only_b"], Json({"2x1x1"}));
  EXPECT_NEAR(json["mean_change"].get<double>(), std::sqrt(0.9 * 1.05) - 1, 1e-12);
  EXPECT_EQ(json["problems"][1]["verdict"], "regression");
  EXPECT_EQ(run({"compare", a, b, "--noise", "6"}).code, 0);
  EXPECT_EQ(run({"compare", b, a, "--problem", "8x64x128"}).code, 0);
  EXPECT_EQ(run({"compare", a, a}).code, 0);
  EXPECT_EQ(run({"compare", a, folder_ / "none.db"}).code, 2);
}

TEST_F(AnswersTest, TheNoiseComesFromTheSamples) {
  // MAD 10, median 1000, four samples: 3 * 1.4826 * 1.2533 * 10 / 2 / 1000
  EXPECT_NEAR(relative_noise({980, 990, 1010, 1010}), 3 * 1.4826 * 1.2533 * 10 / 2 / 1000, 1e-12);
  EXPECT_EQ(relative_noise({1000}), 0);
  auto before = timed("4x64x128", kA, 0), after = before;
  before.samples = {980, 990, 1010, 1010};
  after.samples = {1010, 1020, 1040, 1040};  // 3 % slower; the noise is 3.9 %
  const auto a = make("a.db", a64fx(), {before}), b = make("b.db", a64fx(), {after});
  EXPECT_EQ(run({"compare", a, b}).code, 0);
  EXPECT_THAT(run({"compare", a, b}).out, HasSubstr("loss within noise"));
}

TEST_F(AnswersTest, SweepsOfOneDatabaseAreComparedAndMakeAHistory) {
  const auto file = make("a.db", a64fx("old"), {timed("4x64x128", kA, 1000)});
  make("a.db", a64fx("new"), {timed("4x64x128", kB, 1100)});
  EXPECT_EQ(run({"compare", file + "@previous", file + "@last"}).code, 1);
  EXPECT_EQ(run({"compare", file + "@last", file + "@previous"}).code, 0);
  EXPECT_EQ(run({"compare", file + "@last", file + "@ffffffffff"}).code, 2);
  const auto json = Json::parse(run({"history", "--db", file, "--problem", "4x64x128", "--json"}).out);
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0]["cycles"], 1000);
  EXPECT_EQ(json[0]["change"], nullptr);
  EXPECT_NEAR(json[1]["change"].get<double>(), 0.1, 1e-12);
  EXPECT_THAT(json[1]["machine"].get<std::string>(), HasSubstr("512 bits, new"));
}

TEST_F(AnswersTest, MergeSaysWhatItDid) {
  const auto a = make("a.db", a64fx(), {timed("4x64x128", kA, 1000)});
  const auto b = make("b.db", a64fx(), {timed("4x64x128", kA, 1000), timed("4x64x128", kB, 900)});
  const auto json = Json::parse(run({"merge", folder_ / "out.db", a, b, "--json"}).out);
  EXPECT_EQ(json["added"], 2);
  EXPECT_EQ(json["known"], 1);
  EXPECT_EQ(json["conflicts"], 0);
  EXPECT_EQ(run({"merge", folder_ / "out.db"}).code, 2);
  EXPECT_EQ(run({"merge"}).code, 2);
}

}  // namespace
}  // namespace svetune::app
