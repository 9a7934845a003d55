// How panels cut O: into regions of one tile each.
//
// Columns are cut into tiles of nr vectors and one narrower tile (columns=wide: 5v + 3v for d=128), or into as few
// tiles of nearly equal width (columns=even: 4v + 4v); rows into as few blocks of nearly equal height (64 rows by 6:
// nine blocks of 6 and two of 5), whose shorter ones have columns of their own where they would have too few
// accumulators (but with v_pack, as V would be packed once more for them). With columns=tall the narrower tile has
// blocks of its own, of more rows (3v: 8).
#pragma once

#include <cstddef>
#include <cstdint>

#include "micro/panels.hpp"
#include "space/configuration.hpp"

namespace svetune {

// Panels of one tile side by side: `count` of `vectors` each from the column `column` (in vectors), down `blocks` row
// blocks of `height` from the row `row`.
struct Region {
  std::int64_t row, blocks, column, count;
  std::int32_t height, vectors;
  PanelCode kernel;  // found by whoever has the table
};

struct Regions {
  std::size_t count;
  std::int64_t panels;  // in all
  Region list[5];
};

// Vectors of a row of d floats; by a shift, as a division blocks a pipe of A64FX for 39 cycles.
constexpr std::int64_t vectors_of(std::int64_t floats, std::int64_t lanes) {
  return (floats + lanes - 1) >> (lanes == 4 ? 2 : lanes == 8 ? 3 : 4);
}

// Floats in the last vector of the region's panel that begins with the float `column` of d.
constexpr std::int64_t last_lanes(const Region& region, std::int64_t column, std::int64_t d, std::int64_t lanes) {
  const std::int64_t left = d - column - (region.vectors - 1) * lanes;
  return left < lanes ? left : lanes;
}

// Of m rows and so many vectors of columns, by mr, nr, columns, k_split and v_pack.
Regions cut_into_regions(const svetune_config& config, std::int64_t m, std::int64_t vectors);

}  // namespace svetune
