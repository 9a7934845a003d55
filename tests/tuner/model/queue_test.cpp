// Sizes of the A64FX core model's queues, each seen as a knee: a load that misses to memory holds up commit (or feeds
// what waits in a station), so many instructions fit behind it, and the next one is dispatched only after the miss.
// Sizes are the A64FX Microarchitecture Manual's, p.15-17 and p.39.
#include <gmock/gmock.h>

#include "micro_benchmark.hpp"

namespace svetune::model {
namespace {

struct Queue {
  const char* name;
  const char* blocker;  // ends with the load that misses; x0 is its address
  const char* filler;   // "%": register 1 to 8
  unsigned fits;        // fillers
  const char* source;
};

std::ostream& operator<<(std::ostream& out, const Queue& q) {
  return out << q.name;
}

class QueueSize : public testing::TestWithParam<Queue> {};

TEST_P(QueueSize, IsTheManuals) {
  const Queue& queue = GetParam();
  MicroBenchmark bench;
  bench.registers = {{0, kBlockerAddress}, {20, 0x8000}, {21, 0x200000}};
  // Lines that the fillers use are warm; p0 is ready.
  const std::string prologue = "ptrue p0.s\nldr x9, [x20]\n" + repeat("nop\n", 2398);
  const std::string blocker = queue.blocker;
  const auto held = static_cast<std::size_t>(std::count(blocker.begin(), blocker.end(), '\n'));
  const std::string text = prologue + blocker + numbered(queue.filler, queue.fits + 1, 1, 8) + "ret\n";
  const auto times = bench.times(text);
  const InstructionTimes& miss = times[2400 + held - 1];
  ASSERT_GE(miss.completed - miss.issued, 280U) << "140 ns at 2 GHz";
  EXPECT_LT(times[2400 + held + queue.fits - 1].dispatched, miss.completed - 200) << queue.source;
  EXPECT_GE(times[2400 + held + queue.fits].dispatched, miss.completed) << queue.source;
}

constexpr const char* kMiss = "ldr x0, [x0]\n";
constexpr const char* kMissToFl = "ld1w {z0.s}, p0/z, [x0]\n";
constexpr const char* kMissAndFlags = "ldr x0, [x0]\ncmp x0, #0\n";

constexpr Queue kQueues[] = {
    {"cse", kMiss, "nop\n", 127, "p.36-37: 128 entries, one of them the load's"},
    {"rse0", kMissToFl, "mov z%.s, z0.s[1]\n", 20, "p.39"},
    {"rse1", kMissToFl, "tbl z%.s, {z0.s}, z0.s\n", 20, "p.39"},
    {"rse_both", kMissToFl, "fadd z%.s, z0.s, z0.s\n", 40, "p.39: 20 each"},
    {"rsa_both", kMiss, "ldr x%, [x0]\n", 20, "p.39: 10 each"},
    {"load_queue", kMiss, "ldr x%, [x20]\n", 39, "p.15-17: 40 fetch ports, one of them the first load's"},
    {"store_queue", kMiss, "str x20, [x20]\n", 24, "p.15-17: 24 store ports"},
    {"integer_registers", kMiss, "mov x%, #1\n", 63, "p.15-17: 64, one of them the load's"},
    {"vector_registers", kMiss, "fadd z%.s, z9.s, z10.s\n", 96, "p.15-17: 96"},
    {"predicate_registers", kMiss, "ptrue p%.s\n", 32, "p.15-17: 32"},
};

INSTANTIATE_TEST_SUITE_P(Knees, QueueSize, testing::ValuesIn(kQueues),
                         [](const testing::TestParamInfo<Queue>& test) { return std::string(test.param.name); });

// RSBR 19 (p.39): branches that wait for flags. The CMP that feeds them waits in RSE.
TEST(QueueSizes, NineteenBranchesWait) {
  MicroBenchmark bench;
  bench.registers = {{0, kBlockerAddress}};
  bench.memory = {{kBlockerAddress, 1}};
  const auto times = bench.times(kMissAndFlags + repeat("b.eq . + 4\n", 20) + "ret\n");
  EXPECT_LT(times[2 + 18].dispatched, times[0].completed - 200);
  EXPECT_GE(times[2 + 19].dispatched, times[0].completed);
}

// Write buffer 8 (p.15-17): stores that have committed but miss to memory fill the write buffer, then the 24 store
// ports.
TEST(QueueSizes, EightWritesWaitBehindTwentyFourStores) {
  MicroBenchmark bench;
  bench.registers = {{21, 0x4000000}};
  // Blocks of 64 bytes in one cold line each, 512 bytes apart: no prefetch, no two in one block.
  const auto times = bench.times(repeat("str x20, [x21]\nadd x21, x21, #512\nnop\nnop\n", 33) + "ret\n");
  EXPECT_LT(times[std::size_t{4} * 31].dispatched, 200U);
  EXPECT_GE(times[std::size_t{4} * 32].dispatched, 280U);
}

}  // namespace
}  // namespace svetune::model
