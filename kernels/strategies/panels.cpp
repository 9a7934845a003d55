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

// exp2_unroll of the generated kernel, which takes rows and vectors as one stream.
inline constexpr std::int32_t kStream = 16;

constexpr bool stream_fits(const svetune_problem& problem, const svetune_config& config) {
  return config.exp2 == SVETUNE_EXP2_FEXPA && problem.operation == SVETUNE_EXP2_GEMM;
}
bool stream_holds(const Target& target, const svetune_config& config) {
  if (config.exp2_unroll == kStream) return stream_fits(target.problem.shape, config);
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
    {"exp2_unroll", "1, 2, 4 or 8; 16 for exp2=fexpa without row sums", stream_holds},
    {"registers", "mr 1..8, nr 1..6, and accumulators and operands must fit 32 vector registers", tile_holds},
    {"k_unroll", "8 or 16", unroll_holds},
    {"k_block", "0 (all of nc), or 1 to nc - 1", block_holds},
    {"columns", "wide or even", columns_hold},
    {"k_split", "1, 2 or 3", split_holds}};

// A column of tiles down all rows: the panels of the taller and of the lower row blocks.
struct Column {
  Panel taller, lower;  // null: there are none
  std::int64_t count, width;
};

// All that depends on problem and configuration alone.
struct Prepared {
  Exp2Row exp2;
  Exp2Rows exp2_stream;  // null: a row at a time
  Split rows;
  Column columns[2];
  std::int64_t lanes, length;  // of a block of nc
  std::ptrdiff_t ldp;
};
static_assert(sizeof(Prepared) <= sizeof(PreparedState) && alignof(Prepared) <= alignof(PreparedState));

struct Block {
  float* p;
  std::int64_t k, length;  // of nc
};

[[gnu::section(".svetune_text")]] Column find_column(const MicroKernels& kernels, const svetune_config& config,
                                                     const Split& rows, std::int64_t vectors, std::int64_t count) {
  if (count == 0) return {};
  const auto unroll = static_cast<std::size_t>(panel_unroll_index(config.k_unroll));
  const auto panel = [&](std::int64_t height) {
    const int sets = panel_sets(static_cast<int>(height), static_cast<int>(vectors), config.k_split);
    return (*kernels.panels)[static_cast<std::size_t>(height)][static_cast<std::size_t>(vectors)]
                            [static_cast<std::size_t>(sets - 1)][unroll];
  };
  return {panel(rows.size), rows.second != 0 ? panel(rows.rest) : nullptr, count,
          vectors * static_cast<std::int64_t>(kernels.lanes)};
}

// Always inlined: each width of tiles has its own places of indirect calls.
[[gnu::always_inline]] inline void column_of_tiles(const svetune_args& args, const Prepared& x, const Block& block,
                                                   const Column& tiles, std::int64_t column, std::int64_t n) {
  constexpr std::ptrdiff_t kFloat = sizeof(float);
  PanelOperands operands{block.p,
                         x.ldp * kFloat,
                         args.v + block.k * args.ldv + column,
                         args.ldv * kFloat,
                         args.o + column,
                         args.ldo * kFloat,
                         static_cast<std::size_t>(block.length),
                         static_cast<std::size_t>(n),
                         static_cast<std::size_t>(x.rows.first)};
  tiles.taller(&operands);
  if (tiles.lower == nullptr) return;
  const std::int64_t done = x.rows.first * x.rows.size;
  operands.p += done * x.ldp;
  operands.o += done * args.ldo;
  operands.blocks = static_cast<std::size_t>(x.rows.second);
  tiles.lower(&operands);
}

[[gnu::always_inline]] inline void all_columns(const svetune_args& args, const Prepared& x, const Block& block,
                                               std::int64_t d) {
  std::int64_t column = 0;
  const auto width = [&](const Column& tiles) { return d - column < tiles.width ? d - column : tiles.width; };
  const Column& first = x.columns[0];
  for (std::int64_t i = 0; i < first.count; ++i, column += first.width)
    column_of_tiles(args, x, block, first, column, width(first));
  const Column& second = x.columns[1];
  for (std::int64_t i = 0; i < second.count; ++i, column += second.width)
    column_of_tiles(args, x, block, second, column, width(second));
}

// P of a block of nc. Rows that the generated kernel leaves to the careful one are few or masked.
[[gnu::always_inline]] inline void exp2_block(const svetune_args& args, const Prepared& x, const Block& block,
                                              const svetune_problem& problem) {
  const Exp2Operands rows{args.s + block.k, args.lds, args.max, args.scale, block.p, x.ldp, row_sums(problem, args)};
  if (x.exp2_stream == nullptr) {
    exp2_rows(x.exp2, rows, problem.m, block.length);
    return;
  }
  constexpr std::ptrdiff_t kFloat = sizeof(float);
  for (std::int64_t i = 0; i < problem.m; i += x.lanes) {
    const std::int64_t count = problem.m - i < x.lanes ? problem.m - i : x.lanes;
    const Exp2RowsOperands operands{
        rows.s + i * rows.lds, rows.lds * kFloat,     rows.max + i,      count,     args.workspace,
        block.length,          rows.p + i * rows.ldp, rows.ldp * kFloat, rows.scale};
    if (__builtin_expect(x.exp2_stream(&operands) != 0, 0))
      exp2_rows(x.exp2, {operands.s, rows.lds, operands.max, rows.scale, operands.p, rows.ldp, nullptr}, count,
                block.length);
  }
}

[[gnu::section(".svetune_text")]] std::int64_t block_length(const svetune_problem& problem,
                                                            const svetune_config& config) {
  return config.k_block > 0 && config.k_block < problem.nc ? config.k_block : problem.nc;
}

// The table of exp2's constants, then P.
[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config& config) {
  const std::size_t bytes = workspace_size(problem.m, block_length(problem, config));
  return bytes > SIZE_MAX - kExp2TableBytes ? SIZE_MAX : bytes + kExp2TableBytes;
}

[[gnu::section(".svetune_text")]] svetune_status prepare(const MicroKernels& kernels, const svetune_problem& problem,
                                                         const svetune_config& config, PreparedState& state) {
  const bool stream = config.exp2_unroll == kStream;
  svetune_config row_config = config;
  if (stream) row_config.exp2_unroll = 4;
  const Exp2Row exp2 = find_exp2(kernels, problem, row_config);
  const bool columns_known = config.columns == SVETUNE_COLUMNS_WIDE || config.columns == SVETUNE_COLUMNS_EVEN;
  if (exp2 == nullptr || kernels.panels == nullptr || !panel_fits(config.mr, config.nr, 1) ||
      panel_unroll_index(config.k_unroll) < 0 || !columns_known || config.k_split < 1 ||
      config.k_split > kMaxPanelSets || (stream && !stream_fits(problem, config)))
    return SVETUNE_BAD_CONFIGURATION;
  const auto lanes = static_cast<std::int64_t>(kernels.lanes);
  const std::int64_t vectors = (problem.d + lanes - 1) >> (lanes == 4 ? 2 : lanes == 8 ? 3 : 4);
  const Split rows = even_split(problem.m, config.mr);
  const Split columns =
      config.columns == SVETUNE_COLUMNS_WIDE ? wide_split(vectors, config.nr) : even_split(vectors, config.nr);
  const std::int64_t length = block_length(problem, config);
  auto& x = *reinterpret_cast<Prepared*>(state.bytes.data());
  x.exp2 = exp2;
  x.exp2_stream = stream ? kernels.exp2_rows : nullptr;
  x.rows = rows;
  x.columns[0] = find_column(kernels, config, rows, columns.size, columns.first);
  x.columns[1] = find_column(kernels, config, rows, columns.rest, columns.second);
  x.lanes = lanes;
  x.length = length;
  x.ldp = workspace_stride(length);
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status run_prepared(const PreparedState& state,
                                                              const svetune_problem& problem,
                                                              const svetune_args& args) {
  const auto& x = *reinterpret_cast<const Prepared*>(state.bytes.data());
  auto* const p = static_cast<float*>(args.workspace) + kExp2TableBytes / sizeof(float);
  for (std::int64_t k = 0; k < problem.nc; k += x.length) {
    const Block block{p, k, problem.nc - k < x.length ? problem.nc - k : x.length};
    exp2_block(args, x, block, problem);
    all_columns(args, x, block, problem.d);
  }
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  PreparedState state;
  const svetune_status status = prepare(kernels, problem, config, state);
  return status == SVETUNE_OK ? run_prepared(state, problem, args) : status;
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
    .operations = kExp2GemmOperations,
    .prepare = prepare,
    .run_prepared = run_prepared};

}  // namespace svetune
