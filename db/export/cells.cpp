#include "db/export/cells.hpp"

#include <algorithm>
#include <cstdlib>

#include "db/distance.hpp"

namespace svetune::db {
namespace {

constexpr std::size_t kFewCandidates = 10;
constexpr int kDeepest = 20;

struct Box {
  std::array<std::int64_t, 3> low{1, 1, 1}, high{0x7fffffff, 0x7fffffff, 0x7fffffff};  // both within
};

struct LogBox {
  std::array<std::int32_t, 3> low{}, high{};
};

// The smallest extent whose fixed_log2 is at least `log2`.
std::int64_t extent_of(std::int32_t log2, std::int64_t low, std::int64_t high) {
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (fixed_log2(middle) < log2)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

class Builder {
 public:
  Builder(const std::vector<Site>& sites, Cells& into) : sites_(sites), into_(into) {
    for (const Site& site : sites) {
      std::array<std::int32_t, 3> log{};
      for (std::size_t d = 0; d < 3; ++d) log.at(d) = fixed_log2(site.shape.at(d));
      logs_.push_back(log);
    }
  }

  // The sites that are the nearest one somewhere in the box.
  std::vector<std::size_t> candidates(const Box& box, const std::vector<std::size_t>& from) const {
    LogBox log;
    for (std::size_t d = 0; d < 3; ++d) {
      log.low.at(d) = fixed_log2(box.low.at(d));
      log.high.at(d) = fixed_log2(box.high.at(d));
    }
    std::vector<std::size_t> kept;
    for (const std::size_t site : from) {
      const bool beaten = std::any_of(from.begin(), from.end(),
                                      [&](std::size_t other) { return other != site && beats(other, site, box, log); });
      if (!beaten) kept.push_back(site);
    }
    return kept;
  }

  // `place` is a cell that exists.
  void build(std::size_t place, const Box& box, const std::vector<std::size_t>& from, int depth) {
    const std::vector<std::size_t> kept = candidates(box, from);
    std::size_t axis = 0;
    std::int64_t split = 0;
    if (kept.size() <= kFewCandidates || depth == kDeepest || !choose_split(box, kept, axis, split)) {
      into_.cells[place] = {0, static_cast<std::int32_t>(kept.size()),
                            static_cast<std::int32_t>(into_.candidates.size())};
      for (const std::size_t site : kept) into_.candidates.push_back(sites_[site].entry);
      return;
    }
    const std::size_t next = into_.cells.size();
    into_.cells[place] = {static_cast<std::int32_t>(split), static_cast<std::int32_t>(axis),
                          static_cast<std::int32_t>(next)};
    into_.cells.resize(next + 2);
    Box below = box, above = box;
    below.high.at(axis) = split - 1;
    above.low.at(axis) = split;
    build(next, below, kept, depth + 1);
    build(next + 1, above, kept, depth + 1);
  }

 private:
  // Whether `better` is nearer than `worse`, or as near and preferred, everywhere in the box. Along an axis the
  // difference of two distances is monotone, so that its largest value lies at an end.
  bool beats(std::size_t better, std::size_t worse, const Box& box, const LogBox& log) const {
    std::int64_t most = 0;
    for (std::size_t d = 0; d < 3; ++d) {
      if (sites_[better].least.at(d) > box.low.at(d)) return false;
      const std::int32_t a = logs_[better].at(d), b = logs_[worse].at(d), low = log.low.at(d), high = log.high.at(d);
      most += std::max(std::abs(a - low) - std::abs(b - low), std::abs(a - high) - std::abs(b - high));
    }
    // Where the logarithms are the same, only the entry of an extent itself is its winner.
    const bool one_place = logs_[better] == logs_[worse] && sites_[better].shape != sites_[worse].shape;
    return most < 0 || (most == 0 && better < worse && !one_place);
  }

  // The middle of the axis along which the candidates are farthest apart within the box.
  bool choose_split(const Box& box, const std::vector<std::size_t>& kept, std::size_t& axis,
                    std::int64_t& split) const {
    std::int32_t widest = 0;
    for (std::size_t d = 0; d < 3; ++d) {
      const auto by_log = [&](std::size_t a, std::size_t b) { return logs_[a].at(d) < logs_[b].at(d); };
      const auto [least, most] = std::minmax_element(kept.begin(), kept.end(), by_log);
      const std::int32_t low = std::max(logs_[*least].at(d), fixed_log2(box.low.at(d)));
      const std::int32_t high = std::min(logs_[*most].at(d), fixed_log2(box.high.at(d)));
      if (high - low <= widest || box.low.at(d) == box.high.at(d)) continue;
      widest = high - low;
      axis = d;
      split = extent_of(low + (high - low + 1) / 2, box.low.at(d) + 1, box.high.at(d));
    }
    return widest > 0;
  }

  const std::vector<Site>& sites_;
  Cells& into_;
  std::vector<std::array<std::int32_t, 3>> logs_;
};

// Octaves that the sites lie in, no more cells in all than a few times the sites.
Grid make_grid(const std::vector<Site>& sites) {
  Grid grid;
  for (std::size_t d = 0; d < 3; ++d) {
    std::int32_t least = 31, most = 0;
    for (const Site& site : sites) {
      least = std::min(least, fixed_log2(site.shape.at(d)) / kDoubling);
      most = std::max(most, fixed_log2(site.shape.at(d)) / kDoubling);
    }
    grid.first.at(d) = least;
    grid.count.at(d) = most - least + 1;
  }
  const auto cells = [&grid] {
    std::size_t product = 1;
    for (const std::int32_t octaves : grid.count) product *= static_cast<std::size_t>(octaves);
    return product;
  };
  while (cells() > 4 * sites.size()) --*std::max_element(grid.count.begin(), grid.count.end());
  return grid;
}

}  // namespace

Grid add_cells(const std::vector<Site>& sites, Cells& into) {
  std::vector<std::size_t> all(sites.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  Grid grid = make_grid(sites);
  std::size_t place = into.cells.size();
  grid.root = static_cast<std::int32_t>(place);
  into.cells.resize(place + static_cast<std::size_t>(grid.count[0] * grid.count[1] * grid.count[2]));
  Builder builder(sites, into);
  // Axis by axis, so that most sites have left when many boxes are looked at.
  const auto cut = [&](const auto& self, std::size_t axis, const Box& box, const std::vector<std::size_t>& from) {
    if (axis == 3) {
      builder.build(place++, box, from, 0);
      return;
    }
    const std::int32_t first = grid.first.at(axis), count = grid.count.at(axis);
    for (std::int32_t i = 0; i < count; ++i) {
      Box part = box;
      if (i > 0) part.low.at(axis) = std::int64_t{1} << (first + i);
      if (i + 1 < count) part.high.at(axis) = (std::int64_t{1} << (first + i + 1)) - 1;
      self(self, axis + 1, part, builder.candidates(part, from));
    }
  };
  cut(cut, 0, {}, all);
  return grid;
}

}  // namespace svetune::db
