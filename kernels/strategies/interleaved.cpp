// interleaved: row block after row block, with exp2 of the next one between the FMAs of this one.
//
// The first row block's exp2 comes by itself. Rows behind the whole row blocks, and calls that interleaved tiles do not
// take (a row that is not ordinary, less than two row blocks or no more than a vector of nc), are GEMM panels.
#include <cstddef>
#include <type_traits>

#include "strategies/common.hpp"
#include "strategies/regions.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

constexpr bool tile_known(const svetune_config& config) {
  return interleaved_fits(config.mr, config.nr, config.exp2_unroll);
}
bool tile_holds(const Target&, const svetune_config& config) {
  return tile_known(config);
}
bool exp2_holds(const Target&, const svetune_config& config) {
  return config.exp2 == SVETUNE_EXP2_FEXPA;
}

Values exp2_value(const Target&) {
  return {SVETUNE_EXP2_FEXPA};
}
// Fewer than all rows: exp2 of a next row block is what there is to interleave.
Values mr_values_of_tiles(const Target& target) {
  Values values = {2};
  for (std::int32_t value = 3; value <= kMaxInterleavedRows && value < target.problem.shape.m; ++value)
    values.push_back(value);
  return values;
}
Values parts_values(const Target& target) {
  if (target.problem.shape.d * 32 <= target.vector_bits) return {1};  // one tile
  return {1, 2};
}

constexpr AxisUse kAxes[] = {{"exp2", exp2_value, SVETUNE_EXP2_FEXPA},
                             {"exp2_unroll", parts_values, 1},
                             {"mr", mr_values_of_tiles, 4},
                             kNrAxis,
                             kKBlockAxis};
constexpr Constraint kConstraints[] = {
    {"exp2", "fexpa alone is generated", exp2_holds},
    {"registers",
     "mr 2..5, nr 1..6, exp2_unroll 1 or 2, and accumulators, operands and six registers for exp2 must fit 32 vector "
     "registers",
     tile_holds},
    kKBlock};

constexpr std::int64_t kPanelsOfList = 8;
static_assert(kPanelsOfList <= kPanelsOfChain);

// Panels of some rows of a block of nc, whose P is in the workspace.
using PanelList = ChainPanel[kPanelsOfList + 1];
struct Part {
  ChainBlock block;
  PanelList list;
};

// All that depends on problem and configuration alone. Holds no pointer into itself: a plan may be copied.
struct Prepared {
  InterleavedBlock blocks[2];  // of nc: all but the last one, the last one
  ChainBlock behind[2];        // panels of the rows behind the row blocks, by `list` where that holds all
  PanelList list;
  ChainBlock head[2];  // exp2 of the first row block
  ChainPanel no_panel;
  bool listed;
  const MicroKernels* kernels;
  Interleaved tile;  // null: panels alone
  Exp2Row exp2;
  std::int64_t m, nc, d, lanes, mr;
};
static_assert(sizeof(Prepared) <= sizeof(PreparedState::data) && alignof(Prepared) <= alignof(PreparedState));
static_assert(std::is_trivially_copyable_v<Prepared>);

// Panels of so few rows: in one row block, as wide as gives them enough accumulators.
[[gnu::section(".svetune_text")]] Regions regions_of(const MicroKernels& kernels, std::int64_t rows,
                                                     std::int64_t vectors) {
  svetune_config config{};
  config.mr = static_cast<std::int32_t>(rows);
  config.nr = panel_full_vectors(static_cast<int>(rows));
  config.columns = SVETUNE_COLUMNS_WIDE;
  config.k_split = kInterleavedPanelSets;
  Regions regions = cut_into_regions(config, rows, vectors);
  for (std::size_t i = 0; i < regions.count; ++i) {
    Region& region = regions.list[i];
    const auto height = static_cast<std::size_t>(region.height), width = static_cast<std::size_t>(region.vectors);
    const int sets = panel_sets(static_cast<int>(height), static_cast<int>(width), kInterleavedPanelSets);
    region.kernel = (*kernels.panels)[height][width][static_cast<std::size_t>(sets - 1)][1][0];
  }
  return regions;
}

[[gnu::section(".svetune_text")]] bool has_panels(const MicroKernels& kernels, std::int64_t most,
                                                  std::int64_t vectors) {
  for (std::int64_t rows = 1; rows <= most; ++rows) {
    const Regions regions = regions_of(kernels, rows, vectors);
    for (std::size_t i = 0; i < regions.count; ++i) {
      if (regions.list[i].kernel.code == nullptr) return false;
    }
  }
  return true;
}

[[gnu::section(".svetune_text")]] ChainPanel end_of_list(const Prepared& x) {
  return {
      .code = x.kernels->chain.end, .column = 0, .lanes = 0, .blocks = 0, .row = 0, .ldv = 0, .next = 0, .next_v = 0};
}

// The panels from `begin` on, as many as the list holds; returns how many panels there are in all.
[[gnu::section(".svetune_text")]] std::int64_t list_panels(const Prepared& x, const Regions& regions,
                                                           std::int64_t begin, PanelList& list) {
  std::int64_t number = 0, count = 0;
  for (std::size_t r = 0; r < regions.count; ++r) {
    const Region& region = regions.list[r];
    for (std::int64_t i = 0; i < region.count; ++i, ++number) {
      if (number < begin || count == kPanelsOfList) continue;
      const std::int64_t column = (region.column + i * region.vectors) * x.lanes;
      list[count++] = {.code = region.kernel.code,
                       .column = column * static_cast<std::int64_t>(sizeof(float)),
                       .lanes = static_cast<std::int32_t>(last_lanes(region, column, x.d, x.lanes)),
                       .blocks = 1,
                       .row = 0,
                       .ldv = 0,
                       .next = 0,
                       .next_v = 0};
    }
  }
  list[count] = end_of_list(x);
  for (std::int64_t i = 0; i < count; ++i) {
    list[i].next = list[i + 1].column;
    list[i].next_v = list[i + 1].column - list[i].column;
  }
  return number;
}

[[gnu::section(".svetune_text")]] ChainBlock chain_of(const Prepared& x, const InterleavedBlock& block,
                                                      std::int64_t rows, std::ptrdiff_t p) {
  ChainBlock chain = chain_block(rows, block.n, kInterleavedPanelUnroll, x.lanes);
  chain.p = p;
  chain.p_stride = block.p_stride;
  return chain;
}

// o += p * v of `rows` rows from `row`, P at so many bytes of the workspace.
[[gnu::section(".svetune_text"), gnu::noinline]] void panels(const Prepared& x, const InterleavedBlock& block,
                                                             const svetune_args& args, std::int64_t row,
                                                             std::int64_t rows, std::ptrdiff_t p) {
  const Regions regions = regions_of(*x.kernels, rows, vectors_of(x.d, x.lanes));
  Part part;
  part.block = chain_of(x, block, rows, p);
  part.block.panels = offsetof(Part, list);
  svetune_args below = args;
  below.o += row * args.ldo;
  std::int64_t all = 0, begin = 0;
  do {
    all = list_panels(x, regions, begin, part.list);
    x.kernels->chain.panels(&part.block, &below);
    begin += kPanelsOfList;
  } while (begin < all);
}

// P of some rows, into the first buffer, by the careful kernel.
[[gnu::section(".svetune_text"), gnu::noinline]] void exp2_by_row(const Prepared& x, const InterleavedBlock& block,
                                                                  const svetune_args& args, std::int64_t row,
                                                                  std::int64_t rows) {
  const std::ptrdiff_t ldp = block.p_stride / static_cast<std::ptrdiff_t>(sizeof(float));
  auto* const p = reinterpret_cast<float*>(static_cast<std::byte*>(args.workspace) + block.p);
  exp2_rows(x.exp2, {args.s + row * args.lds, args.lds, args.max + row, args.scale, p, ldp, nullptr}, rows, block.n);
}

// A block of nc without interleaved tiles.
[[gnu::section(".svetune_text"), gnu::noinline]] void careful_block(const Prepared& x, const InterleavedBlock& block,
                                                                    const svetune_args& args) {
  for (std::int64_t row = 0; row < x.m; row += x.mr) {
    const std::int64_t rows = x.m - row < x.mr ? x.m - row : x.mr;
    exp2_by_row(x, block, args, row, rows);
    panels(x, block, args, row, rows, block.p);
  }
}

// Masked elements are left to the careful kernel.
[[gnu::section(".svetune_text")]] svetune_status refused(const void*, const svetune_args*) {
  return SVETUNE_BAD_CONFIGURATION;  // seen by one_block alone
}

[[gnu::section(".svetune_text")]] void one_block(const Prepared& x, const InterleavedBlock& block,
                                                 const svetune_args& args) {
  svetune_args head = args;
  head.workspace = static_cast<std::byte*>(args.workspace) + interleaved_table_bytes(x.m);
  if (x.kernels->chain.exp2_and_panels(&x.head[&block - x.blocks], &head) != SVETUNE_OK)
    exp2_by_row(x, block, args, 0, x.mr);
  x.tile(&block, &args);
  if (block.behind == 0) return;
  if (x.listed) {
    svetune_args below = args;
    below.o += (x.m - block.behind) * args.ldo;
    x.kernels->chain.panels(&x.behind[&block - x.blocks], &below);
  } else {
    panels(x, block, args, x.m - block.behind, block.behind, block.behind_p);
  }
}

// Lines that the head of a block asks for first: of S, which no prefetcher knows, and of this plan, which V pushes out.
[[gnu::section(".svetune_text")]] void fetch_rows(const Prepared& x, const svetune_args& args) {
  for (std::int64_t i = 0; i < 2 * x.mr && i < x.m; ++i) __builtin_prefetch(args.s + i * args.lds);
}

[[gnu::section(".svetune_text")]] svetune_status call(const void* data, const svetune_args* args) {
  const auto& x = *static_cast<const Prepared*>(data);
  fetch_rows(x, *args);
  const bool careful = x.tile == nullptr || !x.kernels->interleaved.constants(args->max, args->scale, x.m,
                                                                              static_cast<float*>(args->workspace));
  svetune_args part = *args;
  for (std::int64_t k = 0; k < x.nc; k += x.blocks[0].n) {
    part.s = args->s + k;
    part.v = args->v + k * args->ldv;
    const InterleavedBlock& block = x.blocks[x.nc - k > x.blocks[0].n ? 0 : 1];
    if (careful || block.whole == 0) {
      careful_block(x, block, part);
    } else {
      one_block(x, block, part);
    }
  }
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config& config) {
  return interleaved_workspace(problem.m, block_length(problem, config), config.mr);
}

// Columns by as few tiles of nearly equal width; rows by tiles of mr.
[[gnu::section(".svetune_text")]] void cut(Prepared& x, const svetune_config& config, std::int64_t length) {
  const std::int64_t vectors = vectors_of(x.d, x.lanes);
  svetune_config one_row{};
  one_row.mr = 1;
  one_row.nr = config.nr;
  one_row.columns = SVETUNE_COLUMNS_EVEN;
  one_row.k_split = 1;
  const Regions columns = cut_into_regions(one_row, 1, vectors);
  std::int64_t blocks = 0;
  for (std::int64_t row = x.mr; row <= x.m; row += x.mr) ++blocks;
  x.blocks[0] = interleaved_block(x.m, length, x.mr, blocks, x.lanes);
  x.blocks[1] = interleaved_block(x.m, x.nc - (x.nc - 1) / length * length, x.mr, blocks, x.lanes);
  for (InterleavedBlock& block : x.blocks) {
    block.tiles = columns.panels;
    block.narrow = columns.count > 1 ? columns.list[1].count : 0;
    block.columns = x.d;
  }
  x.no_panel = end_of_list(x);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto table = static_cast<std::ptrdiff_t>(interleaved_table_bytes(x.m));
    x.head[i] = chain_of(x, x.blocks[i], x.mr, x.blocks[i].p - table);
    x.head[i].panels =
        static_cast<std::ptrdiff_t>(offsetof(Prepared, no_panel) - offsetof(Prepared, head) - i * sizeof(ChainBlock));
    x.head[i].repeat = refused;
  }
  const std::int64_t behind = x.blocks[0].behind;
  if (behind != 0) {
    const Regions regions = regions_of(*x.kernels, behind, vectors);
    x.listed = list_panels(x, regions, 0, x.list) <= kPanelsOfList;
    for (std::size_t i = 0; i < 2; ++i) {
      x.behind[i] = chain_of(x, x.blocks[i], behind, x.blocks[i].behind_p);
      x.behind[i].panels =
          static_cast<std::ptrdiff_t>(offsetof(Prepared, list) - offsetof(Prepared, behind) - i * sizeof(ChainBlock));
    }
  }
  const std::int64_t parts = config.exp2_unroll < columns.panels ? config.exp2_unroll : columns.panels;
  const auto width = static_cast<std::size_t>(columns.list[0].vectors);
  x.tile = nullptr;
  if (blocks > 1 || (blocks == 1 && x.m > x.mr))
    x.tile =
        (*x.kernels->interleaved.tiles)[static_cast<std::size_t>(x.mr)][width][static_cast<std::size_t>(parts - 1)];
}

[[gnu::section(".svetune_text")]] svetune_status prepare(const MicroKernels& kernels, const svetune_problem& problem,
                                                         const svetune_config& config, PreparedState& state) {
  if (config.exp2 != SVETUNE_EXP2_FEXPA || !tile_known(config) || kernels.interleaved.tiles == nullptr ||
      kernels.panels == nullptr)
    return SVETUNE_BAD_CONFIGURATION;
  svetune_config row_config = config;
  row_config.exp2_unroll = 4;
  auto& x = *reinterpret_cast<Prepared*>(state.data.data());
  x.kernels = &kernels;
  x.exp2 = find_exp2(kernels, problem, row_config);
  x.m = problem.m;
  x.nc = problem.nc;
  x.d = problem.d;
  x.lanes = static_cast<std::int64_t>(kernels.lanes);
  x.mr = config.mr;
  cut(x, config, block_length(problem, config));
  if (x.exp2 == nullptr || !has_panels(kernels, x.mr, vectors_of(x.d, x.lanes))) return SVETUNE_BAD_CONFIGURATION;
  state.call = call;
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy interleaved_strategy = {.id = SVETUNE_INTERLEAVED,
                                                 .name = "interleaved",
                                                 .summary = "exp2 of the next row block inside the GEMM of this one",
                                                 .may_win = true,
                                                 .axes = kAxes,
                                                 .constraints = kConstraints,
                                                 .workspace_bytes = workspace,
                                                 .run = run_prepared<prepare>,
                                                 .operations = operation_bit(SVETUNE_EXP2_GEMM),
                                                 .calls = kCallsInterleaved,
                                                 .prepare = prepare};

}  // namespace svetune
