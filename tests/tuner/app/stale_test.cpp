// Evaluations whose kernels have changed are shown as stale and measured again; others are left alone. The changes are
// made in a copy of the runner's file, as a new build would make them.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "fixture.hpp"
#include "measure/emulator.hpp"
#include "measure/kernel_image.hpp"
#include "measure/runner_process.hpp"

namespace svetune::app {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

constexpr const char* kProblem = "4x32x64";

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Offset of an address of the program in its file.
std::size_t offset_of(const std::string& program, std::uint64_t address) {
  Elf64_Ehdr header{};
  std::memcpy(&header, program.data(), sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    std::memcpy(&segment, program.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address < segment.p_vaddr + segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  }
  ADD_FAILURE() << "no such address";
  return 0;
}

// Exchanges the factors of the first FMLA (vectors) at or after an address: the same result, another code.
void change_code(std::string& program, std::uint64_t address) {
  for (std::size_t at = offset_of(program, address);; at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, program.data() + at, sizeof word);
    const std::uint32_t n = word >> 5U & 31U, m = word >> 16U & 31U;
    if ((word & 0xFFE0E000U) != 0x65A00000U || n == m) continue;
    word = (word & ~(31U << 5U | 31U << 16U)) | m << 5U | n << 16U;
    std::memcpy(program.data() + at, &word, sizeof word);
    return;
  }
}

class StaleTest : public testing::Test {
 protected:
  StaleTest() : program_(read(SVETUNE_BIN_DIR "/svetune-runner")) { build(); }

  void build() {
    std::filesystem::remove(runner_);  // another file: the old one may still run
    std::ofstream(runner_, std::ios::binary) << program_;
    std::filesystem::permissions(runner_, std::filesystem::perms(0755));
  }

  Json sweep() {
    const Ran ran = run_with(runner_, {"sweep", "--problem", kProblem, "--strategy", "separate", "--search", "random",
                                       "--evals", "60", "--db", file_, "--json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.code == 0 ? Json::parse(ran.out) : Json();
  }

  Json best() {
    return Json::parse(run_with(runner_, {"best", "--db", file_, "--problem", kProblem, "--top", "60", "--json"}).out);
  }

  // Places of the code of each stored configuration.
  std::map<std::string, std::vector<std::uint64_t>> places() {
    std::map<std::string, std::vector<std::uint64_t>> places;
    const char* path = std::getenv("PATH");
    measure::RunnerCommand command{measure::emulator_command(measure::find_emulator("", path), 512), {}};
    command.words.insert(command.words.end(), {runner_, "verify"});
    measure::RunnerProcess runner(command);
    db::Store(file_, db::Store::Mode::read_only).each([&](const db::Evaluation& row) {
      const auto reply =
          runner.ask({kProblem, to_text(row.config), 1}, measure::Clock::now() + std::chrono::minutes(1));
      places[to_text(row.config)] = std::get<measure::Answer>(reply).addresses("code");
    });
    return places;
  }

  Folder folder_;
  const std::string runner_ = folder_ / "runner", file_ = folder_ / "a.db";
  std::string program_;
};

TEST_F(StaleTest, ChangedKernelsAloneAreMeasuredAgain) {
  EXPECT_EQ(sweep()["evaluations"], 60);
  const auto code = places();
  ASSERT_EQ(code.size(), 60U);
  // A GEMM tile that some configurations use and others do not.
  std::map<std::uint64_t, std::size_t> users;
  for (const auto& [config, list] : code) {
    for (const std::uint64_t place : list) ++users[place];
  }
  const auto changed = std::ranges::find_if(users, [](const auto& use) { return use.second > 3 && use.second < 20; });
  ASSERT_NE(changed, users.end());
  change_code(program_, changed->first);
  build();

  std::size_t stale = 0;
  for (const Json& answer : best()) {
    const bool uses = std::ranges::count(code.at(answer["config"].get<std::string>()), changed->first) != 0;
    EXPECT_EQ(answer["stale"], uses) << answer["config"];
    EXPECT_THAT(answer["stale_reason"].get<std::string>(), HasSubstr(uses ? "code of its kernels has changed" : ""));
    stale += uses ? 1 : 0;
  }
  EXPECT_EQ(stale, changed->second);
  const Json again = sweep();
  EXPECT_EQ(again["problems"][0]["stale"], changed->second);
  EXPECT_EQ(again["evaluations"], changed->second);
  EXPECT_EQ(again["problems"][0]["reused"], 60 - changed->second);
  for (const Json& answer : best()) EXPECT_EQ(answer["stale"], false);
  EXPECT_EQ(sweep()["evaluations"], 0);
}

TEST_F(StaleTest, AnotherRevisionOfTheSameKernelsIsNotMeasuredAgain) {
  sweep();
  const std::string revision = best()[0]["source_revision"];
  ASSERT_GT(revision.size(), 6U);
  std::size_t found = 0;
  for (std::size_t at = program_.find(revision); at != std::string::npos; at = program_.find(revision, at + 1), ++found)
    program_.replace(at, revision.size(), std::string(revision.size(), '7'));
  ASSERT_GT(found, 0U);
  build();
  EXPECT_EQ(sweep()["evaluations"], 0);
  EXPECT_EQ(best()[0]["stale"], false);
  EXPECT_EQ(best()[0]["source_revision"], revision);  // of the sweep that measured
}

// The runner with faulty strategies has other functions in front of, between and behind the same kernels.
TEST_F(StaleTest, WhereTheLinkerPutsAKernelDoesNotMatter) {
  sweep();
  EXPECT_NE(program_.size(), read(SVETUNE_BIN_DIR "/svetune-runner-faults").size());
  const Ran ran =
      run_with("svetune-runner-faults", {"best", "--db", file_, "--problem", kProblem, "--top", "60", "--json"});
  for (const Json& answer : Json::parse(ran.out)) EXPECT_EQ(answer["stale"], false) << answer["config"];
}

TEST_F(StaleTest, WithoutARunnerNothingIsCalledFresh) {
  sweep();
  const Ran ran = run_with("no-such-runner", {"best", "--db", file_, "--problem", kProblem});
  EXPECT_THAT(ran.out, HasSubstr("could not be compared with this program's"));
}

TEST_F(StaleTest, ADamagedRunnerIsRefusedWithTheRemedy) {
  const auto error = [&] {
    build();
    try {
      measure::KernelImage::read(runner_);
    } catch (const InputError& thrown) {
      return std::string(thrown.what());
    }
    return std::string("none");
  };
  const std::string whole = program_;
  program_[program_.find(std::string(".svetune_text") + '\0') + 1] = 'x';
  EXPECT_THAT(error(), HasSubstr("has no section .svetune_text; build it again with scripts/build"));
  program_ = whole.substr(0, whole.size() / 2);
  EXPECT_THAT(error(), HasSubstr("is cut short"));
  program_ = "no program" + std::string(100, '.');
  EXPECT_THAT(error(), HasSubstr("is no aarch64 program"));
}

}  // namespace
}  // namespace svetune::app
