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

#include "kernel_case.hpp"
#include "micro/chain.hpp"
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

svetune_args chain_args(const Operands& x, void* workspace, std::size_t bytes) {
  return {.s = x.s.floats(),
          .lds = x.lds,
          .max = x.max.floats(),
          .scale = x.scale,
          .p = nullptr,
          .ldp = 0,
          .v = x.v.floats(),
          .ldv = static_cast<std::ptrdiff_t>(x.problem.v_stride()),
          .o = x.o.floats(),
          .ldo = x.ldo,
          .workspace = workspace,
          .workspace_bytes = bytes,
          .row_sum = nullptr};
}

// A block and its list of panels.
struct Chained {
  ChainBlock block;
  std::array<ChainPanel, 2> panels;
};

// The panel as the only link of a chain that is given P, wherever it lies.
void check_panel(const ChainKernels& chain, Panel kernel, std::size_t nr, std::size_t lanes, std::size_t unroll,
                 std::size_t mr, std::size_t blocks, std::size_t k, std::size_t n, std::int32_t ahead) {
  Case item(mr * blocks, k, n);
  const auto& x = item.operands;
  item.operands.p.make_read_only();
  const auto last = static_cast<std::int32_t>(n - (nr - 1) * lanes);
  Chained chained{
      chain_block(x.problem.shape.m, x.problem.shape.nc, static_cast<std::int64_t>(unroll),
                  static_cast<std::int64_t>(lanes), ahead),
      {{{kernel, 0, last, static_cast<std::int32_t>(blocks), 0, 0, 0, 0}, {chain.end, 0, 0, 0, 0, 0, 0, 0}}}};
  chained.block.panels = offsetof(Chained, panels);
  chained.block.p = 0;
  chained.block.p_stride = x.ldp * static_cast<std::ptrdiff_t>(sizeof(float));
  const svetune_args args = chain_args(x, x.p.floats(), x.p.bytes());
  item.call([&] { chain.panels(&chained.block, &args); });
  item.check_o(true);
}

constexpr std::array<const char*, kPanelOrders> kOrderNames = {"rows", "columns", "rows, zigzag"};

int check_panels(const MicroKernels& kernels) {
  int checked = 0;
  each_tile(kernels.lanes, [&](std::size_t mr, std::size_t nr, std::size_t fewest, std::size_t most) {
    for (std::size_t sets = 0; mr <= static_cast<std::size_t>(kMaxPanelRows) && sets < kMaxPanelSets; ++sets) {
      for (const std::size_t unroll : {std::size_t{8}, std::size_t{16}}) {
        for (std::size_t order = 0; order < kPanelOrders; ++order) {
          const Panel kernel = (*kernels.panels)[mr][nr][sets][unroll / 16][order].code;
          if (kernel == nullptr) continue;
          std::snprintf(current, sizeof current, "panel %zux%zu sets %zu unroll %zu by %s", mr, nr, sets + 1, unroll,
                        kOrderNames[order]);
          const auto check = [&](std::size_t blocks, std::size_t k, std::size_t n, std::int32_t ahead) {
            check_panel(kernels.chain, kernel, nr, kernels.lanes, unroll, mr, blocks, k, n, ahead);
          };
          ++checked;
          check(2, 4 * unroll, fewest, order == 2 ? 0 : 2);
          check(1, 2 * unroll, most, 0);
          check(3, 5 * unroll, most, 0);
          if (order == 2) continue;  // zigzag has whole rounds alone, two at least
          check(1, 1, most, 1);
          check(3, 1, most, 1);
          check(3, unroll + 3, fewest, 0);
        }
      }
    }
  });
  return checked;
}

// exp2 at the head of a chain without panels.
int check_exp2_rows(const MicroKernels& kernels) {
  std::snprintf(current, sizeof current, "exp2 of rows");
  for (std::size_t rows = 1; rows <= kernels.lanes + 3; ++rows) {
    for (const std::size_t n :
         {std::size_t{1}, kernels.lanes, 4 * kernels.lanes, 9 * kernels.lanes - 1, 12 * kernels.lanes}) {
      for (const Masks masks : {Masks::kNone, Masks::kSome}) {
        Case item(rows, n, 1, SVETUNE_EXP2_FEXPA, masks);
        item.poison_p();
        const auto& x = item.operands;
        Chained chained{chain_block(static_cast<std::int64_t>(rows), static_cast<std::int64_t>(n), 8,
                                    static_cast<std::int64_t>(kernels.lanes)),
                        {{{kernels.chain.end, 0, 0, 0, 0, 0, 0, 0}}}};
        chained.block.panels = offsetof(Chained, panels);
        chained.block.repeat = [](const void*, const svetune_args*) { return SVETUNE_BAD_SHAPE; };
        const GuardedBuffer workspace(chain_workspace(chained.block.rows, chained.block.n));
        const svetune_args args = chain_args(x, workspace.data(), workspace.bytes());
        svetune_status status = SVETUNE_OK;
        item.call([&] { status = kernels.chain.exp2_and_panels(&chained.block, &args); });
        const float* const s = x.s.floats();
        const bool masked =
            std::any_of(s, s + x.s.bytes() / sizeof(float), [](float value) { return std::isinf(value); });
        if (status != (masked ? SVETUNE_BAD_SHAPE : SVETUNE_OK)) fail("did not tell whether elements are masked");
        if (masked) continue;
        for (std::size_t i = 0; i < rows; ++i)
          std::memcpy(x.p.floats() + static_cast<std::ptrdiff_t>(i) * x.ldp,
                      chain_p(chained.block, args) + static_cast<std::ptrdiff_t>(i) * chain_ldp(chained.block),
                      n * sizeof(float));
        item.check_p();
      }
    }
  }
  return 1;
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

// The constants, exp2 of the first row block, the tile; rows behind the row blocks by P as the tile leaves it.
void check_interleaved_tile(const MicroKernels& kernels, Interleaved tile, const InterleavedBlock& block, Masks masks) {
  Case item(static_cast<std::size_t>(block.rows), static_cast<std::size_t>(block.n),
            static_cast<std::size_t>(block.columns), SVETUNE_EXP2_FEXPA, masks);
  const auto& x = item.operands;
  const std::int64_t mr = block.rows - block.last;
  const GuardedBuffer workspace(interleaved_workspace(block.rows, block.n, mr));
  const svetune_args args = chain_args(x, workspace.data(), workspace.bytes());
  const auto p_at = [&](std::ptrdiff_t bytes) {
    return reinterpret_cast<float*>(static_cast<std::byte*>(args.workspace) + bytes);
  };
  const auto ldp = block.p_stride / static_cast<std::ptrdiff_t>(sizeof(float));
  item.call([&] {
    if (!kernels.interleaved.constants(args.max, args.scale, block.rows, workspace.floats()))
      fail("refused ordinary rows");
  });
  for (std::int64_t i = 0; i < mr; ++i)
    kernels.exp2[0][0][0](args.s + i * args.lds, p_at(block.p) + i * ldp, static_cast<std::size_t>(block.n), args.scale,
                          args.max[i]);
  item.call([&] { tile(&block, &args); });
  for (std::int64_t i = 0; i < block.behind; ++i) {
    float* const o = args.o + (block.rows - block.behind + i) * args.ldo;
    for (std::int64_t k = 0; k < block.n; ++k) {
      for (std::int64_t j = 0; j < block.columns; ++j)
        o[j] += p_at(block.behind_p)[i * ldp + k] * args.v[k * args.ldv + j];
    }
  }
  item.check_o(false);
}

int check_interleaved(const MicroKernels& kernels) {
  int checked = 0;
  const auto lanes = static_cast<std::int64_t>(kernels.lanes);
  each_tile(kernels.lanes, [&](std::size_t mr, std::size_t nr, std::size_t fewest, std::size_t most) {
    for (std::int64_t parts = 1; parts <= kMaxInterleavedParts; ++parts) {
      if (mr > static_cast<std::size_t>(kMaxInterleavedRows)) continue;
      const Interleaved tile = (*kernels.interleaved.tiles)[mr][nr][static_cast<std::size_t>(parts - 1)];
      if (tile == nullptr) continue;
      std::snprintf(current, sizeof current, "interleaved %zux%zu parts %d", mr, nr, static_cast<int>(parts));
      const auto rows = static_cast<std::int64_t>(mr);
      const auto check = [&](std::int64_t m, std::int64_t k, std::int64_t tiles, std::int64_t narrow, std::size_t n,
                             Masks masks) {
        InterleavedBlock block = interleaved_block(m, k, rows, m / rows, lanes);
        block.tiles = tiles;
        block.narrow = narrow;
        block.columns = static_cast<std::int64_t>(n);
        check_interleaved_tile(kernels, tile, block, masks);
      };
      check(2 * rows, 2 * lanes, parts, 0, (static_cast<std::size_t>(parts) - 1) * nr * kernels.lanes + most,
            Masks::kSome);
      check(3 * rows + 1, 3 * lanes + 1, parts, 0, (static_cast<std::size_t>(parts) - 1) * nr * kernels.lanes + fewest,
            Masks::kNone);
      if (nr > 1)  // a tile of a vector less behind the others
        check(rows + 1, 2 * lanes - 1, parts + 1, 1, static_cast<std::size_t>(parts) * nr * kernels.lanes + fewest - 1,
              Masks::kSome);
      ++checked;
    }
  });
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
