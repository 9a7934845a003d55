#include "strategies/regions.hpp"

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

// Half cycles of a step of k on two pipes of latency 9: accumulators of one set wait for themselves.
constexpr std::int64_t tile_cost(std::int64_t rows, std::int64_t vectors, std::int32_t k_split) {
  constexpr std::int64_t kLatency = 18;
  const int sets = panel_sets(static_cast<int>(rows), static_cast<int>(vectors), k_split);
  const std::int64_t waits = quotient(kLatency, sets);
  return rows * vectors > waits ? rows * vectors : waits;
}
constexpr std::int64_t cost(std::int64_t rows, const Split& columns, std::int32_t k_split) {
  const std::int64_t second = columns.second == 0 ? 0 : columns.second * tile_cost(rows, columns.rest, k_split);
  return columns.first * tile_cost(rows, columns.size, k_split) + second;
}

[[gnu::section(".svetune_text")]] void add_region(Regions& regions, std::int64_t row, std::int64_t height,
                                                  std::int64_t blocks, std::int64_t column, std::int64_t vectors,
                                                  std::int64_t count) {
  if (blocks == 0 || count == 0) return;
  regions.list[regions.count++] = {
      row, blocks, column, count, static_cast<std::int32_t>(height), static_cast<std::int32_t>(vectors), {}};
  regions.panels += count;
}

// The row blocks of one height, in `columns` from the vector `from`.
[[gnu::section(".svetune_text")]] void add_blocks(Regions& regions, std::int64_t row, std::int64_t height,
                                                  std::int64_t blocks, const Split& columns, std::int64_t from) {
  add_region(regions, row, height, blocks, from, columns.size, columns.first);
  add_region(regions, row, height, blocks, from + columns.first * columns.size, columns.rest, columns.second);
}

[[gnu::section(".svetune_text")]] void add_rows(Regions& regions, const Split& rows, const Split& columns,
                                                std::int64_t from) {
  add_blocks(regions, 0, rows.size, rows.first, columns, from);
  add_blocks(regions, rows.first * rows.size, rows.rest, rows.second, columns, from);
}

}  // namespace

[[gnu::section(".svetune_text")]] Regions cut_into_regions(const svetune_config& config, std::int64_t m,
                                                           std::int64_t vectors) {
  const bool even = config.columns == SVETUNE_COLUMNS_EVEN;
  const Split columns = even ? even_split(vectors, config.nr) : wide_split(vectors, config.nr);
  const Split rows = even_split(m, config.mr);
  Regions regions;
  regions.count = 0;
  regions.panels = 0;
  if (config.columns == SVETUNE_COLUMNS_TALL && columns.first != 0 && columns.second != 0) {
    const Split first = {columns.size, columns.first, 0, 0}, second = {columns.rest, columns.second, 0, 0};
    add_rows(regions, even_split(m, panel_tall_rows(config.mr, static_cast<int>(columns.rest))), second,
             columns.first * columns.size);
    add_rows(regions, rows, first, 0);
    return regions;
  }
  const Split wider = wide_split(vectors, panel_full_vectors(static_cast<int>(rows.rest)));
  if (rows.second == 0 || config.v_pack != 0 ||
      cost(rows.rest, wider, config.k_split) >= cost(rows.rest, columns, config.k_split)) {
    add_rows(regions, rows, columns, 0);
    return regions;
  }
  // The few rows behind the first panel, as they need V of all columns: first of all, all of V would come to L1 within
  // few steps; at the end, V of the first columns once more.
  add_region(regions, 0, rows.size, rows.first, 0, columns.size, 1);
  add_blocks(regions, rows.first * rows.size, rows.rest, rows.second, wider, 0);
  const Split others = {columns.size, columns.first - 1, columns.rest, columns.second};
  add_blocks(regions, 0, rows.size, rows.first, others, columns.size);
  return regions;
}

}  // namespace svetune
