// Latencies of the A64FX core model. Every expectation is the figure of the A64FX Microarchitecture Manual 1.8.1.1 at
// the page named, or arithmetic on such figures.
#include <gmock/gmock.h>

#include "micro_benchmark.hpp"

namespace svetune::model {
namespace {

struct Chain {
  const char* name;
  const char* body;  // depends on itself
  double cycles;
  const char* source;
};

std::ostream& operator<<(std::ostream& out, const Chain& c) {
  return out << c.name;
}

class LatencyChain : public testing::TestWithParam<Chain> {};

// p0 and the loop's registers are ready long before the chain's repetitions that are counted.
TEST_P(LatencyChain, TakesWhatTheManualSays) {
  MicroBenchmark bench;
  bench.registers = {{0, 0x8000}, {1, 0}};
  bench.memory = {{0x8000, 0x8000}};  // a pointer to itself
  EXPECT_DOUBLE_EQ(bench.steady("ptrue p0.s\n", GetParam().body), GetParam().cycles) << GetParam().source;
}

constexpr Chain kVector[] = {
    {"fmla", "fmla z0.s, p0/m, z1.s, z2.s\n", 9, "p.92-135"},
    {"fmla_multiplicand", "movprfx z3, z4\nfmla z3.s, p0/m, z0.s, z2.s\nfmls z0.s, p0/m, z3.s, z2.s\n", 18, "p.92-135"},
    {"fnmsb", "fnmsb z0.s, p0/m, z1.s, z2.s\n", 9, "p.92-135"},
    {"fmul", "fmul z0.s, z0.s, z1.s\n", 9, "p.92-135"},
    {"fadd", "fadd z0.s, z0.s, z1.s\n", 9, "p.92-135"},
    {"fsub", "fsub z0.s, z0.s, z1.s\n", 9, "p.92-135"},
    {"fadd_scalar", "fadd s0, s0, s1\n", 9, "p.92-135"},
    {"fadd_immediate", "fadd z0.s, p0/m, z0.s, #1.0\n", 9, "p.92-135"},
    {"fmax", "fmax z0.s, p0/m, z0.s, z1.s\n", 4, "p.92-135"},
    {"fmax_immediate", "fmax z0.s, p0/m, z0.s, #0.0\n", 4, "p.92-135"},
    {"fexpa", "fexpa z0.s, z0.s\n", 4, "p.92-135"},
    {"fscale", "fscale z0.s, p0/m, z0.s, z1.s\n", 9, "p.92-135"},
    {"frintn", "frintn z0.s, p0/m, z0.s\n", 9, "p.92-135"},
    {"fcvtzs", "fcvtzs z0.s, p0/m, z0.s\n", 9, "p.92-135"},
    {"scvtf", "scvtf z0.s, p0/m, z0.s\n", 9, "p.92-135"},
    {"add_vector", "add z0.s, z0.s, z1.s\n", 4, "p.92-135"},
    {"lsl_vector", "lsl z0.s, z0.s, #17\n", 4, "p.92-135"},
    {"orr_vector", "orr z0.d, z0.d, z1.d\n", 4, "p.92-135"},
    {"sel", "sel z0.s, p0, z0.s, z1.s\n", 4, "p.92-135"},
    {"and_immediate", "and z0.s, z0.s, #0xff\n", 4, "p.92-135"},
    {"dup_indexed", "mov z0.s, z0.s[3]\n", 6, "p.92-135"},
    {"zip1", "zip1 z0.s, z0.s, z1.s\n", 6, "p.92-135"},
    {"ext", "ext z0.b, z0.b, z1.b, #4\n", 6, "p.92-135"},
    {"insr_scalar", "insr z0.s, s0\n", 6, "p.92-135"},
    {"tbl", "tbl z0.s, {z0.s}, z1.s\n", 6, "p.92-135"},
    {"movprfx_packed", "movprfx z1, z0\nfadd z1.s, p0/m, z1.s, z2.s\nmovprfx z0, z1\nfadd z0.s, p0/m, z0.s, z2.s\n", 18,
     "p.36: packed with its consumer it costs nothing"},
    {"fmla_indexed_by_its_own_sum", "fmla z0.s, z1.s, z0.s[0]\n", 15, "p.92-135: the element's 6, then 9"},
    {"fmla_indexed_by_element", "fmla z3.s, z1.s, z0.s[0]\nfadd z0.s, z3.s, z4.s\n", 24,
     "p.92-135: 6 then 9, and the addition's 9"},
    {"faddv", "faddv s0, p0, z0.s\n", 64, "p.92-135"},
    {"fmaxv", "fmaxv s0, p0, z0.s\n", 44, "p.92-135"},
    {"eor_with_itself", "eor z0.d, z0.d, z0.d\n", 4, "no zeroing idiom"},
    {"fcmgt_to_sel", "fcmgt p1.s, p0/z, z0.s, z1.s\nsel z0.s, p1, z2.s, z3.s\n", 9,
     "p.92-135: 4 and 4; p.23-24: compare to FL +1"},
    {"cmpgt_to_sel", "cmpgt p1.s, p0/z, z0.s, z1.s\nsel z0.s, p1, z2.s, z3.s\n", 9,
     "p.92-135: 4 and 4; p.23-24: compare to FL +1"},
};

constexpr Chain kOthers[] = {
    {"ldr_x", "ldr x0, [x0]\n", 5, "p.92-135, pointer chasing"},
    {"ldr_x_then_subs", "ldr x0, [x0]\nsubs x0, x0, x1\n", 7, "p.92-135: 5 and 1; p.23-24: EX to EAG +1"},
    {"mul", "mul x1, x1, x2\n", 5, "p.92-135"},
    {"ptest_logic", "and p1.b, p0/z, p1.b, p2.b\n", 3, "p.92-135"},
};

template <typename T>
std::string name_of(const testing::TestParamInfo<T>& test) {
  return test.param.name;
}
INSTANTIATE_TEST_SUITE_P(Vector, LatencyChain, testing::ValuesIn(kVector), name_of<Chain>);
INSTANTIATE_TEST_SUITE_P(Others, LatencyChain, testing::ValuesIn(kOthers), name_of<Chain>);

// From the first issue of a producer to the issue of its consumer, where no chain leads back.
struct Distance {
  const char* name;
  const char* text;  // ... producer, consumer
  std::uint64_t cycles;
  const char* source;
};

std::ostream& operator<<(std::ostream& out, const Distance& d) {
  return out << d.name;
}

class ProducerToConsumer : public testing::TestWithParam<Distance> {};

TEST_P(ProducerToConsumer, TakesWhatTheManualSays) {
  MicroBenchmark bench;
  bench.registers = {{0, 0x8000}};
  // The line is warm, everything before the pair is long done.
  const std::string warm = "ptrue p0.s\nldr x9, [x0]\nnop\nnop\n" + repeat("nop\n", 4000);
  const auto times = bench.times(warm + GetParam().text + "ret\n");
  const InstructionTimes &producer = times[times.size() - 3], &consumer = times[times.size() - 2];
  EXPECT_EQ(consumer.issued - producer.issued, GetParam().cycles) << GetParam().source;
}

constexpr Distance kDistances[] = {
    {"dup_from_gpr", "mov z0.s, w1\nfadd z1.s, z0.s, z2.s\n", 8, "p.92-135: 1+3+4"},
    {"insr_from_gpr", "insr z0.s, w1\nfadd z1.s, z0.s, z2.s\n", 10, "p.92-135: 1+3+6"},
    {"whilelt", "whilelt p1.s, x1, x2\nand p2.b, p0/z, p1.b, p1.b\n", 4, "p.92-135: 1+3"},
    {"predicate_to_fl", "ptrue p1.s\nfadd z1.s, p1/m, z1.s, z2.s\n", 6, "p.92-135: 3; p.23-24: predicate to FL +3"},
    {"ld1w", "ld1w {z0.s}, p0/z, [x0]\nfadd z1.s, z0.s, z2.s\n", 14, "p.92-135: 11; p.23-24: load to FL +3"},
    {"ld1rw", "ld1rw {z0.s}, p0/z, [x0]\nfadd z1.s, z0.s, z2.s\n", 14, "p.92-135: 11; p.23-24: load to FL +3"},
    {"ld1rqw", "ld1rqw {z0.s}, p0/z, [x0]\nfadd z1.s, z0.s, z2.s\n", 14, "p.92-135: 11; p.23-24: load to FL +3"},
    {"ldr_z", "ldr z0, [x0]\nfadd z1.s, z0.s, z2.s\n", 14, "p.92-135: 11; p.23-24: load to FL +3"},
    {"ldr_q", "ldr q0, [x0]\nfadd z1.s, z0.s, z2.s\n", 11, "p.92-135: 8; p.23-24: load to FL +3"},
    {"ldr_s", "ldr s0, [x0]\nfadd s1, s0, s2\n", 11, "p.92-135: 8; p.23-24: load to FL +3"},
    {"cmp_to_branch", "cmp x1, x2\nb.gt . + 4\n", 1, "p.92-135: 1"},
    {"base_update_to_load", "ldr x1, [x2], #8\nldr x3, [x2]\n", 2,
     "p.92-135: 1 for the update; another pipe follows it: p.23-24 +1"},
};

INSTANTIATE_TEST_SUITE_P(Pairs, ProducerToConsumer, testing::ValuesIn(kDistances), name_of<Distance>);

// Integer chains in their first cycles, while every station has room and the decode slot alone binds (p.42).
std::uint64_t issue_to_issue(const std::string& text, std::size_t from, std::size_t to) {
  const auto times = MicroBenchmark{}.times(text + "ret\n");
  return times[to].issued - times[from].issued;
}

TEST(IntegerChain, StaysOnItsPipeOrPaysForTheOther) {
  // p.92-135: 1 cycle; slots 0 and 2 are both EXA. Eight in a row: seven steps.
  EXPECT_EQ(issue_to_issue(repeat("subs x1, x1, #1\nnop\n", 8), 0, 14), 7U);
  // Slots 0 and 1 are EXA and EXB; p.23-24: +1 in both directions.
  EXPECT_EQ(issue_to_issue(repeat("subs x1, x1, #1\nsubs x1, x1, #1\nnop\nnop\n", 4), 0, 13), 14U);
}

// p.92-135: 1+1, blocking: the next one on the pipe waits, dependent or not.
TEST(IntegerChain, AdditionsWithShiftBlockTheirPipe) {
  EXPECT_EQ(issue_to_issue(repeat("add x1, x1, x2, lsl #2\nnop\nnop\nnop\n", 5), 0, 16), 8U);
  EXPECT_EQ(issue_to_issue(numbered("add x%, x9, x10, lsl #2\nnop\nnop\nnop\n", 5, 1, 5), 0, 16), 8U);
}

// p.92-135: the accumulator of an indexed FMLA is read by its second micro-op (9); inferred from what the first one
// does (6, the latency of DUP indexed on FLA).
TEST(IndexedFmla, AccumulatesInNineCyclesOnFlaAndFlb) {
  const MicroBenchmark bench;
  EXPECT_DOUBLE_EQ(bench.steady("", "fmla z0.s, z1.s, z2.s[0]\n"), 9);
  EXPECT_THAT(bench.times("fmla z0.s, z1.s, z2.s[0]\nret\n")[0].pipes, testing::ElementsAre("FLA", "FLB"));
}

// p.26: results leave a pipe one a cycle; FL operations of 4 cycles go on to 6 or 9, of 6 to 9.
TEST(WritePort, StretchesShortOperationsBehindLongOnes) {
  const MicroBenchmark bench;
  const auto alone = bench.times("fmax z0.s, p0/m, z0.s, #0.0\nret\n");
  EXPECT_EQ(alone[0].completed - alone[0].issued, 4U);
  // FLA-only additions of 9 cycles in every cycle: each later slot of 4 and 6 cycles is taken.
  const std::string dense = numbered("fadd z%.s, p0/m, z%.s, #1.0\n", 16, 1, 16);
  const auto times = bench.times(dense + "fmax z0.s, p0/m, z0.s, #0.0\nmov z31.s, z30.s[1]\n" + dense + "ret\n");
  EXPECT_EQ(times[16].completed - times[16].issued, 9U);
  EXPECT_EQ(times[17].completed - times[17].issued, 9U);
}

// One conflict only: an addition at t ends at t+9, an FMAX of the same pipe at t+5 would as well, and takes 6.
TEST(WritePort, OneConflictCostsOneStep) {
  const MicroBenchmark bench;
  // Both depend on the same FEXPA chain: FMAX five cycles behind the addition, by way of one more 4-cycle operation.
  const auto times = bench.times(
      "fadd z1.s, p0/m, z1.s, #1.0\nfmax z2.s, p0/m, z2.s, #0.0\nnop\nnop\n"  // FLA at t, t+1 (ends t+5)
      "fmax z2.s, p0/m, z2.s, #0.0\nret\n");                                  // starts t+5, would end t+9
  ASSERT_EQ(times[4].issued - times[0].issued, 5U);
  EXPECT_EQ(times[4].completed - times[4].issued, 6U);
}

// p.26: loads of 5 cycles go on to 8 or 11.
TEST(WritePort, StretchesLoadsOfIntegersAmongVectors) {
  MicroBenchmark bench;
  bench.registers = {{0, 0x8000}};
  const std::string warm = "ldr x9, [x0]\n" + repeat("nop\n", 4000);
  const std::string dense = numbered("ld1w {z%.s}, p0/z, [x0]\n", 24, 0, 24);
  const auto times = bench.times(warm + dense + "ldr x1, [x0]\n" + dense + "ret\n");
  const InstructionTimes& load = times[4001 + 24];
  EXPECT_EQ(load.completed - load.issued, 11U);
}

}  // namespace
}  // namespace svetune::model
