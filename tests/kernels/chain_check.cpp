// The generated code: panels as links of chains, exp2 at their heads, and interleaved tiles.
#include "chain_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

#include "kernel_case.hpp"
#include "micro/chain.hpp"

namespace svetune {
namespace {

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

// P as the chain left it in its workspace.
void check_p(const Case& item, const ChainBlock& block, const svetune_args& args) {
  const auto& x = item.operands;
  for (std::ptrdiff_t i = 0; i < block.rows; ++i)
    std::memcpy(x.p.floats() + i * x.ldp, chain_p(block, args) + i * chain_ldp(block),
                static_cast<std::size_t>(block.n) * sizeof(float));
  item.check_p();
}

bool has_masked(const Operands& x) {
  const float* const s = x.s.floats();
  return std::any_of(s, s + x.s.bytes() / sizeof(float), [](float value) { return std::isinf(value); });
}

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

// exp2 of four rows whose end is woven with the panel's beginning: the panel as the only link of a chain.
void check_behind_exp2(const ChainKernels& chain, const PanelCode& kernel, std::size_t nr, std::size_t lanes,
                       std::size_t unroll, std::size_t k, std::size_t n, Masks masks) {
  Case item(kExp2StepVectors, k, n, SVETUNE_EXP2_FEXPA, masks);
  item.poison_p();
  const auto& x = item.operands;
  const auto last = static_cast<std::int32_t>(n - (nr - 1) * lanes);
  Chained chained{chain_block(kExp2StepVectors, x.problem.shape.nc, static_cast<std::int64_t>(unroll),
                              static_cast<std::int64_t>(lanes)),
                  {{{kernel.code, 0, last, 1, 0, 0, 0, 0}, {chain.end, 0, 0, 0, 0, 0, 0, 0}}}};
  chained.block.panels = offsetof(Chained, panels);
  chained.block.behind_exp2 = kernel.behind_exp2;
  chained.block.repeat = [](const void*, const svetune_args*) { return SVETUNE_BAD_SHAPE; };
  const GuardedBuffer workspace(chain_workspace(chained.block.rows, chained.block.n));
  const svetune_args args = chain_args(x, workspace.data(), workspace.bytes());
  const std::vector<float> before(x.o.floats(), x.o.floats() + x.o.bytes() / sizeof(float));
  svetune_status status = SVETUNE_OK;
  item.call([&] { status = chain.exp2_and_panels(&chained.block, &args); });
  const bool masked = has_masked(x);
  if (status != (masked ? SVETUNE_BAD_SHAPE : SVETUNE_OK)) fail("did not tell whether elements are masked");
  if (!masked) {
    item.check_o(false);
    check_p(item, chained.block, args);
  } else if (std::memcmp(before.data(), x.o.floats(), x.o.bytes()) != 0) {
    fail("changed O where elements are masked");
  }
}

constexpr std::array<const char*, kPanelOrders> kOrderNames = {"rows", "columns", "rows, zigzag"};

}  // namespace

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

int check_panels_behind_exp2(const MicroKernels& kernels) {
  int checked = 0;
  constexpr std::size_t kRows = kExp2StepVectors;
  each_tile(kernels.lanes, [&](std::size_t mr, std::size_t nr, std::size_t fewest, std::size_t most) {
    for (std::size_t sets = 0; mr == kRows && sets < kMaxPanelSets; ++sets) {
      for (const std::size_t unroll : {std::size_t{8}, std::size_t{16}}) {
        for (std::size_t order = 0; order < kPanelOrders; ++order) {
          const PanelCode& kernel = (*kernels.panels)[mr][nr][sets][unroll / 16][order];
          if (kernel.behind_exp2 == nullptr) continue;
          std::snprintf(current, sizeof current, "panel %zux%zu sets %zu unroll %zu by %s, exp2", mr, nr, sets + 1,
                        unroll, kOrderNames[order]);
          const auto check = [&](std::size_t k, std::size_t n, Masks masks) {
            check_behind_exp2(kernels.chain, kernel, nr, kernels.lanes, unroll, k, n, masks);
          };
          ++checked;
          // Last steps of exp2 of both parities, rows of k of whole rounds and of others, of one round too.
          check(kernels.lanes, fewest, Masks::kNone);
          check(4 * kernels.lanes, most, Masks::kNone);
          check(5 * kernels.lanes - 1, most, Masks::kNone);
          check(6 * kernels.lanes + 1, fewest, Masks::kNone);
          check(5 * kernels.lanes, most, Masks::kSome);
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
        const bool masked = has_masked(x);
        if (status != (masked ? SVETUNE_BAD_SHAPE : SVETUNE_OK)) fail("did not tell whether elements are masked");
        if (masked) continue;
        check_p(item, chained.block, args);
      }
    }
  }
  return 1;
}

namespace {

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

}  // namespace

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

}  // namespace svetune
