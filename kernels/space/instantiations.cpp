#include "space/instantiations.hpp"

#include <array>

#include "micro/micro_kernels.hpp"

namespace svetune {
namespace {

std::string numbers(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += ' ' + std::to_string(value);
  return text;
}

void add_tile(const Strategy& strategy, const svetune_config& config, int rows, int vectors,
              std::set<std::string>& lines) {
  const bool fused = (strategy.calls & kCallsFused) != 0;
  if ((strategy.calls & kCallsGemm) != 0 && gemm_tile_fits(rows, vectors))
    lines.insert("gemm" + numbers({rows, vectors, config.k_unroll}));
  if (fused && fused_tile_fits(rows, vectors)) {
    lines.insert("fused" + numbers({config.exp2, rows, vectors}));
    lines.insert("gemm" + numbers({rows, vectors, 1}));  // for less than a vector of nc
  }
  if ((strategy.calls & kCallsPanels) != 0 && panel_fits(rows, vectors, 1)) {
    const int sets = panel_sets(rows, vectors, config.k_split);
    const std::int32_t order = panel_order(config.fma_order, rows, vectors, sets, config.k_unroll);
    constexpr std::array<const char*, kPanelOrders> kKinds = {"panel", "panel_columns", "panel_zigzag"};
    lines.insert(kKinds[static_cast<std::size_t>(order - 1)] + numbers({rows, vectors, sets, config.k_unroll}));
  }
}

// The tile, the same a vector narrower throughout (as few tiles as there can be may all be), with exp2 in as many parts
// as there are tiles at most; and the panels of few rows.
void add_interleaved(const svetune_config& config, std::set<std::string>& lines) {
  for (int vectors = 1; vectors <= config.nr; ++vectors) {
    for (int parts = 1; parts <= config.exp2_unroll; ++parts)
      lines.insert("interleaved" + numbers({config.mr, vectors, parts}));
  }
  for (int rows = 1; rows <= config.mr; ++rows) {
    for (int vectors = 1; vectors <= panel_full_vectors(rows); ++vectors)
      lines.insert("panel" +
                   numbers({rows, vectors, panel_sets(rows, vectors, kInterleavedPanelSets), kInterleavedPanelUnroll}));
  }
}

}  // namespace

void add_instantiations(const svetune_config& config, std::set<std::string>& lines) {
  const Strategy* const strategy = find_strategy(config.strategy);
  if (strategy == nullptr) return;
  for (int vectors = 1; vectors <= config.nr; ++vectors) {
    const bool taller = config.columns == SVETUNE_COLUMNS_TALL && vectors < config.nr;
    const int most = taller ? panel_tall_rows(config.mr, vectors) : config.mr;
    for (int rows = 1; rows <= most; ++rows) add_tile(*strategy, config, rows, vectors, lines);
  }
  if ((strategy->calls & kCallsInterleaved) != 0) add_interleaved(config, lines);
  if ((strategy->calls & kCallsPanels) == 0) return;
  for (int rows = 1; rows < config.mr; ++rows) {  // the shorter row blocks' own columns
    for (int vectors = config.nr + 1; vectors <= panel_full_vectors(rows); ++vectors)
      add_tile(*strategy, config, rows, vectors, lines);
  }
}

}  // namespace svetune
