// Caches, prefetcher and the order of memory operations in the A64FX core model: expectations from the A64FX
// Microarchitecture Manual at the page named, or arithmetic on its figures.
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "micro_benchmark.hpp"

namespace svetune::model {
namespace {

constexpr std::uint64_t kLine = 256;

std::vector<std::uint64_t> shuffled(std::uint64_t first, unsigned lines, std::uint64_t stride) {
  std::vector<std::uint64_t> order(lines);
  for (unsigned n = 0; n < lines; ++n) order[n] = first + n * stride;
  std::shuffle(order.begin(), order.end(), std::minstd_rand(1));
  return order;
}

// Follows pointers from each address to the next, and from the last to the first.
MicroBenchmark chase(const std::vector<std::uint64_t>& order) {
  MicroBenchmark bench;
  for (std::size_t n = 0; n < order.size(); ++n) bench.memory[order[n]] = order[(n + 1) % order.size()];
  bench.registers[0] = order[0];
  return bench;
}

// Cycles of one load of a chase, after `warm_up` rounds, over at least 200 loads unless there is no warm-up.
double latency(const std::vector<std::uint64_t>& order, unsigned warm_up) {
  const MicroBenchmark bench = chase(order);
  const auto cycles = [&](std::size_t loads) {
    return bench.run("mov x1, #" + std::to_string(loads) + "\nagain:\nldr x0, [x0]\nsubs x1, x1, #1\nb.ne again\nret\n")
        .cycles;
  };
  const std::size_t before = order.size() * warm_up + 50;
  const std::size_t counted = warm_up == 0 ? order.size() - 50 : (1 + 200 / order.size()) * order.size();
  return static_cast<double>(cycles(before + counted) - cycles(before)) / static_cast<double>(counted);
}

// n lines for every set, no two of them next to each other, so that the prefetcher sees nothing: even lines in one
// place, odd ones in another.
std::vector<std::uint64_t> lines_for_every_set(unsigned n) {
  std::vector<std::uint64_t> order = shuffled(0x100000, 32 * n, 2 * kLine);
  for (const std::uint64_t odd : shuffled(0x200000 + kLine, 32 * n, 2 * kLine)) order.push_back(odd);
  return order;
}

// p.46-49: 64 KiB in 64 sets of four ways, 5 cycles for a load of an x register. With a line more in each set the least
// recently used one is always the one needed next.
TEST(Latency, L1HoldsSixtyFourKibibytes) {
  EXPECT_DOUBLE_EQ(latency(lines_for_every_set(4), 1), 5);
  EXPECT_NEAR(latency(lines_for_every_set(5), 1), 51, 5);  // L2: 46-56
}

// Five lines of one set do not fit, though L1 is empty otherwise (p.46-49: 64 sets of 256 bytes: 16 KiB apart).
TEST(Latency, L1HasFourWays) {
  EXPECT_DOUBLE_EQ(latency(shuffled(0x100000, 4, 64 * kLine), 20), 5);
  EXPECT_NEAR(latency(shuffled(0x100000, 5, 64 * kLine), 20), 51, 5);
}

// L2 46-56 cycles. Lines 512 B apart in random order, so that no prefetch helps.
TEST(Latency, L2IsWithinTheManualsRange) {
  const double cycles = latency(shuffled(0x100000, 1024, 2 * kLine), 1);
  EXPECT_GE(cycles, 46);
  EXPECT_LE(cycles, 56);
}

// HBM2 about 140 ns: 280 cycles at 2.0 GHz.
TEST(Latency, MemoryTakesOneHundredAndFortyNanoseconds) {
  EXPECT_NEAR(latency(shuffled(0x4000000, 1000, 2 * kLine), 0), 280, 14);
}

// p.69-75: on a miss at A the prefetcher watches A+256 and A-256 only.
TEST(Prefetcher, FollowsNeighbouringLinesButNotEverySecondOne) {
  const auto ascending = [](std::uint64_t stride) {
    std::vector<std::uint64_t> order(200);
    for (unsigned n = 0; n < order.size(); ++n) order[n] = 0x4000000 + n * stride;
    return order;
  };
  EXPECT_NEAR(latency(ascending(512), 0), 280, 14);
  EXPECT_LT(latency(ascending(256), 0), 140);
  auto descending = ascending(256);
  std::reverse(descending.begin(), descending.end());
  EXPECT_LT(latency(descending, 0), 140);
}

// Software prefetch to L1, far enough ahead: the load hits.
TEST(Prefetch, BringsALineToL1) {
  MicroBenchmark bench;
  bench.registers = {{0, 0x4000000}};
  const auto cycles_of = [&](const std::string& first) {
    const auto times = bench.times(first + repeat("nop\n", 2000) + "ldr x1, [x0]\nret\n");
    return times[2001].completed - times[2001].issued;
  };
  EXPECT_EQ(cycles_of("prfm pldl1keep, [x0]\n"), 5U);
  EXPECT_GE(cycles_of("prfm pldl2keep, [x0]\n"), 46U);  // the L2's latency: 46-56
  EXPECT_LE(cycles_of("prfm pldl2keep, [x0]\n"), 56U);
  EXPECT_GE(cycles_of("nop\n"), 266U);  // 140 ns, less 5 %
}

// Loads one line each, out of L2, independent of each other: reads lines of [x0, x0 + bytes) `rounds` times.
std::string sweep(const std::string& body, unsigned lines, unsigned rounds) {
  return "mov x5, #" + std::to_string(rounds) + "\nround:\nmov x1, x0\nmov x4, #" + std::to_string(lines) +
         "\nagain:\n" + body + "subs x4, x4, #1\nb.ne again\nsubs x5, x5, #1\nb.ne round\nret\n";
}

double cycles_a_line(const std::string& body, unsigned lines) {
  MicroBenchmark bench;
  bench.registers = {{0, 0x100000}, {20, 0x8000}};
  const auto cycles = [&](unsigned rounds) { return bench.run("ptrue p0.s\n" + sweep(body, lines, rounds)).cycles; };
  return static_cast<double>(cycles(4) - cycles(2)) / (2.0 * lines);
}

// p.49: 64 B a cycle from L2, a line in 4 cycles. 12 misses of 46 cycles would allow a line each 3.8 cycles; every
// second line, so that the prefetcher has no part in it.
TEST(L2, SendsSixtyFourBytesACycle) {
  const double cycles = cycles_a_line("ldr x2, [x1]\nadd x1, x1, #512\n", 1024);
  EXPECT_GE(cycles, 4);
  EXPECT_LE(cycles, 4.4);
}

// p.49, 55: a fill takes both load/store pipes for 2 cycles (4 flows) and the clean victim for 1 (2 flows). 24 loads
// that hit need 12 cycles, and with a line out of L2 among them 15.
TEST(L2, FillsOccupyTheLoadPipes) {
  const std::string hits = repeat("ld1w {z1.s}, p0/z, [x20]\nld1w {z2.s}, p0/z, [x20]\n", 12);
  const double none = cycles_a_line(hits, 1024);
  const double miss = cycles_a_line(hits + "prfm pldl1keep, [x1]\nadd x1, x1, #512\n", 1024);
  EXPECT_NEAR(none, 12, 0.1);
  EXPECT_GE(miss - none, 2 + 1);
  EXPECT_LE(miss - none, 2 + 1 + 0.5);  // the prefetch itself takes half a cycle of the pipes, or none beside a fill
}

// p.49, 55: a dirty victim takes 2 cycles (4 flows) of the pipes, and leaves at 32 B a cycle: 8 cycles a line.
TEST(L2, DirtyVictimsLeaveAtThirtyTwoBytesACycle) {
  const double cycles = cycles_a_line("str x2, [x1]\nadd x1, x1, #512\n", 1024);
  EXPECT_GE(cycles, 8);
  EXPECT_LE(cycles, 10);
}

class StoreThenLoad : public testing::Test {
 protected:
  // A store and a load of its bytes behind a load that misses: nothing commits for 280 cycles.
  static std::vector<InstructionTimes> behind_a_miss(const std::string& store, const std::string& load) {
    MicroBenchmark bench;
    bench.registers = {{0, kBlockerAddress}, {20, 0x8000}};
    const std::string warm = "ptrue p0.s\nldr x9, [x20]\n" + repeat("nop\n", 2398);
    auto times = bench.times(warm + std::string(kBlocker) + store + load + "ret\n");
    times.erase(times.begin(), times.begin() + 2400);
    return times;
  }
};

// Table 7-4: the same address and size is forwarded out of the store queue, long before the store commits.
TEST_F(StoreThenLoad, SameBytesAreForwarded) {
  const auto times = behind_a_miss("st1w {z0.s}, p0, [x20]\n", "ld1w {z1.s}, p0/z, [x20]\n");
  EXPECT_LT(times[2].completed, times[0].completed);
  const auto scalar = behind_a_miss("str x9, [x20]\n", "ldr x10, [x20]\n");
  EXPECT_LT(scalar[2].completed, scalar[0].completed);
}

// Table 7-4: never to LD1RW, also not to LD1RQW: it waits until the store has been written, and so for its commit.
TEST_F(StoreThenLoad, BroadcastsWaitForTheWrite) {
  for (const char* load : {"ld1rw {z1.s}, p0/z, [x20]\n", "ld1rqw {z1.s}, p0/z, [x20]\n"}) {
    const auto times = behind_a_miss("st1w {z0.s}, p0, [x20]\n", load);
    EXPECT_GT(times[2].completed, times[1].committed + 11) << load;
    EXPECT_LT(times[2].completed, times[1].committed + 11 + 20) << load;
  }
}

// A load of other bytes waits for nothing.
TEST_F(StoreThenLoad, OtherBytesDoNotWait) {
  const auto times = behind_a_miss("st1w {z0.s}, p0, [x20]\n", "ld1rw {z1.s}, p0/z, [x20, #64]\n");
  EXPECT_LT(times[2].completed, times[0].completed);
}

// A load overtakes an older store whose address comes late; where it turns out to be the same, the pipeline is flushed,
// once, and the load reads again.
TEST_F(StoreThenLoad, AliasOfAnUnknownAddressFlushes) {
  MicroBenchmark bench;
  bench.registers = {{0, 0x4000000}, {20, 0x8000}};
  bench.memory = {{0x4000000, 0x8000}, {0x4000200, 0x9000}};
  const std::string warm = "ldr x9, [x20]\n" + repeat("nop\n", 2000);
  const std::string text = "str x9, [x1]\nldr x2, [x20]\n" + repeat("nop\n", 8) + "ret\n";
  EXPECT_EQ(bench.run(warm + "ldr x1, [x0]\n" + text).flushes, 1U);
  EXPECT_EQ(bench.run(warm + "ldr x1, [x0, #512]\n" + text).flushes, 0U);  // another address: nothing happens
  const auto times = bench.times(warm + "ldr x1, [x0]\n" + text);
  EXPECT_GT(times[2003].dispatched, times[2002].committed);  // the load again, behind its store
}

}  // namespace
}  // namespace svetune::model
