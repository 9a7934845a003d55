// The nearest of many shapes without a search: m, nc and d are cut into cells, each of which lists the few entries that
// are the nearest one somewhere in it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace svetune::db {

// What a cell knows of an entry: its shape, and the smallest one that its configuration is valid for.
struct Site {
  std::int32_t entry = 0;
  std::array<std::int64_t, 3> shape{}, least{};  // m, nc, d
};

// As svetune_cell of lookup.h.in. split = 0: a leaf, `axis` candidates from `next`; else the cell `next` where the
// extent of that axis is below `split`, and the one behind it where it is not.
struct Cell {
  std::int32_t split = 0, axis = 0, next = 0;
};

struct Cells {
  std::vector<Cell> cells;
  std::vector<std::int32_t> candidates;  // entries, the preferred one of equally near ones first
};

// Where a lookup begins: a grid of cells from `root`, m outermost, that is cut at powers of two. Along an axis it has
// `count` cells from octave `first` on; the outer ones reach to 1 and to the largest extent.
struct Grid {
  std::int32_t root = -1;  // -1: there are no sites
  std::array<std::int32_t, 3> first{}, count{};
};

// Adds the cells of sites in order of preference, at least one.
Grid add_cells(const std::vector<Site>& sites, Cells& into);

}  // namespace svetune::db
