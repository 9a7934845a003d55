// Cache files of Kernel Tuner: out, in again, as it writes them itself, interrupted ones, and what is none.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../../db/fixture.hpp"
#include "app/kernel_tuner_cache.hpp"
#include "fixture.hpp"

namespace svetune::app {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

const std::string kA = "strategy=separate mr=4 nr=4", kB = "strategy=separate mr=4 nr=2",
                  kC = "strategy=separate mr=2 nr=2";

// As Kernel Tuner 1.4 writes one of a space with two of our axes (../shared/autotuners.md), without its end.
const std::string kTheirs = R"({
"device_name": "A64FX",
"kernel_name": "attention",
"problem_size": [4, 64, 128],
"tune_params_keys": ["strategy", "mr", "nr"],
"tune_params": {"strategy": ["separate"], "mr": [2, 4], "nr": [2, 4]},
"objective": "time",
"cache": {
"separate,4,4": {"strategy": "separate", "mr": 4, "nr": 4, "time": 0.002, "times": [0.0021, 0.002, 0.002], "compile_time": 1.5,
 "verification_time": 0, "benchmark_time": 2.25, "strategy_time": 0, "framework_time": 0.5, "timestamp": "2026-11-24 10:00:00.123456+00:00"},
"separate,4,2": {"strategy": "separate", "mr": 4, "nr": 2, "time": "InvalidConfig", "__error__": "InvalidConfig",
 "timestamp": "2026-11-24 10:00:01+00:00"},
"separate,2,2": {"strategy": "separate", "mr": 2, "nr": 2, "time": "RuntimeFailedConfig", "__error__": "RuntimeFailedConfig"})";

class Interchange : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::ofstream(folder_ / "cache.json") << text;
    return folder_ / "cache.json";
  }
  Ran import(const std::string& file) {
    return run_with("svetune-runner",
                    {"import", file, "--db", folder_ / "in.db", "--processor", "a64fx", "--mhz", "2000"});
  }
  Folder folder_;
};

void expect_theirs(const KernelTunerCache& cache) {
  EXPECT_EQ(to_text(cache.problem), "4x64x128");
  EXPECT_EQ(cache.device, "A64FX");
  ASSERT_EQ(cache.rows.size(), 3U);
  for (const db::Evaluation& row : cache.rows) {
    if (row.config.mr == 4 && row.config.nr == 4) {
      EXPECT_EQ(row.status, db::Status::ok);
      EXPECT_DOUBLE_EQ(*row.cycles, 2000);
      EXPECT_EQ(row.samples.size(), 3U);
      EXPECT_EQ(row.when, "2026-11-24T10:00:00Z");
    } else {
      EXPECT_EQ(row.status, row.config.mr == 4 ? db::Status::rejected : db::Status::crashed);
      EXPECT_FALSE(row.cycles.has_value());
    }
  }
}

TEST_F(Interchange, ReadsWhatKernelTunerWritesWholeAndInterrupted) {
  for (const char* end : {"}\n}", "}}", "", ",", ",\n"}) expect_theirs(read_kernel_tuner(write(kTheirs + end)));
}

TEST_F(Interchange, ImportStoresCyclesAtTheClockThatWasNamed) {
  const Ran ran = import(write(kTheirs + "}}"));
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("3 evaluations of 4x64x128 added, 0 known"));
  EXPECT_THAT(import(folder_ / "cache.json").out, HasSubstr("0 evaluations of 4x64x128 added, 3 known"));
  const db::Store store(folder_ / "in.db", db::Store::Mode::read_only);
  const auto best = store.best({}, 5);
  ASSERT_EQ(best.size(), 1U);
  EXPECT_DOUBLE_EQ(*best.front().cycles, 4000);
  EXPECT_EQ(best.front().timer, "kernel-tuner");
  const Ran asked = run_with("svetune-runner", {"best", "--db", folder_ / "in.db", "--problem", "4x64x128", "--json"});
  EXPECT_TRUE(Json::parse(asked.out)[0]["stale"]) << asked.out;
}

TEST_F(Interchange, WhatIsExportedComesBack) {
  auto ok = db::timed("4x64x128:accuracy=low", kA, 1300.5);
  auto late = ok, wrong = ok;
  late.config = parse_configuration(kB);
  late.status = db::Status::timed_out;
  wrong.config = parse_configuration(kC);
  wrong.status = db::Status::wrong_result;
  for (auto* failed : {&late, &wrong}) {
    failed->cycles.reset();
    failed->samples.clear();
  }
  {
    db::Store store(folder_ / "a.db", db::Store::Mode::read_write);
    const auto session = store.begin_sweep(db::a64fx(), {"counters", "1"}, "svetune sweep", 7);
    for (const auto& row : {ok, late, wrong}) store.add(session, row);
  }
  const std::string file = folder_ / "out.json";
  ASSERT_EQ(run_with("svetune-runner", {"export", "kernel-tuner", "--db", folder_ / "a.db", "-o", file}).code, 0);
  const KernelTunerCache cache = read_kernel_tuner(file);
  EXPECT_EQ(to_text(cache.problem), "4x64x128:accuracy=low");
  ASSERT_EQ(cache.rows.size(), 3U);
  const double ghz = db::a64fx().clock_ghz;  // what an import is told by --mhz
  for (const db::Evaluation& row : cache.rows) {
    const auto same = [&](const db::Evaluation& other) { return to_text(other.config) == to_text(row.config); };
    const std::vector<db::Evaluation> all{ok, late, wrong};
    const auto was = std::ranges::find_if(all, same);
    ASSERT_NE(was, all.end()) << to_text(row.config);
    EXPECT_EQ(row.status, was->status);
    EXPECT_EQ(row.samples.size(), was->samples.size());
    EXPECT_NEAR(row.cycles.value_or(0) * ghz, was->cycles.value_or(was->samples.empty() ? 0 : was->samples.front()),
                1e-6);
  }
  // T4 has a word for each of them.
  const Ran t4 = run_with("svetune-runner", {"export", "t4", "--db", folder_ / "a.db"});
  const Json json = Json::parse(t4.out);
  std::vector<std::string> words;
  for (const Json& result : json.at("results")) words.push_back(result["invalidity"]);
  EXPECT_THAT(words, testing::UnorderedElementsAre("correct", "timeout", "correctness"));
}

TEST_F(Interchange, WhatIsNoCacheFileIsRefusedAndStoresNothing) {
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string("{\"cache\": {}}"), kTheirs.substr(0, kTheirs.size() / 2),
        std::string(kTheirs).replace(kTheirs.find("0.002"), 5, "-1.00"),
        std::string(kTheirs).replace(kTheirs.find("separate\", \"mr\": 4"), 8, "somewhat") + "}}"}) {
    const Ran ran = import(write(text));
    EXPECT_EQ(ran.code, 2) << text;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "in.db")) << text;
  }
  EXPECT_THAT(import(folder_ / "none.json").err, HasSubstr("cannot read"));
}

}  // namespace
}  // namespace svetune::app
