// panels: exp2 of a block of nc of all rows, then generated GEMM panels, each a column of tiles down all rows.
//
// Columns are cut into tiles of nr vectors and one narrower tile (columns=wide: 5v + 3v for d=128), or into as few
// tiles of nearly equal width (columns=even: 4v + 4v); rows into as few blocks of nearly equal height (64 rows by 6:
// nine blocks of 6 and two of 5). At most four calls of micro-kernels a block of nc, each from its own place in the
// code, so that the predictor of indirect branches knows every target.
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
bool columns_hold(const Target&, const svetune_config& config) {
  return config.columns == SVETUNE_COLUMNS_WIDE || config.columns == SVETUNE_COLUMNS_EVEN;
}
bool block_holds(const Target& target, const svetune_config& config) {
  return config.k_block == 0 || (config.k_block >= 1 && config.k_block < target.problem.shape.nc);
}

Values mr_values_of_panels(const Target& target) {
  Values values;
  for (std::int32_t value = 1; value <= kMaxPanelRows && value <= target.problem.shape.m; ++value)
    values.push_back(value);
  return values;
}
Values exp2_unroll_of_panels(const Target&) {
  return {4, 8};
}
Values split_values(const Target&) {
  return {1, 2, 3};
}
Values unroll_values(const Target&) {
  return {8, 16};
}
Values columns_values(const Target&) {
  return {SVETUNE_COLUMNS_WIDE, SVETUNE_COLUMNS_EVEN};
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
    kExp2Unroll,
    {"registers", "mr 1..8, nr 1..6, and accumulators and operands must fit 32 vector registers", tile_holds},
    {"k_unroll", "8 or 16", unroll_holds},
    {"k_block", "0 (all of nc), or 1 to nc - 1", block_holds},
    {"columns", "wide or even", columns_hold},
    {"k_split", "1, 2 or 3", split_holds}};

struct Tiles {
  Split rows, columns;  // columns in vectors
  std::size_t unroll;
  int most_sets;
  std::int64_t lanes;
};

[[gnu::section(".svetune_text")]] Panel find_panel(const MicroKernels& kernels, const Tiles& tiles, std::int64_t rows,
                                                   std::int64_t vectors) {
  const int sets = panel_sets(static_cast<int>(rows), static_cast<int>(vectors), tiles.most_sets);
  return (*kernels.panels)[static_cast<std::size_t>(rows)][static_cast<std::size_t>(vectors)]
                          [static_cast<std::size_t>(sets - 1)][tiles.unroll];
}

struct Block {
  const float* p;
  std::ptrdiff_t ldp;
  std::int64_t k, length;  // of nc
};

// A column of tiles down all rows: o[m x n] += p * v from `column` on. Always inlined: each width of tiles has its own
// places of indirect calls.
[[gnu::always_inline]] inline void column_of_tiles(const svetune_args& args, const Tiles& tiles, const Block& block,
                                                   Panel taller, Panel lower, std::int64_t column, std::int64_t n) {
  constexpr std::ptrdiff_t kFloat = sizeof(float);
  PanelOperands x{block.p,
                  block.ldp * kFloat,
                  args.v + block.k * args.ldv + column,
                  args.ldv * kFloat,
                  args.o + column,
                  args.ldo * kFloat,
                  static_cast<std::size_t>(block.length),
                  static_cast<std::size_t>(n),
                  static_cast<std::size_t>(tiles.rows.first)};
  taller(&x);
  if (tiles.rows.second == 0) return;
  const std::int64_t done = tiles.rows.first * tiles.rows.size;
  x.p += done * block.ldp;
  x.o += done * args.ldo;
  x.blocks = static_cast<std::size_t>(tiles.rows.second);
  lower(&x);
}

[[gnu::section(".svetune_text")]] void all_columns(const MicroKernels& kernels, const svetune_problem& problem,
                                                   const svetune_args& args, const Tiles& tiles, const Block& block) {
  const Split& columns = tiles.columns;
  const Split& rows = tiles.rows;
  const std::int64_t width = columns.size * tiles.lanes;
  std::int64_t column = 0;
  if (columns.first != 0) {
    const Panel taller = find_panel(kernels, tiles, rows.size, columns.size);
    const Panel lower = rows.second != 0 ? find_panel(kernels, tiles, rows.rest, columns.size) : nullptr;
    for (std::int64_t i = 0; i < columns.first; ++i, column += width) {
      const std::int64_t left = problem.d - column;
      column_of_tiles(args, tiles, block, taller, lower, column, left < width ? left : width);
    }
  }
  if (columns.second != 0) {
    const std::int64_t narrow = columns.rest * tiles.lanes;
    const Panel taller = find_panel(kernels, tiles, rows.size, columns.rest);
    const Panel lower = rows.second != 0 ? find_panel(kernels, tiles, rows.rest, columns.rest) : nullptr;
    for (std::int64_t i = 0; i < columns.second; ++i, column += narrow) {
      const std::int64_t left = problem.d - column;
      column_of_tiles(args, tiles, block, taller, lower, column, left < narrow ? left : narrow);
    }
  }
}

[[gnu::section(".svetune_text")]] std::int64_t block_length(const svetune_problem& problem,
                                                            const svetune_config& config) {
  return config.k_block > 0 && config.k_block < problem.nc ? config.k_block : problem.nc;
}

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config& config) {
  return workspace_size(problem.m, block_length(problem, config));
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  const Exp2Row exp2 = find_exp2(kernels, problem, config);
  const int unroll = panel_unroll_index(config.k_unroll);
  const bool known = config.columns == SVETUNE_COLUMNS_WIDE || config.columns == SVETUNE_COLUMNS_EVEN;
  if (exp2 == nullptr || kernels.panels == nullptr || !panel_fits(config.mr, config.nr, 1) || unroll < 0 || !known ||
      config.k_split < 1 || config.k_split > kMaxPanelSets)
    return SVETUNE_BAD_CONFIGURATION;
  const auto lanes = static_cast<std::int64_t>(kernels.lanes);
  const std::int64_t vectors = (problem.d + lanes - 1) >> (lanes == 4 ? 2 : lanes == 8 ? 3 : 4);
  const Tiles tiles{
      even_split(problem.m, config.mr),
      config.columns == SVETUNE_COLUMNS_WIDE ? wide_split(vectors, config.nr) : even_split(vectors, config.nr),
      static_cast<std::size_t>(unroll), config.k_split, lanes};
  auto* const p = static_cast<float*>(args.workspace);
  const std::int64_t length = block_length(problem, config);
  const std::ptrdiff_t ldp = workspace_stride(length);
  for (std::int64_t k = 0; k < problem.nc; k += length) {
    const std::int64_t part = problem.nc - k < length ? problem.nc - k : length;
    exp2_rows(exp2, {args.s + k, args.lds, args.max, args.scale, p, ldp, row_sums(problem, args)}, problem.m, part);
    all_columns(kernels, problem, args, tiles, {p, ldp, k, part});
  }
  return SVETUNE_OK;
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
    .operations = kExp2GemmOperations};

}  // namespace svetune
