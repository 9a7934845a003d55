#include "strategies/panels_space.hpp"

namespace svetune {
namespace {

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
[[gnu::section(".svetune_text")]] bool pack_known(const svetune_config& config) {
  return config.v_pack == 0 || config.v_pack == 1;
}
bool pack_holds(const Target&, const svetune_config& config) {
  return pack_known(config);
}
[[gnu::section(".svetune_text")]] bool prefetch_known(const svetune_config& config) {
  return config.prefetch >= 0 && config.prefetch <= 16;
}
bool prefetch_holds(const Target&, const svetune_config& config) {
  return prefetch_known(config);
}
// Zigzag needs whole rounds of k, two at least, in each block of nc.
[[gnu::section(".svetune_text")]] bool rounds_are_whole(const svetune_problem& problem, const svetune_config& config) {
  constexpr std::int64_t kRound = 16;
  const std::int64_t length = block_length(problem, config), last = problem.nc - (problem.nc - 1) / length * length;
  return length % kRound == 0 && last % kRound == 0 && last >= 2 * kRound;
}
[[gnu::section(".svetune_text")]] bool fma_order_known(const svetune_problem& problem, const svetune_config& config) {
  if (config.fma_order < SVETUNE_FMA_ORDER_ROWS || config.fma_order > SVETUNE_FMA_ORDER_ZIGZAG) return false;
  const int sets = panel_sets(config.mr, config.nr, config.k_split);
  if (panel_order(config.fma_order, config.mr, config.nr, sets, config.k_unroll) != config.fma_order) return false;
  return config.fma_order != SVETUNE_FMA_ORDER_ZIGZAG || (config.prefetch == 0 && rounds_are_whole(problem, config));
}
bool fma_order_holds(const Target& target, const svetune_config& config) {
  return fma_order_known(target.problem.shape, config);
}

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
// A packed vector of V is read once a row block: with few blocks it does not pay for its store.
Values pack_values(const Target& target) {
  return target.problem.shape.m < std::int64_t{8} * kMaxPanelRows ? Values{0} : Values{0, 1};
}
// More rounds than a block of nc has are all of it.
Values prefetch_values(const Target& target) {
  return target.problem.shape.nc <= 16 ? Values{0} : Values{0, 1};
}
// Rows of few blocks are as well off with one direction.
Values fma_order_values(const Target& target) {
  if (target.problem.shape.m < std::int64_t{2} * kMaxPanelRows || target.problem.shape.nc % 16 != 0)
    return {SVETUNE_FMA_ORDER_ROWS, SVETUNE_FMA_ORDER_COLUMNS};
  return {SVETUNE_FMA_ORDER_ROWS, SVETUNE_FMA_ORDER_COLUMNS, SVETUNE_FMA_ORDER_ZIGZAG};
}

}  // namespace

[[gnu::section(".svetune_text")]] bool panels_known(const svetune_problem& problem, const svetune_config& config) {
  return panel_fits(config.mr, config.nr, 1) && panel_unroll_index(config.k_unroll) >= 0 && columns_known(config) &&
         pack_known(config) && prefetch_known(config) && fma_order_known(problem, config) && config.k_split >= 1 &&
         config.k_split <= kMaxPanelSets && (config.exp2_unroll != kStream || stream_fits(config));
}

constinit const AxisUse kPanelsAxes[kPanelsAxisCount] = {kExp2Axis,
                                                         {"exp2_unroll", exp2_unroll_of_panels, 4},
                                                         {"mr", mr_values_of_panels, 4},
                                                         kNrAxis,
                                                         {"k_unroll", unroll_values, 16},
                                                         kKBlockAxis,
                                                         {"columns", columns_values, SVETUNE_COLUMNS_WIDE},
                                                         {"k_split", split_values, 2},
                                                         {"v_pack", pack_values, 0},
                                                         {"prefetch", prefetch_values, 0},
                                                         {"fma_order", fma_order_values, SVETUNE_FMA_ORDER_ROWS}};
constinit const Constraint kPanelsConstraints[kPanelsConstraintCount] = {
    kAccuracy,
    {"exp2_unroll", "1, 2, 4 or 8; 16 for exp2=fexpa", stream_holds},
    {"registers", "mr 1..8, nr 1..6, and accumulators and operands must fit 32 vector registers", tile_holds},
    {"k_unroll", "8 or 16", unroll_holds},
    kKBlock,
    {"columns", "wide, even or tall", columns_hold},
    {"k_split", "1, 2 or 3", split_holds},
    {"v_pack", "0 or 1", pack_holds},
    {"prefetch", "0 to 16 rounds of k_unroll rows, beyond six rows", prefetch_holds},
    {"fma_order",
     "rows; columns where a tile of mr x nr has one set of accumulators, two rows and vectors at least, and registers "
     "for mr elements of P and two vectors of V; zigzag where it has one set and six rows at most, with k_unroll=16, "
     "prefetch=0 and blocks of nc that are multiples of 16, and 32 at least",
     fma_order_holds}};

}  // namespace svetune
