// Fetch, branches and commit of the A64FX core model: expectations from the A64FX Microarchitecture Manual, page named.
#include <gmock/gmock.h>

#include "micro_benchmark.hpp"

namespace svetune::model {
namespace {

// Jumps to `targets` places in turn, 256 bytes apart, and back to the first: cycles a jump.
double cycles_a_jump(unsigned targets) {
  MicroBenchmark bench;
  const auto cycles = [&](unsigned rounds) {
    std::string text = "mov x1, #" + std::to_string(rounds) + "\nplace0:\n";
    // NOPs in between are never executed; they keep the jumps apart.
    for (unsigned t = 1; t < targets; ++t)
      text += "b place" + std::to_string(t) + "\n" + repeat("nop\n", 63) + "place" + std::to_string(t) + ":\n";
    text += "subs x1, x1, #1\nb.ne place0\nret\n";
    return bench.run(text).cycles;
  };
  return static_cast<double>(cycles(400) - cycles(200)) / (200.0 * targets);
}

// p.27-31: a taken branch costs 3 bubbles, unless one of the 4 targets of the small buffer hits.
TEST(TakenBranch, CostsThreeBubblesBeyondFourTargets) {
  EXPECT_NEAR(cycles_a_jump(8), 1 + 3, 0.1);
  EXPECT_NEAR(cycles_a_jump(4), 1, 0.1);
}

// p.27-31: a loop of up to 48 instructions runs out of the instruction buffer: 4 instructions a cycle (p.36) and
// nothing else counts. One of 400 is fetched, at 8 a cycle, and its one taken branch is a hit of the target buffer.
TEST(LoopBuffer, LeavesDispatchAsTheOnlyLimit) {
  const MicroBenchmark bench;
  const auto cycles = [&](unsigned body, unsigned rounds) {
    return bench
        .run("mov x1, #" + std::to_string(rounds) + "\nnop\nnop\nnop\nagain:\n" + repeat("nop\n", body - 2) +
             "subs x1, x1, #1\nb.ne again\nret\n")
        .cycles;
  };
  for (const unsigned body : {8U, 16U, 48U})
    EXPECT_NEAR(static_cast<double>(cycles(body, 200) - cycles(body, 100)) / 100, body / 4.0, 0.1) << body;
}

// p.38: what follows a mispredicted branch is dispatched only after the branch has committed. The exit of a loop of
// 100 rounds comes as a surprise; a load that misses to memory holds up its commit.
TEST(Misprediction, LoopExitIsFlushedAtItsCommit) {
  MicroBenchmark bench;
  bench.registers = {{0, kBlockerAddress}, {1, 100}};
  const std::string text =
      "again:\ncmp x1, #1\ncsel x2, x0, x3, eq\nldr x4, [x2]\nsubs x1, x1, #1\nb.ne again\nnop\nret\n";
  bench.registers[3] = 0x8000;
  const Report report = bench.run(text);
  EXPECT_EQ(report.flushes, 2U);  // the first round, of which nothing was known, and the exit
  const auto times = bench.times(text);
  const std::size_t exit = 100 * 5 - 1;
  EXPECT_GE(times[exit - 2].completed - times[exit - 2].issued, 266U);  // the load of the last round misses
  EXPECT_LT(times[exit].completed + 200, times[exit].committed);        // the branch knows better early
  EXPECT_GE(times[exit + 1].dispatched, times[exit].committed);         // which does not help
  EXPECT_GT(report.lost_dispatch.at("flush"), 200U);
}

// A short loop executed again and again with the same number of rounds is learnt.
TEST(Misprediction, ShortConstantLoopsAreLearnt) {
  MicroBenchmark bench;
  const auto flushes = [&](unsigned rounds) {
    return bench
        .run("mov x5, #" + std::to_string(rounds) +
             "\nouter:\nmov x1, #4\nagain:\nsubs x1, x1, #1\nb.ne again\n"
             "subs x5, x5, #1\nb.ne outer\nret\n")
        .flushes;
  };
  EXPECT_LE(flushes(200) - flushes(100), 1U);
}

// Calls of one function from different places: the returns are predicted by the return stack.
TEST(Calls, ReturnsArePredicted) {
  const MicroBenchmark bench;
  const auto flushes = [&](unsigned rounds) {
    return bench
        .run("mov x19, x30\nmov x5, #" + std::to_string(rounds) +
             "\nouter:\nbl f\nnop\nbl f\nnop\nnop\nbl g\nsubs x5, x5, #1\nb.ne outer\nb out\n"
             "g:\nmov x20, x30\nbl f\nmov x30, x20\nret\nf:\nadd x6, x6, #1\nret\nout:\nnop\n")
        .flushes;
  };
  EXPECT_LE(flushes(200), 2U);  // the outer loop's exit, and its first round
}

// An indirect branch (to bytes 16 and 20 of the text) that alternates between two targets is not what the last target
// says.
TEST(Calls, AlternatingIndirectBranchesAreMispredicted) {
  MicroBenchmark bench;
  const auto flushes = [&](const char* step) {
    return bench
        .run(std::string("mov x5, #50\nmov x1, #16\nmov x2, #20\nouter:\nbr x1\nnop\nnop\n") + step +
             "subs x5, x5, #1\nb.ne outer\nret\n")
        .flushes;
  };
  EXPECT_LE(flushes("nop\nnop\nnop\n"), 3U);  // the first of each branch, and the exit
  EXPECT_GE(flushes("mov x3, x1\nmov x1, x2\nmov x2, x3\n"), 45U);
}

// p.36-37: a group of four commits in a cycle, in order: nothing commits before what is older.
TEST(Commit, IsInOrderAndOneGroupACycle) {
  MicroBenchmark bench;
  bench.registers = {{0, kBlockerAddress}};
  const auto times = bench.times(std::string(kBlocker) + repeat("nop\n", 99) + "ret\n");
  for (std::size_t n = 1; n < times.size(); ++n) {
    ASSERT_GE(times[n].committed, times[n - 1].committed);
    if (n >= 4) {
      ASSERT_GT(times[n].committed, times[n - 4].committed);
    }
  }
  EXPECT_EQ(times[99].committed - times[0].committed, 24U);  // 25 groups
}

}  // namespace
}  // namespace svetune::model
