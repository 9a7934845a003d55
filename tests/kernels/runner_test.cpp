// The runner under the emulator at the three vector lengths: every tile and strategy, verified by the runner itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "micro/micro_kernels.hpp"
#include "space/configuration.hpp"

namespace svetune {
namespace {

struct Processor {
  unsigned bits;
  const char* options;
};

std::string run(const std::string& program, const Processor& processor, const std::string& mode,
                const std::string& input) {
  const std::string file = testing::TempDir() + "svetune_runner_" + std::to_string(processor.bits) + "_" + mode +
                           std::to_string(getpid());  // tests run side by side
  std::ofstream(file) << input;
  // Without the host's FMA the emulator's own fused multiply-add is exact in software, and on many machines faster.
  const std::string command = "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA qemu-aarch64 -cpu " +
                              std::string(processor.options) + " " SVETUNE_BIN_DIR "/" + program + " " + mode + " < " +
                              file;
  std::string output;
  auto* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::system_error(errno, std::generic_category(), "popen");
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  pclose(pipe);
  return output;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    result.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

class Runner : public testing::TestWithParam<Processor> {};

TEST_P(Runner, Describes) {
  const auto text = run("svetune-runner", GetParam(), "describe", "");
  EXPECT_THAT(text, testing::HasSubstr("protocol=1\tvector_bits=" + std::to_string(GetParam().bits) + "\t"));
  EXPECT_THAT(text, testing::HasSubstr("\trevision="));
}

// A problem with ragged ends everywhere, high and wide enough for every tile; then one of a vector or less.
TEST_P(Runner, VerifiesEveryTileAndStrategy) {
  const int lanes = static_cast<int>(GetParam().bits / 32);
  const auto wide = "13x" + std::to_string(2 * lanes + 3) + "x" + std::to_string(7 * lanes - 1);
  std::string input;
  std::vector<std::string> asked;
  for (const auto& text : {wide, wide + ":accuracy=low", wide + ":accuracy=medium", wide + ":accuracy=high",
                           wide + ":sums", std::string("3x5x2:sums"), wide + ":softmax", std::string("3x5x2:softmax"),
                           std::string("3x5x2"), std::string("1x1x1")}) {
    for (const auto& strategy : strategies()) {
      for (const auto& config : enumerate({parse_problem(text), GetParam().bits}, strategy.name)) {
        const bool seen_before = text.find("accuracy") != std::string::npos && config.exp2 == SVETUNE_EXP2_FEXPA;
        // Of panels every generated kernel once, and the rest of its axes by samples.
        const bool same_panel = strategy.id == SVETUNE_PANELS &&
                                (config.exp2_unroll != 4 || config.k_block != 0 ||
                                 config.columns != SVETUNE_COLUMNS_WIDE || config.v_pack != 0 || config.prefetch != 0);
        const bool same_kernels =
            strategy.id == SVETUNE_SEPARATE || config.order == SVETUNE_ORDER_COLUMNS || same_panel;
        const std::size_t share = strategy.id == SVETUNE_PANELS ? 71 : 7;
        if (seen_before || (same_kernels && (asked.size() + input.size()) % share != 0)) continue;
        asked.push_back(text + " " + to_text(config));
        input += std::to_string(asked.size() - 1) + "\t" + text + "\t5\t" + to_text(config) + "\n";
      }
    }
  }
  const auto answers = lines(run("svetune-runner", GetParam(), "verify", input));
  ASSERT_EQ(answers.size(), asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i)
    EXPECT_THAT(answers[i], testing::StartsWith(std::to_string(i) + "\tstatus=ok\t")) << asked[i];
}

// P is checked in a corner of a large problem: whole multiples of 16, and what is one more or less.
TEST_P(Runner, VerifiesLargeProblems) {
  std::string input;
  for (const auto* text : {"16x128x16", "17x129x16", "32x144x16", "64x128x128", "31x127x16"})
    input += "a\t" + std::string(text) + "\t1\tstrategy=separate\n";
  EXPECT_THAT(lines(run("svetune-runner", GetParam(), "verify", input)),
              testing::AllOf(testing::SizeIs(5), testing::Each(testing::StartsWith("a\tstatus=ok\t"))));
}

TEST_P(Runner, TracesAndMeasures) {
  const std::string input =
      "a\t4x16x16\t1\tstrategy=fused\nb\t4xx\t1\tstrategy=fused\nc\t4x16x16\t1\tstrategy=fused exp2=study\n";
  EXPECT_THAT(
      lines(run("svetune-runner", GetParam(), "trace", input)),
      testing::ElementsAre(testing::StartsWith("a\tstatus=ok"), testing::HasSubstr("status=rejected\tdetail=problem"),
                           testing::HasSubstr("status=rejected\tdetail=accuracy")));
  EXPECT_THAT(run("svetune-runner", GetParam(), "clock", input), testing::HasSubstr("\tsamples="));
}

// Every entry of the tables of micro-kernels by itself: guard pages, d8-d15, results (kernel_check.cpp).
TEST_P(Runner, ChecksEveryMicroKernel) {
  int gemm = 0, fused = 0, panels = 0, behind_exp2 = 0, interleaved = 0;
  for (int mr = 1; mr <= kMaxTileRows; ++mr) {
    for (int nr = 1; nr <= kMaxTileVectors; ++nr) {
      gemm += gemm_tile_fits(mr, nr) ? 3 : 0;    // unrolls
      fused += fused_tile_fits(mr, nr) ? 4 : 0;  // methods
      for (int parts = 1; parts <= kMaxInterleavedParts; ++parts)
        interleaved += interleaved_fits(mr, nr, parts) ? 1 : 0;
      if (!panel_fits(mr, nr, 1)) continue;
      const int plain = 2 * (1 + (panel_sets(mr, nr, 2) > 1 ? 1 : 0) + (panel_sets(mr, nr, 3) > 2 ? 1 : 0)) +
                        (panel_has_columns(mr, nr, 1) ? 2 : 0);
      panels += plain;
      behind_exp2 += mr == 4 ? plain : 0;
      panels += panel_has_zigzag(mr, nr, 1, 16) ? 1 : 0;
    }
  }
  const auto expected = "gemm " + std::to_string(gemm) + "\nexp2 40\nexp2_rows 1\nfused " + std::to_string(fused) +
                        "\npanel " + std::to_string(panels) + "\npanel_behind_exp2 " + std::to_string(behind_exp2) +
                        "\npack 6\ninterleaved " + std::to_string(interleaved) + "\nstudy " +
                        (GetParam().bits == 512 ? "3" : "0") + "\n";
  EXPECT_EQ(run("svetune-kernel-check", GetParam(), "", ""), expected);
}

// nc from 1 to 8192, blocks of many lengths, masked and rising rows (softmax_check.cpp).
TEST_P(Runner, SoftmaxIsWithinItsBound) {
  EXPECT_THAT(run("svetune-softmax-check", GetParam(), "", ""),
              testing::MatchesRegex("softmax [0-9]+ calls, at most 0.*\n"));
}

// A sample of what scripts/check-exp2 sweeps: every method's bound in ULP, exact zeros below -126, NaN.
TEST_P(Runner, Exp2IsWithinItsBounds) {
  const auto answer = lines(run("svetune-exp2-sweep", GetParam(), "12", ""));
  EXPECT_THAT(answer, testing::SizeIs(9));
  EXPECT_THAT(answer, testing::Each(testing::AllOf(testing::HasSubstr(" 9216 values: at most "),
                                                   testing::Not(testing::HasSubstr("MISSED")))));
}

INSTANTIATE_TEST_SUITE_P(VectorLengths, Runner,
                         testing::Values(Processor{128, "max,sve128=on,sve-default-vector-length=16"},
                                         Processor{256, "max,sve256=on,sve-default-vector-length=32"},
                                         Processor{512, "a64fx"}));

TEST(RunnerFaults, WrongResultIsSeen) {
  const Processor a64fx{512, "a64fx"};
  EXPECT_THAT(run("svetune-runner-faults", a64fx, "verify", "a\t4x16x16\t1\tstrategy=fault_wrong\n"),
              testing::HasSubstr("status=wrong_result"));
}

TEST(RunnerFaults, BrokenMicroKernelsAreSeen) {
  const Processor a64fx{512, "a64fx"};
  EXPECT_EQ(run("svetune-kernel-check", a64fx, "clobbers", ""), "gemm 2x1 unroll 1: d8-d15 are not preserved\n");
  EXPECT_EQ(run("svetune-kernel-check", a64fx, "overreads", ""),
            "gemm 2x1 unroll 1: touched memory outside of its operands\n");
  EXPECT_EQ(run("svetune-kernel-check", a64fx, "overwrites", ""), "gemm 2x1 unroll 1: wrote between the rows of O\n");
  EXPECT_THAT(run("svetune-kernel-check", a64fx, "miscounts", ""),
              testing::StartsWith("gemm 2x1 unroll 1: O is off by "));
}

}  // namespace
}  // namespace svetune
