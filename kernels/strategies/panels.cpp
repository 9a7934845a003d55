// panels: exp2 of a block of nc of all rows, then generated GEMM panels, each a column of tiles down all rows; softmax
// by running maxima of the blocks.
//
// Columns are cut into tiles of nr vectors and one narrower tile (columns=wide: 5v + 3v for d=128), or into as few
// tiles of nearly equal width (columns=even: 4v + 4v); rows into as few blocks of nearly equal height (64 rows by 6:
// nine blocks of 6 and two of 5). With columns=tall the narrower tile has blocks of its own, of more rows (3v: 8). A
// block of nc is one chain of generated code (micro/chain.hpp), or, where it has more than kColumnsOfChain columns, one
// for each so many.
#include <cstddef>
#include <type_traits>

#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

// `first` parts of `size`, then `second` parts of `rest`.
struct Split {
  std::int64_t size, first, rest, second;
};

// By constants, which compilers multiply by reciprocals: a division blocks a pipe of A64FX for 39 cycles.
constexpr std::int64_t quotient(std::int64_t extent, std::int64_t divisor) {
  const auto x = static_cast<std::uint64_t>(extent);
  switch (divisor) {
    case 2:
      return static_cast<std::int64_t>(x / 2);
    case 3:
      return static_cast<std::int64_t>(x / 3);
    case 4:
      return static_cast<std::int64_t>(x / 4);
    case 5:
      return static_cast<std::int64_t>(x / 5);
    case 6:
      return static_cast<std::int64_t>(x / 6);
    case 7:
      return static_cast<std::int64_t>(x / 7);
    case 8:
      return static_cast<std::int64_t>(x / 8);
    default:
      return extent;
  }
}

constexpr Split even_split(std::int64_t extent, std::int64_t most) {
  const std::int64_t parts = quotient(extent + most - 1, most);
  std::int64_t size = most;  // smaller only where there are few parts
  while ((size - 1) * parts >= extent) --size;
  const std::int64_t shorter = parts * size - extent;
  return {size, parts - shorter, size - 1, shorter};
}

constexpr Split wide_split(std::int64_t extent, std::int64_t most) {
  const std::int64_t whole = quotient(extent, most);
  const std::int64_t rest = extent - whole * most;
  return {most, whole, rest, rest != 0 ? 1 : 0};
}

bool tile_holds(const Target&, const svetune_config& config) {
  return panel_fits(config.mr, config.nr, 1);
}
bool split_holds(const Target&, const svetune_config& config) {
  return config.k_split >= 1 && config.k_split <= kMaxPanelSets;
}
bool unroll_holds(const Target&, const svetune_config& config) {
  return panel_unroll_index(config.k_unroll) >= 0;
}
[[gnu::section(".svetune_text")]] bool columns_known(const svetune_config& config) {
  return config.columns >= SVETUNE_COLUMNS_WIDE && config.columns <= SVETUNE_COLUMNS_TALL;
}
bool columns_hold(const Target&, const svetune_config& config) {
  return columns_known(config);
}
bool block_holds(const Target& target, const svetune_config& config) {
  return config.k_block == 0 || (config.k_block >= 1 && config.k_block < target.problem.shape.nc);
}

// exp2_unroll of the generated kernel, which takes rows and vectors as one stream.
inline constexpr std::int32_t kStream = 16;

constexpr bool stream_fits(const svetune_config& config) {
  return config.exp2 == SVETUNE_EXP2_FEXPA;
}
bool stream_holds(const Target& target, const svetune_config& config) {
  if (config.exp2_unroll == kStream) return stream_fits(config);
  return exp2_unroll_holds(target, config);
}

Values mr_values_of_panels(const Target& target) {
  Values values;
  for (std::int32_t value = 1; value <= kMaxPanelRows && value <= target.problem.shape.m; ++value)
    values.push_back(value);
  return values;
}
Values exp2_unroll_of_panels(const Target&) {
  return {4, 8, kStream};
}
Values split_values(const Target&) {
  return {1, 2, 3};
}
Values unroll_values(const Target&) {
  return {8, 16};
}
Values columns_values(const Target&) {
  return {SVETUNE_COLUMNS_WIDE, SVETUNE_COLUMNS_EVEN, SVETUNE_COLUMNS_TALL};
}
Values block_values(const Target& target) {
  Values values = {0};
  for (std::int32_t block = 32; block < target.problem.shape.nc && block <= 512; block *= 2) values.push_back(block);
  return values;
}

constexpr AxisUse kAxes[] = {kExp2Axis,
                             {"exp2_unroll", exp2_unroll_of_panels, 4},
                             {"mr", mr_values_of_panels, 4},
                             kNrAxis,
                             {"k_unroll", unroll_values, 16},
                             {"k_block", block_values, 0},
                             {"columns", columns_values, SVETUNE_COLUMNS_WIDE},
                             {"k_split", split_values, 2}};
constexpr Constraint kConstraints[] = {
    kAccuracy,
    {"exp2_unroll", "1, 2, 4 or 8; 16 for exp2=fexpa", stream_holds},
    {"registers", "mr 1..8, nr 1..6, and accumulators and operands must fit 32 vector registers", tile_holds},
    {"k_unroll", "8 or 16", unroll_holds},
    {"k_block", "0 (all of nc), or 1 to nc - 1", block_holds},
    {"columns", "wide, even or tall", columns_hold},
    {"k_split", "1, 2 or 3", split_holds}};

constexpr std::int64_t kColumnsOfChain = 8;
constexpr std::size_t kMostPanels = 2 * kColumnsOfChain;
using PanelList = ChainPanel[kMostPanels + 1];

// All that depends on problem and configuration alone. Holds no pointer into itself: a plan may be copied.
struct Prepared {
  ChainBlock blocks[2];  // of nc: all but the last one, the last one
  PanelList panels;      // where one chain holds all columns
  Exp2Row exp2;
  ChainKernels chain;
  const SoftmaxKernels* softmax;
  bool stream, sums;
  std::int64_t nc, lanes, d;
  Split columns;     // in vectors
  Split rows[2];     // of the first columns, of the second
  Panel code[2][2];  // columns: first, second; rows: first, second
};
static_assert(sizeof(Prepared) <= sizeof(PreparedState::data) && alignof(Prepared) <= alignof(PreparedState));
static_assert(std::is_trivially_copyable_v<Prepared>);

// The panels of columns `begin` to `end`. Those of one tile follow each other.
[[gnu::section(".svetune_text")]] void list_panels(const Prepared& x, std::int64_t begin, std::int64_t end,
                                                   PanelList& list) {
  ChainPanel* next = list;
  for (int second = 0; second < 2; ++second) {
    const Split& rows = x.rows[second];
    const std::int64_t heights[2] = {rows.first, rows.second};
    const std::int64_t vectors = second != 0 ? x.columns.rest : x.columns.size;
    const std::int64_t from = second != 0 ? x.columns.first : 0;
    const std::int64_t to = second != 0 ? from + x.columns.second : x.columns.first;
    for (int lower = 0; lower < 2; ++lower) {
      if (heights[lower] == 0) continue;
      for (std::int64_t i = begin > from ? begin : from; i < end && i < to; ++i) {
        const std::int64_t column =
            (second != 0 ? from * x.columns.size + (i - from) * vectors : i * vectors) * x.lanes;
        const std::int64_t last = x.d - column - (vectors - 1) * x.lanes;
        *next++ = {
            x.code[second][lower], column * static_cast<std::int64_t>(sizeof(float)), last < x.lanes ? last : x.lanes,
            heights[lower],        lower != 0 ? rows.first * rows.size : 0,           0};
      }
    }
  }
  *next = {x.chain.end, 0, 0, 0, 0, 0};
  for (ChainPanel* panel = list; panel != next; ++panel) panel->next = (panel[1].row << 32) | panel[1].column;
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
  return SVETUNE_BAD_CONFIGURATION;  // seen by many_columns alone
}

// Where one chain does not hold all columns.
[[gnu::section(".svetune_text"), gnu::noinline]] void many_columns(const Prepared& x, const ChainBlock& block,
                                                                   const svetune_args& args) {
  Part part;
  part.block = block;
  part.block.panels = offsetof(Part, panels);
  part.block.repeat = refused;
  const std::int64_t columns = x.columns.first + x.columns.second;
  for (std::int64_t begin = 0; begin < columns; begin += kColumnsOfChain) {
    list_panels(x, begin, begin + kColumnsOfChain, part.panels);
    if (begin == 0) {
      if (x.stream && x.chain.exp2_and_panels(&part.block, &args) == SVETUNE_OK) continue;
      exp2_row_by_row(x, block, args);
    }
    x.chain.panels(&part.block, &args);
  }
}

[[gnu::section(".svetune_text")]] void one_block(const Prepared& x, const ChainBlock& block, const svetune_args& args) {
  if (x.columns.first + x.columns.second > kColumnsOfChain) {
    many_columns(x, block, args);
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

[[gnu::section(".svetune_text")]] std::int64_t block_length(const svetune_problem& problem,
                                                            const svetune_config& config) {
  return config.k_block > 0 && config.k_block < problem.nc ? config.k_block : problem.nc;
}

// The running maxima and sums of softmax, before the workspace of a block: bytes of each.
constexpr std::size_t softmax_bytes(std::int64_t rows) {
  return (static_cast<std::size_t>(rows) * sizeof(float) + 63) / 64 * 64;
}

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config& config) {
  const std::size_t chain = chain_workspace(problem.m, block_length(problem, config));
  if (problem.operation != SVETUNE_SOFTMAX_GEMM) return chain;
  const std::size_t more = 2 * softmax_bytes(problem.m);
  return chain > SIZE_MAX - more ? SIZE_MAX : chain + more;
}

[[gnu::section(".svetune_text")]] bool known(const MicroKernels& kernels, const svetune_config& config) {
  return kernels.panels != nullptr && panel_fits(config.mr, config.nr, 1) && panel_unroll_index(config.k_unroll) >= 0 &&
         columns_known(config) && config.k_split >= 1 && config.k_split <= kMaxPanelSets &&
         (config.exp2_unroll != kStream || stream_fits(config));
}

[[gnu::section(".svetune_text")]] bool find_panels(const MicroKernels& kernels, const svetune_config& config,
                                                   Prepared& x) {
  const auto unroll = static_cast<std::size_t>(panel_unroll_index(config.k_unroll));
  bool all = true;  // a library may be built with some alone
  const std::int64_t vectors[2] = {x.columns.size, x.columns.rest};
  for (std::size_t c = 0; c < 2; ++c) {
    const std::int64_t rows[2] = {x.rows[c].size, x.rows[c].rest};
    for (std::size_t r = 0; r < 2; ++r) {
      const int sets = panel_sets(static_cast<int>(rows[r]), static_cast<int>(vectors[c]), config.k_split);
      x.code[c][r] = (*kernels.panels)[static_cast<std::size_t>(rows[r])][static_cast<std::size_t>(vectors[c])]
                                      [static_cast<std::size_t>(sets - 1)][unroll];
      const bool used =
          (c == 0 ? x.columns.first : x.columns.second) != 0 && (r == 0 ? x.rows[c].first : x.rows[c].second) != 0;
      all = all && (!used || x.code[c][r] != nullptr);
    }
  }
  return all;
}

// Where the call is not one chain.
[[gnu::section(".svetune_text")]] svetune_status block_by_block(const void* data, const svetune_args* args) {
  const auto& x = *static_cast<const Prepared*>(data);
  svetune_args part = *args;
  for (std::int64_t k = 0; k < x.nc; k += x.blocks[0].n) {
    part.s = args->s + k;
    part.v = args->v + k * args->ldv;
    one_block(x, x.blocks[x.nc - k > x.blocks[0].n ? 0 : 1], part);
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
    part.v = args->v + k * args->ldv;
    x.softmax->raise(rows);
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
  if (exp2 == nullptr || !known(kernels, config)) return SVETUNE_BAD_CONFIGURATION;
  auto& x = *reinterpret_cast<Prepared*>(state.data.data());
  const auto lanes = static_cast<std::int64_t>(kernels.lanes), length = block_length(problem, config);
  x.exp2 = exp2;
  x.chain = kernels.chain;
  x.stream = config.exp2_unroll == kStream;
  x.softmax = &kernels.softmax;
  x.sums = problem.operation != SVETUNE_EXP2_GEMM;
  x.lanes = lanes;
  x.nc = problem.nc;
  x.d = problem.d;
  x.blocks[0] = chain_block(problem.m, length, config.k_unroll, lanes);
  x.blocks[1] = chain_block(problem.m, problem.nc - (problem.nc - 1) / length * length, config.k_unroll, lanes);
  x.blocks[0].panels = offsetof(Prepared, panels);
  x.blocks[1].panels = offsetof(Prepared, panels) - sizeof(ChainBlock);
  x.blocks[0].repeat = repeat<0>;
  x.blocks[1].repeat = repeat<1>;
  const std::int64_t vectors = (problem.d + lanes - 1) >> (lanes == 4 ? 2 : lanes == 8 ? 3 : 4);
  x.columns = config.columns == SVETUNE_COLUMNS_EVEN ? even_split(vectors, config.nr) : wide_split(vectors, config.nr);
  x.rows[0] = x.rows[1] = even_split(problem.m, config.mr);
  if (config.columns == SVETUNE_COLUMNS_TALL && x.columns.second != 0)
    x.rows[1] = even_split(problem.m, panel_tall_rows(config.mr, static_cast<int>(x.columns.rest)));
  if (!find_panels(kernels, config, x)) return SVETUNE_BAD_CONFIGURATION;
  const std::int64_t columns = x.columns.first + x.columns.second;
  if (columns <= kColumnsOfChain) list_panels(x, 0, columns, x.panels);
  const bool one_chain = x.stream && !x.sums && columns <= kColumnsOfChain && length == problem.nc;
  state.call = one_chain ? x.chain.exp2_and_panels : block_by_block;  // a Prepared begins with its block
  if (problem.operation == SVETUNE_SOFTMAX_GEMM) state.call = softmax_by_block;
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  PreparedState state;
  const svetune_status status = prepare(kernels, problem, config, state);
  return status == SVETUNE_OK ? state.call(state.data.data(), &args) : status;
}

}  // namespace

constinit const Strategy panels_strategy = {
    .id = SVETUNE_PANELS,
    .name = "panels",
    .summary = "exp2 of a block of nc, then generated GEMM panels over all rows",
    .may_win = true,
    .axes = kAxes,
    .constraints = kConstraints,
    .workspace_bytes = workspace,
    .run = run,
    .operations = kExp2GemmOperations | operation_bit(SVETUNE_SOFTMAX_GEMM),
    .calls = kCallsPanels,
    .prepare = prepare};

}  // namespace svetune
