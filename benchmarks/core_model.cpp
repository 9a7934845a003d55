// Speed of the core model, in instructions a second, with the trace already in memory.
#include "model/core_model.hpp"

#include <benchmark/benchmark.h>

#include <vector>

#include "assembly_program.hpp"

namespace svetune::model {
namespace {

// Executed instructions in memory, replayed a number of times.
class Recording : public TraceSource {
 public:
  explicit Recording(AssemblyProgram& program) : program_(program) {
    for (Executed e; program.next(e);) trace_.push_back(e);
  }
  const Instruction& instruction(std::uint32_t index) const override { return program_.instruction(index); }
  bool next(Executed& out) override {
    if (at_ == trace_.size()) return false;
    out = trace_[at_++];
    return true;
  }
  void rewind() { at_ = 0; }
  std::size_t size() const { return trace_.size(); }

 private:
  AssemblyProgram& program_;
  std::vector<Executed> trace_;
  std::size_t at_ = 0;
};

// A 4x4 tile: four vectors of V and four broadcasts of P a step, 64 steps, two tiles of 64 columns.
constexpr const char* kGemm = R"(
  mov x5, #2
  ptrue p0.s
tile:
  mov x4, #64
  mov x2, x0
  mov x3, x1
step:
  ld1w {z16.s}, p0/z, [x3]
  ld1w {z17.s}, p0/z, [x3, #1, mul vl]
  ld1w {z18.s}, p0/z, [x3, #2, mul vl]
  ld1w {z19.s}, p0/z, [x3, #3, mul vl]
  ld1rw {z20.s}, p0/z, [x2]
  ld1rw {z21.s}, p0/z, [x2, #64]
  ld1rw {z22.s}, p0/z, [x2, #128]
  ld1rw {z23.s}, p0/z, [x2, #192]
  fmla z0.s, p0/m, z16.s, z20.s
  fmla z1.s, p0/m, z17.s, z20.s
  fmla z2.s, p0/m, z18.s, z20.s
  fmla z3.s, p0/m, z19.s, z20.s
  fmla z4.s, p0/m, z16.s, z21.s
  fmla z5.s, p0/m, z17.s, z21.s
  fmla z6.s, p0/m, z18.s, z21.s
  fmla z7.s, p0/m, z19.s, z21.s
  fmla z8.s, p0/m, z16.s, z22.s
  fmla z9.s, p0/m, z17.s, z22.s
  fmla z10.s, p0/m, z18.s, z22.s
  fmla z11.s, p0/m, z19.s, z22.s
  fmla z12.s, p0/m, z16.s, z23.s
  fmla z13.s, p0/m, z17.s, z23.s
  fmla z14.s, p0/m, z18.s, z23.s
  fmla z15.s, p0/m, z19.s, z23.s
  add x2, x2, #4
  add x3, x3, #512
  subs x4, x4, #1
  b.ne step
  add x1, x1, #256
  subs x5, x5, #1
  b.ne tile
  ret
)";

// exp2 of 1024 elements, four vectors in flight, seven FL operations a vector.
constexpr const char* kExp2 = R"(
  mov x4, #16
  ptrue p0.s
step:
  ld1w {z0.s}, p0/z, [x0]
  ld1w {z1.s}, p0/z, [x0, #1, mul vl]
  ld1w {z2.s}, p0/z, [x0, #2, mul vl]
  ld1w {z3.s}, p0/z, [x0, #3, mul vl]
  movprfx z4, z20
  fmla z4.s, p0/m, z0.s, z21.s
  movprfx z5, z20
  fmla z5.s, p0/m, z1.s, z21.s
  movprfx z6, z20
  fmla z6.s, p0/m, z2.s, z21.s
  movprfx z7, z20
  fmla z7.s, p0/m, z3.s, z21.s
  fsub z8.s, z4.s, z20.s
  fsub z9.s, z5.s, z20.s
  fsub z10.s, z6.s, z20.s
  fsub z11.s, z7.s, z20.s
  fnmsb z0.s, p0/m, z21.s, z8.s
  fnmsb z1.s, p0/m, z21.s, z9.s
  fnmsb z2.s, p0/m, z21.s, z10.s
  fnmsb z3.s, p0/m, z21.s, z11.s
  fexpa z4.s, z4.s
  fexpa z5.s, z5.s
  fexpa z6.s, z6.s
  fexpa z7.s, z7.s
  movprfx z12, z22
  fmla z12.s, p0/m, z0.s, z23.s
  movprfx z13, z22
  fmla z13.s, p0/m, z1.s, z23.s
  movprfx z14, z22
  fmla z14.s, p0/m, z2.s, z23.s
  movprfx z15, z22
  fmla z15.s, p0/m, z3.s, z23.s
  fmul z0.s, z0.s, z12.s
  fmul z1.s, z1.s, z13.s
  fmul z2.s, z2.s, z14.s
  fmul z3.s, z3.s, z15.s
  fmla z4.s, p0/m, z4.s, z0.s
  fmla z5.s, p0/m, z5.s, z1.s
  fmla z6.s, p0/m, z6.s, z2.s
  fmla z7.s, p0/m, z7.s, z3.s
  st1w {z4.s}, p0, [x1]
  st1w {z5.s}, p0, [x1, #1, mul vl]
  st1w {z6.s}, p0, [x1, #2, mul vl]
  st1w {z7.s}, p0, [x1, #3, mul vl]
  add x0, x0, #256
  add x1, x1, #256
  subs x4, x4, #1
  b.ne step
  ret
)";

void run(benchmark::State& state, const char* text, const char* machine) {
  const auto description = load_machine(machine);
  AssemblyProgram program(text, 512, 100);
  program.registers = {{0, 0x100000}, {1, 0x140000}};
  Recording recording(program);
  std::size_t instructions = 0;
  for (auto _ : state) {
    CoreModel model(description);
    recording.rewind();
    benchmark::DoNotOptimize(model.run(recording));
    instructions += recording.size();
  }
  state.counters["instructions/s"] = benchmark::Counter(static_cast<double>(instructions), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(run, gemm_a64fx, kGemm, "a64fx")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, exp2_a64fx, kExp2, "a64fx")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, gemm_neoverse_v1, kGemm, "neoverse-v1")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, gemm_neoverse_v2, kGemm, "neoverse-v2")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace svetune::model

BENCHMARK_MAIN();
