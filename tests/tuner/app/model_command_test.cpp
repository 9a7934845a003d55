// svetune model: steady cycles against latencies and rates of the manual, regions, bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/application.hpp"

namespace svetune::app {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran model(const std::string& text, std::vector<std::string> options = {}) {
  const auto folder = std::filesystem::temp_directory_path() / ("svetune-model-test-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "loop.s").string();
  std::ofstream(file) << text;
  std::ostringstream out, err;
  options.insert(options.begin(), {"model", file});
  Ran ran;
  ran.code = run(options, Environment{out, err, ""});
  ran.out = out.str();
  ran.err = err.str();
  std::filesystem::remove_all(folder);
  return ran;
}

Json first_region(const std::string& text, std::vector<std::string> options = {}) {
  options.emplace_back("--json");
  const Ran ran = model(text, options);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return Json::parse(ran.out)["regions"][0];
}

// MM p.92-135: FADD 9, FMAX 4 cycles; a chain of one runs at its latency.
TEST(ModelCommand, AChainRunsAtItsLatency) {
  EXPECT_EQ(first_region("fadd z0.s, z0.s, z1.s\n")["cycles_per_iteration"], 9.0);
  EXPECT_EQ(first_region("fmax z0.s, p0/m, z0.s, z1.s\n")["cycles_per_iteration"], 4.0);
}

TEST(ModelCommand, CausesAndFullCyclesAreAllCycles) {
  const Json loop = first_region("1: fmla z0.s, p0/m, z1.s, z2.s\nld1w {z3.s}, p0/z, [x0]\nsubs x1, x1, #1\nb.ne 1b\n");
  std::uint64_t sum = loop["full_dispatch_cycles"];
  for (const auto& [cause, lost] : loop["lost_dispatch"].items()) sum += lost.get<std::uint64_t>();
  EXPECT_EQ(sum, loop["cycles"]);
  EXPECT_EQ(loop["instructions"].get<std::uint64_t>(), 4 * loop["measured_iterations"].get<std::uint64_t>());
}

TEST(ModelCommand, ReadsWhatCompilersWrite) {
  const Json loop = first_region(
      "\t.arch armv8.2-a+sve\n\t.text\n\t.globl f\n\t.type f, %function\nf:\n.LFB0:\n\t.cfi_startproc\n.L3: // a "
      "comment\n"
      "\tld1w z0.s, p0/z, [x1, x3, lsl 2]\n\tincw x3\n\twhilelo p0.s, w3, w2\n\tb.any .L3\n\t.cfi_endproc\n\t.size f, "
      ".-f\n");
  EXPECT_EQ(loop["instructions_per_iteration"], 4);
}

TEST(ModelCommand, RegionsAreApart) {
  const Ran ran = model(
      "mov x9, x9\n# LLVM-MCA-BEGIN chain\nfadd z0.s, z0.s, z1.s\n# LLVM-MCA-END chain\n"
      "// LLVM-MCA-BEGIN two\nfmax z0.s, p0/m, z0.s, z1.s\nfmax z0.s, p0/m, z0.s, z1.s\n// LLVM-MCA-END\n",
      {"--json"});
  const Json regions = Json::parse(ran.out)["regions"];
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_EQ(regions[0]["name"], "chain");
  EXPECT_EQ(regions[0]["cycles_per_iteration"], 9.0);
  EXPECT_EQ(regions[1]["name"], "two");
  EXPECT_EQ(regions[1]["cycles_per_iteration"], 8.0);
}

TEST(ModelCommand, TimelineOrdersTheStages) {
  const Json loop =
      first_region("fadd z0.s, z0.s, z1.s\nmovprfx z2, z3\nfmla z2.s, p0/m, z0.s, z1.s\n", {"--timeline", "6"});
  ASSERT_EQ(loop["timeline"].size(), 4U);  // six instructions, of which two are prefixes
  for (const Json& op : loop["timeline"]) {
    EXPECT_LE(op["dispatched"], op["issued"]);
    EXPECT_LT(op["issued"], op["completed"]);
    EXPECT_LE(op["completed"], op["committed"]);
  }
  EXPECT_GE(loop["timeline"][1]["issued"], loop["timeline"][0]["completed"]);  // reads z0
  EXPECT_THAT(loop["timeline"][1]["instruction"].get<std::string>(), HasSubstr("movprfx z2, z3"));
}

TEST(ModelCommand, PerfettoFileIsTraceEvents) {
  const auto file = std::filesystem::temp_directory_path() / ("svetune-perfetto-" + std::to_string(getpid()) + ".json");
  EXPECT_EQ(model("fadd z0.s, z0.s, z1.s\n", {"--perfetto", file.string(), "--timeline=5"}).code, 0);
  std::ifstream in(file);
  const Json trace = Json::parse(in);
  std::filesystem::remove(file);
  std::size_t issues = 0;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] == "X" && event["pid"] == 1) ++issues;
    if (event["ph"] == "X") {
      EXPECT_GE(event["dur"].get<std::int64_t>(), 0);
    }
  }
  EXPECT_EQ(issues, 5U);
}

TEST(ModelCommand, BadInputNamesTheRemedy) {
  const std::pair<Ran, const char*> cases[] = {
      {model("nop\nfoo x1\n"), "loop.s:2: "},
      {model(""), "no instructions"},
      {model("# LLVM-MCA-END\nnop\n"), "without an open LLVM-MCA-BEGIN"},
      {model("nop\n", {"--machine", "a65fx"}), "known are: a64fx"},
      {model("nop\n", {"--iterations", "0"}), "--iterations"},
      {model("nop\n", {"--timeline=x"}), "--timeline"},
  };
  for (const auto& [ran, words] : cases) {
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr(words));
    EXPECT_TRUE(ran.out.empty()) << ran.out;
  }
}

}  // namespace
}  // namespace svetune::app
