// svetune-kernel-check: calls every entry of the tables of micro-kernels by itself, on operands between guard pages,
// and looks at d8-d15, at what lies between the rows, and at the result against fp64. Prints a line a group with the
// number of kernels, or one that names the kernel that failed; exit code 1 then. An argument makes the first one fail
// on purpose: clobbers, overreads, overwrites, miscounts.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "chain_check.hpp"
#include "kernel_case.hpp"
#include "micro/micro_kernels.hpp"
#include "micro/study.hpp"

namespace svetune {
namespace {

void on_fault(int) {
  constexpr std::string_view kText = ": touched memory outside of its operands\n";
  [[maybe_unused]] ssize_t ignored = write(STDOUT_FILENO, current, std::strlen(current));
  ignored = write(STDOUT_FILENO, kText.data(), kText.size());
  _exit(1);
}

std::int32_t method_id(std::size_t index) {
  return static_cast<std::int32_t>(index) + 1;
}

void check_exp2_row(Exp2Row kernel, std::size_t n, std::int32_t method, bool sums, Masks masks) {
  Case item(2, n, 1, method, masks);
  item.poison_p();
  const auto& x = item.operands;
  for (std::ptrdiff_t i = 0; i < 2; ++i) {
    float sum = 0;
    item.call([&] { sum = kernel(x.s.floats() + i * x.lds, x.p.floats() + i * x.ldp, n, x.scale, x.max.floats()[i]); });
    if (sums) x.row_sum.floats()[i] += sum;
  }
  item.check_p();
  if (sums) item.check_sums();
}

int check_exp2(const MicroKernels& kernels) {
  int checked = 0;
  for (std::size_t sums = 0; sums < 2; ++sums) {
    for (std::size_t method = 0; method < kExp2Methods; ++method) {
      for (std::size_t log = 0; log < 4; ++log, ++checked) {
        const std::size_t batch = kernels.lanes << log;
        std::snprintf(current, sizeof current, "exp2 method %zu unroll %d%s", method, 1 << log,
                      sums != 0 ? " sums" : "");
        for (const std::size_t n : {std::size_t{1}, batch, 2 * batch + kernels.lanes - 1})
          check_exp2_row(kernels.exp2[sums][method][log], n, method_id(method), sums != 0, Masks::kSome);
      }
    }
  }
  return checked;
}

void check_gemm_tile(GemmTile kernel, std::size_t mr, std::size_t k, std::size_t n) {
  Case item(mr, k, n);
  item.operands.p.make_read_only();
  const auto& x = item.operands;
  const auto ldv = static_cast<std::ptrdiff_t>(x.problem.v_stride());
  item.call([&] { kernel(x.p.floats(), x.ldp, x.v.floats(), ldv, x.o.floats(), x.ldo, k, n); });
  item.check_o(true);
}

int check_gemm(const MicroKernels& kernels) {
  int checked = 0;
  each_tile(kernels.lanes, [&](std::size_t mr, std::size_t nr, std::size_t fewest, std::size_t most) {
    for (std::size_t log = 0; log < 3; ++log) {
      const GemmTile kernel = kernels.gemm[mr][nr][log];
      if (kernel == nullptr) continue;
      const std::size_t unroll = std::size_t{1} << log;
      std::snprintf(current, sizeof current, "gemm %zux%zu unroll %zu", mr, nr, unroll);
      check_gemm_tile(kernel, mr, 1, most);
      check_gemm_tile(kernel, mr, 2 * unroll, 1);
      check_gemm_tile(kernel, mr, 2 * unroll + 1, fewest);
      ++checked;
    }
  });
  return checked;
}

void check_fused_tile(FusedTile kernel, std::int32_t method, std::size_t mr, std::size_t k, std::size_t n, bool more) {
  Case item(mr, k, n, method);
  item.poison_p();
  const auto& x = item.operands;
  const GuardedBuffer partial(mr * 16 * sizeof(float));
  const FusedOperands operands{x.s.floats(),
                               x.lds,
                               x.max.floats(),
                               x.scale,
                               more ? x.p.floats() : nullptr,
                               x.ldp,
                               x.v.floats(),
                               static_cast<std::ptrdiff_t>(x.problem.v_stride()),
                               x.o.floats(),
                               x.ldo,
                               k,
                               n,
                               more ? x.row_sum.floats() : nullptr,
                               more ? partial.floats() : nullptr};
  item.call([&] { kernel(operands); });
  item.check_o(false);
  if (!more) return;
  item.check_p();
  item.check_sums();
}

int check_fused(const MicroKernels& kernels) {
  int checked = 0;
  each_tile(kernels.lanes, [&](std::size_t mr, std::size_t nr, std::size_t fewest, std::size_t most) {
    for (std::size_t method = 0; method < kExp2Methods; ++method) {
      const FusedTile kernel = kernels.fused[method][mr][nr];
      if (kernel == nullptr) continue;
      std::snprintf(current, sizeof current, "fused %zux%zu method %zu", mr, nr, method);
      check_fused_tile(kernel, method_id(method), mr, kernels.lanes, most, false);
      check_fused_tile(kernel, method_id(method), mr, 2 * kernels.lanes, fewest, true);
      ++checked;
    }
  });
  return checked;
}

// Rows of v that are further apart than they are long; packed ones as long as their vectors, with zeros at the end.
void check_pack_v(PackV kernel, std::size_t vectors, std::size_t lanes, std::size_t rows, std::size_t n) {
  Case item(1, rows, n);
  const auto& x = item.operands;
  const auto ldv = static_cast<std::ptrdiff_t>(x.problem.v_stride());
  const std::size_t width = vectors * lanes;
  const GuardedBuffer packed(rows * width * sizeof(float));
  std::fill_n(packed.floats(), rows * width, -77.0F);
  const auto last = static_cast<std::int64_t>(n - (vectors - 1) * lanes);
  item.call([&] { kernel(x.v.floats(), ldv, packed.floats(), static_cast<std::int64_t>(rows), last); });
  for (std::size_t i = 0; i < rows * width; ++i) {
    const std::size_t row = i / width, column = i % width;
    const float expected =
        column < n ? x.v.floats()[static_cast<std::ptrdiff_t>(row) * ldv + static_cast<std::ptrdiff_t>(column)] : 0.0F;
    if (packed.floats()[i] != expected) fail("packed V is wrong");
  }
}

int check_pack(const MicroKernels& kernels) {
  int checked = 0;
  for (std::size_t vectors = 1; vectors < kernels.pack.size(); ++vectors) {
    std::snprintf(current, sizeof current, "pack %zu", vectors);
    const std::size_t most = vectors * kernels.lanes;
    for (const std::size_t n : {most, most - 1, most - kernels.lanes + 1}) {
      for (const std::size_t rows : {std::size_t{1}, std::size_t{8}, std::size_t{19}})
        check_pack_v(kernels.pack[vectors], vectors, kernels.lanes, rows, n);
    }
    ++checked;
  }
  return checked;
}

int check_study(const MicroKernels& kernels) {
  if (kernels.study == nullptr) return 0;
  std::snprintf(current, sizeof current, "the study's exp2");
  check_exp2_row(kernels.study->exp2_row, 128, SVETUNE_EXP2_STUDY, false, Masks::kNone);
  std::snprintf(current, sizeof current, "the study's GEMM");
  {
    Case item(4, 17, 64);
    const auto& x = item.operands;
    const auto ldv = static_cast<std::ptrdiff_t>(x.problem.v_stride());
    item.call([&] { kernels.study->gemm(x.p.floats(), x.ldp, x.v.floats(), ldv, x.o.floats(), x.ldo, 17); });
    item.check_o(true);
  }
  std::snprintf(current, sizeof current, "the study's fused pass");
  Case item(4, 32, 64, SVETUNE_EXP2_STUDY, Masks::kNone);
  item.poison_p();
  const auto& x = item.operands;
  const auto ldv = static_cast<std::ptrdiff_t>(x.problem.v_stride());
  const StudyFused operands{x.s.floats(), x.lds,        x.max.floats(), x.scale, x.p.floats(), x.ldp, x.v.floats(),
                            ldv,          x.o.floats(), x.ldo,          32};
  item.call([&] { kernels.study->fused(operands); });
  item.check_o(false);
  item.check_p();
  return 3;
}

// Kernels that break one rule each, in the place of gemm 2x1.
void clobbers(const float*, std::ptrdiff_t, const float*, std::ptrdiff_t, float*, std::ptrdiff_t, std::size_t,
              std::size_t) {
  asm volatile("mov v11.d[0], xzr");
}
void overreads(const float*, std::ptrdiff_t, const float* v, std::ptrdiff_t ldv, float*, std::ptrdiff_t, std::size_t k,
               std::size_t n) {
  [[maybe_unused]] const volatile float read =
      v[static_cast<std::ptrdiff_t>(k - 1) * ldv + static_cast<std::ptrdiff_t>(n)];
}
void overwrites(const float*, std::ptrdiff_t, const float*, std::ptrdiff_t, float* o, std::ptrdiff_t, std::size_t,
                std::size_t n) {
  o[n] += 1;
}
void miscounts(const float*, std::ptrdiff_t, const float*, std::ptrdiff_t, float* o, std::ptrdiff_t, std::size_t,
               std::size_t) {
  o[0] += 1000;
}

int run(std::string_view fault) {
  const MicroKernels& built = *micro_kernels(svetune_vector_bits());
  MicroKernels kernels = built;
  if (fault == "clobbers") kernels.gemm[2][1][0] = clobbers;
  if (fault == "overreads") kernels.gemm[2][1][0] = overreads;
  if (fault == "overwrites") kernels.gemm[2][1][0] = overwrites;
  if (fault == "miscounts") kernels.gemm[2][1][0] = miscounts;
  std::printf("gemm %d\n", check_gemm(kernels));
  std::printf("exp2 %d\n", check_exp2(kernels));
  std::printf("exp2_rows %d\n", check_exp2_rows(kernels));
  std::printf("fused %d\n", check_fused(kernels));
  std::printf("panel %d\n", check_panels(kernels));
  std::printf("panel_behind_exp2 %d\n", check_panels_behind_exp2(kernels));
  std::printf("pack %d\n", check_pack(kernels));
  std::printf("interleaved %d\n", check_interleaved(kernels));
  std::printf("study %d\n", check_study(kernels));
  return 0;
}

}  // namespace
}  // namespace svetune

int main(int count, char** arguments) {
  struct sigaction action{};
  action.sa_handler = svetune::on_fault;
  for (const int number : {SIGSEGV, SIGBUS}) sigaction(number, &action, nullptr);
  return svetune::run(count > 1 ? arguments[1] : "");
}
