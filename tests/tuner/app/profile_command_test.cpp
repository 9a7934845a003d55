// svetune profile on real programs; what they execute is known by counting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;

struct Ran {
  int code = 0;
  std::string out, err;
};

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// `words` go through a shell, so that a test may redirect streams.
Ran profile(const std::string& words) {
  const std::string base =
      (std::filesystem::temp_directory_path() / ("svetune-profile-" + std::to_string(getpid()))).string();
  const std::string command = SVETUNE_BIN_DIR "/svetune profile " + words + " >" + base + ".out 2>" + base + ".err";
  const int status = std::system(command.c_str());
  Ran ran{WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(base + ".out"), text_of(base + ".err")};
  std::filesystem::remove(base + ".out");
  std::filesystem::remove(base + ".err");
  return ran;
}

Json profile_json(const std::string& words, int code = 10) {
  const Ran ran = profile("--json " + words);
  EXPECT_EQ(ran.code, code) << ran.err;
  return Json::parse(ran.out);
}

const std::string kPrograms = PROGRAMS "/";

class EachKindOfProgram : public testing::TestWithParam<const char*> {};

// count(n): 2 + 3 n instructions, called with 10, 11 and 12.
TEST_P(EachKindOfProgram, InstructionsAndCallsAreCounted) {
  const Json json = profile_json("--symbol count -- " + kPrograms + GetParam() + " count 10");
  ASSERT_EQ(json["calls"].size(), 3U);
  EXPECT_EQ(json["calls"][0]["instructions"], 32);
  EXPECT_EQ(json["calls"][1]["instructions"], 35);
  EXPECT_EQ(json["calls"][2]["instructions"], 38);
  EXPECT_EQ(json["total"]["instructions"], 105);
  ASSERT_EQ(json["code"].size(), 5U);
  EXPECT_EQ(json["code"][0]["place"], "count");
  EXPECT_EQ(json["code"][0]["executions"], 3);
  EXPECT_EQ(json["code"][1]["executions"], 33);
  EXPECT_EQ(json["code"][1]["text"], "add x1, x1, #1");
}

INSTANTIATE_TEST_SUITE_P(Profile, EachKindOfProgram, testing::Values("static", "static_pie", "dynamic", "dynamic_pie"));

TEST(Profile, AFunctionOfALibrary) {
  const Json json = profile_json("--symbol spin -- " + kPrograms + "uses_library", 0);
  EXPECT_EQ(json["symbols"][0]["calls"], 4);
  EXPECT_EQ(json["total"]["instructions"], 4 * 2 + 2 * (100 + 200 + 300 + 400));
}

// The outermost call alone is a call; all entries are executions of the first instruction. fib(10) = 55, fib(11) = 89.
TEST(Profile, RecursionIsOneCall) {
  const Json json = profile_json("--symbol fib -- " + kPrograms + "dynamic_pie fib 10");
  EXPECT_EQ(json["calls"].size(), 1U);
  EXPECT_GE(json["total"]["instructions"], 177);
}

TEST(Profile, CalleesAreFollowed) {
  const Json in_library = profile_json("--symbol copies -- " + kPrograms + "dynamic_pie copies 10");
  EXPECT_EQ(in_library["calls"].size(), 1U);
  EXPECT_GE(in_library["total"]["instructions"], 1000 / 64);
}

TEST(Profile, ACallThroughAPointerIsFollowed) {
  const Json json = profile_json("--symbol through_pointer,count -- " + kPrograms + "static pointer 10");
  EXPECT_EQ(json["calls_counted"], 1);  // count runs inside of it
  EXPECT_GE(json["total"]["instructions"], 32 + 2);
}

TEST(Profile, DependentLoadsInABlock) {
  const Json json = profile_json("--symbol chase -- " + kPrograms + "dynamic chase 10");
  EXPECT_EQ(json["calls_counted"], 5);
  EXPECT_EQ(json["total"]["instructions"], 5 * 5);  // four loads and a return
}

// The loop's counter is in memory, and the function one block: what the emulator logs is the same line again and again.
TEST(Profile, CallsThatFindTheSameRegistersAreCalls) {
  const Json json = profile_json("--symbol same -- " + kPrograms + "static same 10");
  EXPECT_EQ(json["calls_counted"], 10);
  EXPECT_EQ(json["total"]["instructions"], 10 * 2);
}

TEST(Profile, SystemCallsAreFollowed) {
  const Json json = profile_json("--symbol says -- " + kPrograms + "static says 10");
  EXPECT_EQ(json["calls_counted"], 1);
}

TEST(Profile, CallsLimitCountsFromOneAndEndsTheProgram) {
  const Json json = profile_json("--symbol count --calls 2-2 -- " + kPrograms + "static count 10", 0);
  ASSERT_EQ(json["calls"].size(), 1U);
  EXPECT_EQ(json["calls"][0]["call"], 2);
  EXPECT_EQ(json["calls"][0]["instructions"], 35);
  EXPECT_EQ(json["program"]["ended_by_calls_limit"], true);
}

TEST(Profile, StreamsAndExitCodeAreTheProgramsOwn) {
  const Ran ran = profile("--symbol count -- " + kPrograms + "dynamic_pie echo 7 < " SVETUNE_SOURCE_DIR "/VERSION");
  EXPECT_EQ(ran.code, 7);
  EXPECT_THAT(ran.out, StartsWith(text_of(SVETUNE_SOURCE_DIR "/VERSION") + "sum 0\n"));
  EXPECT_THAT(ran.out, HasSubstr("hottest instructions"));
}

TEST(Profile, ACrashIsReportedWithWhatRanBefore) {
  const Ran ran = profile("--json --symbol count,crashes -- " + kPrograms + "static crash 10");
  EXPECT_EQ(ran.code, 128 + 11);
  const Json json = Json::parse(ran.out);
  EXPECT_EQ(json["symbols"][0]["instructions"], 32);
  EXPECT_EQ(json["program"]["signal"], 11);
}

TEST(Profile, AnAddressStandsForAStrippedSymbol) {
  const Json code = profile_json("--symbol count -- " + kPrograms + "static count 10")["code"];
  std::FILE* nm = popen(("nm " + kPrograms + "static | awk '$3 == \"count\" {print $1}'").c_str(), "r");
  std::array<char, 64> line{};
  ASSERT_NE(std::fgets(line.data(), line.size(), nm), nullptr);
  pclose(nm);
  const std::string address = std::string(line.data()).substr(0, 16);
  const Json json = profile_json("--symbol 0x" + address + "+20 -- " + kPrograms + "stripped count 10");
  EXPECT_EQ(json["total"]["instructions"], 105);
}

TEST(Profile, BadInputNamesTheRemedy) {
  const std::pair<std::string, const char*> cases[] = {
      {"--symbol nosuch -- " + kPrograms + "static", "no symbol 'nosuch'"},
      {"--symbol never -- " + kPrograms + "static", "never was never called"},
      {"-- " + kPrograms + "static", "needs --symbol"},
      {"--symbol count", "needs a program behind --"},
      {"--symbol count -- /nowhere/program", "cannot be read"},
      {"--symbol count -- /bin/sh", "not for aarch64"},
      {"--symbol count --calls 3-2 -- " + kPrograms + "static", "FIRST-LAST"},
      {"--symbol count --calls 9 -- " + kPrograms + "static count", "there were 3"},
      {"--symbol 0x10+4 -- " + kPrograms + "static", "is no code"},
      {"--symbol count,count -- " + kPrograms + "static", "the same code"},
      {"--symbol count --sysroot /nowhere -- " + kPrograms + "dynamic", "--sysroot"},
      {"--symbol count --machine x -- " + kPrograms + "static", "unknown machine"},
  };
  for (const auto& [words, message] : cases) {
    const Ran ran = profile(words);
    EXPECT_EQ(ran.code, 2) << words;
    EXPECT_THAT(ran.err, HasSubstr(message)) << words;
  }
}

}  // namespace
