// Rates of the A64FX core model's pipes and stations: expectations from the A64FX Microarchitecture Manual, page named.
#include <gmock/gmock.h>

#include "micro_benchmark.hpp"

namespace svetune::model {
namespace {

struct Rate {
  const char* name;
  const char* body;  // "%" is one of 16 registers, so that latencies do not matter
  double cycles;     // for one repetition
  const char* source;
};

std::ostream& operator<<(std::ostream& out, const Rate& r) {
  return out << r.name;
}

class PipeRate : public testing::TestWithParam<Rate> {};

TEST_P(PipeRate, IsTheManuals) {
  MicroBenchmark bench;
  bench.registers = {{28, 0x8000}, {29, 0x9000}};
  for (unsigned r = 4; r < 24; ++r) bench.registers[r] = 0xA000 + 64 * r;  // a block of the write buffer each
  const std::string prologue = "ptrue p0.s\n";
  const auto cycles = [&](unsigned n) {
    return bench.run(prologue + numbered(GetParam().body, n, 4, 20) + "ret\n").cycles;
  };
  // A body's registers follow each other, so that a multiple of 20 repetitions is periodic.
  EXPECT_NEAR(static_cast<double>(cycles(800) - cycles(400)) / 400, GetParam().cycles, 0.01) << GetParam().source;
}

constexpr Rate kRates[] = {
    {"fl_both", "fmla z%.s, p0/m, z0.s, z1.s\n", 0.5, "p.39-43: FLA and FLB"},
    {"fla_only", "fmax z%.s, p0/m, z%.s, #0.0\n", 1, "p.92-135: FLA"},
    {"flb_only", "tbl z%.s, {z0.s}, z1.s\n", 1, "p.92-135: TBL on FLB"},
    {"fma_indexed", "fmla z%.s, z0.s, z1.s[0]\n", 1, "p.92-135: one micro-op on FLA and one on FLB"},
    {"exa", "mul x%, x1, x2\n", 1, "p.92-135: EXA"},
    {"ex_both", "subs x%, x1, x2\n", 0.5, "p.92-135: EXA and EXB"},
    {"ex_shifted", "add x%, x1, x2, lsl #3\n", 1, "p.92-135: blocks EXA or EXB for 2 cycles"},
    {"pr", "ptrue p2.s\n", 1, "p.92-135: PR"},
    {"pr_shares_the_port_of_exa", "ptrue p2.s\nmul x%, x1, x2\n", 2, "p.43-44: EXA and PR share an issue port"},
    {"whilelt", "whilelt p2.s, x1, x2\n", 2, "p.92-135, 43-44: EXA and PR, one port"},
    {"branch", "b.eq . + 4\n", 1, "p.39-43: one BR"},
    {"load_both", "ld1w {z%.s}, p0/z, [x28]\n", 0.5, "p.46: 2 loads a cycle"},
    {"load_z", "ldr z%, [x28]\n", 1, "p.92-135: EAGA only"},
    {"load_pair", "ldp q2, q%, [x28]\n", 1, "p.92-135: 2 micro-ops"},
    {"store", "st1w {z0.s}, p0, [x%]\n", 1, "p.50, 55-56: a write a cycle"},
    {"store_takes_fla", "st1w {z0.s}, p0, [x28]\nfmax z%.s, p0/m, z%.s, #0.0\n", 2,
     "p.92-135: the data flow is on FLA"},
    {"store_x_takes_exa", "str x1, [x28]\nmul x%, x1, x2\n", 2, "p.92-135: the data flow is on EXA"},
    {"write_blocks_loads", "ld1w {z2.s}, p0/z, [x29]\nld1w {z3.s}, p0/z, [x29]\nst1w {z0.s}, p0, [x%]\n", 2,
     "p.50, 55-56: two loads or one write a cycle"},
    {"write_blocks_more_loads",
     "ld1w {z2.s}, p0/z, [x29]\nld1w {z3.s}, p0/z, [x29]\nld1w {z4.s}, p0/z, [x29]\nld1w {z5.s}, p0/z, [x29]\n"
     "st1w {z0.s}, p0, [x%]\n",
     3, "p.50, 55-56: two loads or one write a cycle"},
    {"dispatch", "nop\n", 0.25, "p.36: 4 a cycle"},
    {"decode_packed",
     "movprfx z4, z0\nfmla z4.s, p0/m, z1.s, z6.s\nmovprfx z5, z0\nfmla z5.s, p0/m, z1.s, z6.s\n"
     "nop\nnop\n",
     1, "p.36: 6 instructions, 4 after packing"},
};

INSTANTIATE_TEST_SUITE_P(Pipes, PipeRate, testing::ValuesIn(kRates),
                         [](const testing::TestParamInfo<Rate>& test) { return std::string(test.param.name); });

// Tables 5-4, 5-5: simple integer operations go to any of four stations, so four pipes serve them.
TEST(IntegerRate, SimpleOperationsUseTheAddressPipesAsWell) {
  const MicroBenchmark bench;
  const double cycles = bench.steady("", numbered("add x%, x1, x2\n", 20, 4, 20)) / 20;
  EXPECT_LT(cycles, 0.4);   // better than EXA and EXB can
  EXPECT_GE(cycles, 0.25);  // p.36: 4 a cycle
}

// p.42: slots 0 and 2 are bound to FLA. 20 FMLAs of slots 0 and 2 come in 10 cycles and leave one by one; of slots 0
// and 1 they leave two by two. No station is full meanwhile.
TEST(SlotBinding, AlternatingWithLoadsUsesOnePipeOnly) {
  MicroBenchmark bench;
  bench.registers = {{28, 0x8000}};
  const std::string load = "ld1w {z0.s}, p0/z, [x28]\n";
  const auto span = [&](const std::string& body) {
    const auto times = bench.times("ptrue p0.s\nnop\nnop\nnop\n" + body + "ret\n");
    std::vector<std::uint64_t> issued;
    std::vector<std::string> pipes;
    for (const InstructionTimes& t : times) {
      if (!t.pipes.empty() && t.pipes[0].starts_with("FL")) issued.push_back(t.issued);
      if (!t.pipes.empty() && t.pipes[0].starts_with("FL")) pipes.push_back(t.pipes[0]);
    }
    const auto on_fla = static_cast<std::size_t>(std::count(pipes.begin(), pipes.end(), "FLA"));
    return std::pair(*std::max_element(issued.begin(), issued.end()) - issued.front(), on_fla);
  };
  const std::string fmla = numbered("fmla z%.s, p0/m, z30.s, z31.s\n", 20, 4, 20);
  std::string alternating, paired;
  for (unsigned n = 0; n < 20; n += 2) {
    const std::string first = numbered("fmla z%.s, p0/m, z30.s, z31.s\n", 1, 4 + n, 1);
    const std::string second = numbered("fmla z%.s, p0/m, z30.s, z31.s\n", 1, 5 + n, 1);
    alternating += first + load + second + load;
    paired += first + second + load + load;
  }
  EXPECT_EQ(span(alternating), std::pair(std::uint64_t{19}, std::size_t{20}));
  EXPECT_EQ(span(paired), std::pair(std::uint64_t{9}, std::size_t{10}));
}

// The binding costs a loop throughput where its accumulators are few: 18 of 9 cycles on two pipes need 9 cycles a
// round in pairs (9 x 2 = 18); all on one pipe they would need 18.
TEST(SlotBinding, CostsALoopOfFewAccumulatorsTime) {
  MicroBenchmark bench;
  bench.registers = {{28, 0x8000}};
  const std::string load = "ld1w {z0.s}, p0/z, [x28]\n";
  std::string alternating, paired;
  for (unsigned n = 0; n < 18; n += 2) {
    const std::string first = numbered("fmla z%.s, p0/m, z30.s, z31.s\n", 1, 4 + n, 1);
    const std::string second = numbered("fmla z%.s, p0/m, z30.s, z31.s\n", 1, 5 + n, 1);
    alternating += first + load + second + load;
    paired += first + second + load + load;
  }
  const double in_pairs = bench.steady("ptrue p0.s\nnop\nnop\nnop\n", paired);
  EXPECT_DOUBLE_EQ(in_pairs, 9);
  EXPECT_GT(bench.steady("ptrue p0.s\nnop\nnop\nnop\n", alternating), in_pairs);
}

// Decoded alone: an instruction that needs sequential decoding takes a cycle of its own.
TEST(SequentialDecode, TakesACycleAlone) {
  const MicroBenchmark bench;
  EXPECT_DOUBLE_EQ(bench.steady("", "mrs x1, tpidr_el0\nnop\nnop\nnop\nnop\n"), 2);
  EXPECT_DOUBLE_EQ(bench.steady("", "add x1, x2, x3\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n"), 2);
}

}  // namespace
}  // namespace svetune::model
