// panels: exp2 of a block of nc of all rows, then generated GEMM panels, each a column of tiles down all rows; softmax
// by running maxima of the blocks.
//
// O is cut into regions of tiles (strategies/regions.hpp). A block of nc is one chain of generated code
// (micro/chain.hpp), or, where it has more than kPanelsOfChain panels, one for each so many. With v_pack its V is first
// copied into the workspace, the columns of each panel together.
#include <cstddef>
#include <type_traits>

#include "strategies/panels_space.hpp"
#include "strategies/regions.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

using PanelList = ChainPanel[kPanelsOfChain + 1];

// All that depends on problem and configuration alone. Holds no pointer into itself: a plan may be copied.
struct Prepared {
  ChainBlock blocks[2];  // of nc: all but the last one, the last one
  PanelList panels;      // where one chain holds all
  Exp2Row exp2;
  ChainKernels chain;
  const SoftmaxKernels* softmax;
  const PackTable* pack;    // null: V is read where it is
  std::ptrdiff_t packed_v;  // where it is packed, from where the chain's workspace begins
  bool stream, sums;
  std::int64_t nc, lanes, d;
  Regions regions;
};
static_assert(sizeof(Prepared) <= sizeof(PreparedState::data) && alignof(Prepared) <= alignof(PreparedState));
static_assert(std::is_trivially_copyable_v<Prepared>);

constexpr auto kFloat = static_cast<std::int64_t>(sizeof(float));

// Where packed V of the panels from a column on begins, in floats: their areas follow each other, each with room for
// the rows of the longest block.
[[gnu::section(".svetune_text")]] std::int64_t packed_place(const Prepared& x, std::int64_t column) {
  return column * x.blocks[0].n;
}

// Of the first panel of a list, in floats: where its V begins, less its column, and how long its rows are where they
// are packed.
struct FirstV {
  std::int64_t place, packed_ldv;
};

// The panels `begin` to `end` in the order of their regions: those of one tile follow each other.
[[gnu::section(".svetune_text")]] FirstV list_panels(const Prepared& x, std::int64_t begin, std::int64_t end,
                                                     PanelList& list) {
  ChainPanel* next = list;
  std::int64_t number = 0;
  for (std::size_t r = 0; r < x.regions.count; ++r) {
    const Region& region = x.regions.list[r];
    for (std::int64_t i = 0; i < region.count; ++i, ++number) {
      if (number < begin || number >= end) continue;
      const std::int64_t column = (region.column + i * region.vectors) * x.lanes;
      const bool packed = x.pack != nullptr;
      *next++ = {.code = region.kernel.code,
                 .column = column * kFloat,
                 .lanes = static_cast<std::int32_t>(last_lanes(region, column, x.d, x.lanes)),
                 .blocks = static_cast<std::int32_t>(region.blocks),
                 .row = static_cast<std::int32_t>(region.row),
                 .ldv = packed ? static_cast<std::int32_t>(region.vectors * x.lanes * kFloat) : 0,
                 .next = 0,
                 .next_v = packed ? packed_place(x, column) * kFloat : column * kFloat};
    }
  }
  // From places and strides of V to their differences.
  const std::int64_t first = list[0].next_v, first_ldv = list[0].ldv;
  *next = {.code = x.chain.end, .column = 0, .lanes = 0, .blocks = 0, .row = 0, .ldv = 0, .next = 0, .next_v = first};
  std::int32_t ldv = list[0].ldv;
  for (ChainPanel* panel = list; panel != next; ++panel) {
    panel->next = (std::int64_t{panel[1].row} << 32) | panel[1].column;
    panel->next_v = panel[1].next_v - panel->next_v;
    panel->ldv -= ldv;
    ldv += panel->ldv;
  }
  return {(first - list[0].column) / kFloat, first_ldv / kFloat};
}

// V of the block that begins with row k, for its panels.
[[gnu::section(".svetune_text")]] void bring_v(const Prepared& x, const ChainBlock& block, const svetune_args& args,
                                               std::int64_t k, svetune_args& part) {
  part.v = args.v + k * args.ldv;
  if (x.pack == nullptr) return;
  auto* const packed = reinterpret_cast<float*>(static_cast<std::byte*>(part.workspace) + x.packed_v);
  for (std::size_t r = 0; r < x.regions.count; ++r) {
    const Region& region = x.regions.list[r];
    if (region.row != 0) continue;  // the same columns as above
    for (std::int64_t i = 0; i < region.count; ++i) {
      const std::int64_t column = (region.column + i * region.vectors) * x.lanes;
      (*x.pack)[static_cast<std::size_t>(region.vectors)](part.v + column, args.ldv, packed + packed_place(x, column),
                                                          block.n, last_lanes(region, column, x.d, x.lanes));
    }
  }
  // Of the first panel; the list tells how the others differ.
  const Region& first = x.regions.list[0];
  const std::int64_t column = first.column * x.lanes;
  part.v = packed + (x.regions.panels > kPanelsOfChain ? 0 : packed_place(x, column) - column);
  part.ldv = first.vectors * x.lanes;
}

// P is made by the careful kernel: all of it, or what the generated one leaves to it.
[[gnu::section(".svetune_text"), gnu::noinline]] void exp2_row_by_row(const Prepared& x, const ChainBlock& block,
                                                                      const svetune_args& args) {
  float* const sums = x.sums && !x.stream ? args.row_sum : nullptr;
  exp2_rows(x.exp2, {args.s, args.lds, args.max, args.scale, chain_p(block, args), chain_ldp(block), sums}, block.rows,
            block.n);
}

// What a chain calls that was refused, where its block is one of Prepared.
template <int kBlock>
[[gnu::section(".svetune_text")]] svetune_status repeat(const void* data, const svetune_args* args) {
  const auto* const block = static_cast<const ChainBlock*>(data);
  const auto& x = *reinterpret_cast<const Prepared*>(block - kBlock);
  exp2_row_by_row(x, *block, *args);
  return x.chain.panels(block, args);
}

// A block whose list of panels follows it.
struct Part {
  ChainBlock block;
  PanelList panels;
};
[[gnu::section(".svetune_text")]] svetune_status refused(const void*, const svetune_args*) {
  return SVETUNE_BAD_CONFIGURATION;  // seen by many_panels alone
}

// Where one chain does not hold all panels.
[[gnu::section(".svetune_text"), gnu::noinline]] void many_panels(const Prepared& x, const ChainBlock& block,
                                                                  const svetune_args& args) {
  Part part;
  part.block = block;
  part.block.panels = offsetof(Part, panels);
  part.block.repeat = refused;
  svetune_args moved = args;
  for (std::int64_t begin = 0; begin < x.regions.panels; begin += kPanelsOfChain) {
    const FirstV first = list_panels(x, begin, begin + kPanelsOfChain, part.panels);
    moved.v = args.v + first.place;
    if (x.pack != nullptr) moved.ldv = first.packed_ldv;
    if (begin == 0) {
      if (x.stream && x.chain.exp2_and_panels(&part.block, &moved) == SVETUNE_OK) continue;
      exp2_row_by_row(x, block, args);
    }
    x.chain.panels(&part.block, &moved);
  }
}

[[gnu::section(".svetune_text")]] void one_block(const Prepared& x, const ChainBlock& block, const svetune_args& args) {
  if (x.regions.panels > kPanelsOfChain) {
    many_panels(x, block, args);
  } else if (x.stream) {
    x.chain.exp2_and_panels(&block, &args);
  } else {
    exp2_row_by_row(x, block, args);
    x.chain.panels(&block, &args);
  }
  // P is still there, and the stream's registers are all taken.
  if (x.sums && x.stream) {
    x.softmax->add_sums(chain_p(block, args), chain_ldp(block), block.rows, static_cast<std::size_t>(block.n),
                        args.row_sum);
  }
}

// The running maxima and sums of softmax, before the workspace of a block: bytes of each.
constexpr std::size_t softmax_bytes(std::int64_t rows) {
  return (static_cast<std::size_t>(rows) * sizeof(float) + 63) / 64 * 64;
}

// SIZE_MAX: more than memory can hold.
constexpr std::size_t sum_of(std::size_t a, std::size_t b) {
  return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

// Packed V begins on a line of its own behind the workspace of the chain; enough for any vector length.
[[gnu::section(".svetune_text")]] std::size_t packed_begin(std::int64_t rows, std::int64_t n) {
  constexpr std::size_t kLine = 256;
  const std::size_t chain = chain_workspace(rows, n);
  return chain > SIZE_MAX - kLine ? SIZE_MAX : (chain + kLine - 1) / kLine * kLine;
}
constexpr std::size_t packed_bytes(std::int64_t d, std::int64_t n) {
  const std::size_t row_bytes = (static_cast<std::size_t>(d) + 15) / 16 * 64;
  std::size_t bytes = 0;
  return __builtin_mul_overflow(row_bytes, static_cast<std::size_t>(n), &bytes) ? SIZE_MAX : bytes;
}

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config& config) {
  const std::int64_t length = block_length(problem, config);
  std::size_t bytes = chain_workspace(problem.m, length);
  if (config.v_pack != 0) bytes = sum_of(packed_begin(problem.m, length), packed_bytes(problem.d, length));
  return problem.operation == SVETUNE_SOFTMAX_GEMM ? sum_of(bytes, 2 * softmax_bytes(problem.m)) : bytes;
}

[[gnu::section(".svetune_text")]] bool find_panels(const MicroKernels& kernels, const svetune_config& config,
                                                   Prepared& x) {
  const auto unroll = static_cast<std::size_t>(panel_unroll_index(config.k_unroll));
  bool all = true;  // a library may be built with some alone
  for (std::size_t i = 0; i < x.regions.count; ++i) {
    Region& region = x.regions.list[i];
    const auto rows = static_cast<std::size_t>(region.height), vectors = static_cast<std::size_t>(region.vectors);
    const int sets = panel_sets(static_cast<int>(rows), static_cast<int>(vectors), config.k_split);
    const std::int32_t order = panel_order(config.fma_order, region.height, region.vectors, sets, config.k_unroll);
    region.kernel = (*kernels.panels)[rows][vectors][static_cast<std::size_t>(sets - 1)][unroll]
                                     [static_cast<std::size_t>(order - 1)];
    all = all && region.kernel.code != nullptr;
  }
  return all;
}

// Where the call is not one chain.
[[gnu::section(".svetune_text")]] svetune_status block_by_block(const void* data, const svetune_args* args) {
  const auto& x = *static_cast<const Prepared*>(data);
  svetune_args part = *args;
  for (std::int64_t k = 0; k < x.nc; k += x.blocks[0].n) {
    const ChainBlock& block = x.blocks[x.nc - k > x.blocks[0].n ? 0 : 1];
    part.s = args->s + k;
    bring_v(x, block, *args, k, part);
    one_block(x, block, part);
  }
  return SVETUNE_OK;
}

// FlashAttention's tiling (Dao et al., arXiv:2205.14135): the maxima of the blocks so far, O and sums rescaled where
// they rise.
[[gnu::section(".svetune_text")]] svetune_status softmax_by_block(const void* data, const svetune_args* args) {
  const auto& x = *static_cast<const Prepared*>(data);
  const std::size_t bytes = softmax_bytes(x.blocks[0].rows);
  auto* const workspace = static_cast<std::byte*>(args->workspace);
  svetune_args part = *args;
  auto* const max = reinterpret_cast<float*>(workspace);
  part.max = max;
  part.row_sum = reinterpret_cast<float*>(workspace + bytes);
  part.workspace = workspace + 2 * bytes;
  SoftmaxRows rows = {.s = nullptr,
                      .lds = args->lds,
                      .n = 0,
                      .scale = args->scale,
                      .rows = x.blocks[0].rows,
                      .max = max,
                      .sum = part.row_sum,
                      .o = args->o,
                      .ldo = args->ldo,
                      .d = static_cast<std::size_t>(x.d)};
  x.softmax->begin(rows);
  for (std::int64_t k = 0; k < x.nc; k += x.blocks[0].n) {
    const ChainBlock& block = x.blocks[x.nc - k > x.blocks[0].n ? 0 : 1];
    rows.s = part.s = args->s + k;
    rows.n = static_cast<std::size_t>(block.n);
    x.softmax->raise(rows);
    bring_v(x, block, *args, k, part);
    one_block(x, block, part);
  }
  x.softmax->normalise(rows);
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status prepare(const MicroKernels& kernels, const svetune_problem& problem,
                                                         const svetune_config& config, PreparedState& state) {
  svetune_config row_config = config;
  svetune_problem row_problem = problem;
  if (config.exp2_unroll == kStream) {
    row_config.exp2_unroll = 4;
    row_problem.operation = SVETUNE_EXP2_GEMM;
  }
  const Exp2Row exp2 = find_exp2(kernels, row_problem, row_config);
  if (exp2 == nullptr || kernels.panels == nullptr || !panels_known(problem, config)) return SVETUNE_BAD_CONFIGURATION;
  auto& x = *reinterpret_cast<Prepared*>(state.data.data());
  const auto lanes = static_cast<std::int64_t>(kernels.lanes), length = block_length(problem, config);
  x.exp2 = exp2;
  x.chain = kernels.chain;
  x.stream = config.exp2_unroll == kStream;
  x.softmax = &kernels.softmax;
  x.pack = config.v_pack != 0 ? &kernels.pack : nullptr;
  x.packed_v = static_cast<std::ptrdiff_t>(packed_begin(problem.m, length));
  x.sums = problem.operation != SVETUNE_EXP2_GEMM;
  x.lanes = lanes;
  x.nc = problem.nc;
  x.d = problem.d;
  x.blocks[0] = chain_block(problem.m, length, config.k_unroll, lanes, config.prefetch);
  x.blocks[1] =
      chain_block(problem.m, problem.nc - (problem.nc - 1) / length * length, config.k_unroll, lanes, config.prefetch);
  x.blocks[0].panels = offsetof(Prepared, panels);
  x.blocks[1].panels = offsetof(Prepared, panels) - sizeof(ChainBlock);
  x.blocks[0].repeat = repeat<0>;
  x.blocks[1].repeat = repeat<1>;
  x.regions = cut_into_regions(config, problem.m, vectors_of(problem.d, lanes));
  if (!find_panels(kernels, config, x)) return SVETUNE_BAD_CONFIGURATION;
  for (ChainBlock& block : x.blocks) block.behind_exp2 = x.regions.list[0].kernel.behind_exp2;
  const bool one_list = x.regions.panels <= kPanelsOfChain;
  if (one_list) list_panels(x, 0, x.regions.panels, x.panels);
  const bool one_chain = x.stream && !x.sums && one_list && length == problem.nc && x.pack == nullptr;
  state.call = one_chain ? x.chain.exp2_and_panels : block_by_block;  // a Prepared begins with its block
  if (problem.operation == SVETUNE_SOFTMAX_GEMM) state.call = softmax_by_block;
  if (one_chain) {
    x.blocks[0].columns = problem.d;
    x.blocks[0].workspace_bytes = static_cast<std::int64_t>(workspace(problem, config));
    state.checked = problem.m == kExp2StepVectors && problem.nc >= lanes ? x.chain.checked_four : x.chain.checked;
  }
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy panels_strategy = {
    .id = SVETUNE_PANELS,
    .name = "panels",
    .summary = "exp2 of a block of nc, then generated GEMM panels over all rows",
    .may_win = true,
    .axes = kPanelsAxes,
    .constraints = kPanelsConstraints,
    .workspace_bytes = workspace,
    .run = run_prepared<prepare>,
    .operations = kExp2GemmOperations | operation_bit(SVETUNE_SOFTMAX_GEMM),
    .calls = kCallsPanels,
    .prepare = prepare};

}  // namespace svetune
