#include "db/export/tables.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "db/query.hpp"

namespace svetune::db {
namespace {

void add_winners(const Store& store, const Series& series, MachineTables& tables) {
  for (const Time& winner : winners(series)) {
    const Problem& problem = series.problems[winner.problem];
    const auto& shape = problem.shape;
    if (shape.operation != SVETUNE_EXP2_GEMM) continue;
    // The header's key has no row stride of V: the first one, packed where it was timed, stands for all.
    if (!tables.entries.empty()) {
      const auto& last = tables.entries.back().shape;
      if (std::tie(last.accuracy, last.m, last.nc, last.d) == std::tie(shape.accuracy, shape.m, shape.nc, shape.d))
        continue;
    }
    const double percent = 100 * problem.flop() / winner.cycles / series.peak_flop_per_cycle;
    tables.entries.push_back({shape, series.choices[winner.choice], winner.cycles, percent, 0});
    const Evaluation evaluation = store.evaluation(winner.evaluation);
    tables.builds.insert(to_text(store.machine(evaluation.machine_id)));
    const std::string date = evaluation.when.substr(0, 10);
    if (tables.first_date.empty() || date < tables.first_date) tables.first_date = date;
    if (date > tables.last_date) tables.last_date = date;
  }
}

void add_defaults(const Series& series, MachineTables& tables) {
  for (std::size_t accuracy = 0; accuracy < kAccuracies; ++accuracy) {
    const auto number = static_cast<std::int32_t>(accuracy);
    const auto robust = robust_default(series, SVETUNE_EXP2_GEMM, number);
    if (!robust) continue;
    tables.shapes[accuracy].fallback = static_cast<std::int32_t>(tables.entries.size());
    Entry entry{{SVETUNE_EXP2_GEMM, number, 0, 0, 0}, series.choices[robust->choice], 0, 0, robust->worst_loss};
    tables.entries.push_back(std::move(entry));
  }
}

std::int32_t count(const std::vector<Node>& nodes) {
  return static_cast<std::int32_t>(nodes.size());
}

// Every extent that occurs, sorted.
Range add_extents(std::vector<Node>& nodes, const std::set<std::int64_t>& extents) {
  const Range range{count(nodes), count(nodes) + static_cast<std::int32_t>(extents.size())};
  for (const auto extent : extents) nodes.push_back({extent, 0, 0});
  return range;
}

// The tree of one class, leaves first so that a node's children have their places already.
void add_class(MachineTables& tables, std::int32_t accuracy) {
  std::map<std::int64_t, std::map<std::int64_t, std::map<std::int64_t, std::int32_t>>> tree;
  std::set<std::int64_t> all_nc, all_d;
  for (std::size_t i = 0; i < tables.entries.size(); ++i) {
    const auto& shape = tables.entries[i].shape;
    if (shape.accuracy != accuracy || shape.m == 0) continue;
    tree[shape.m][shape.nc][shape.d] = static_cast<std::int32_t>(i);
    all_nc.insert(shape.nc);
    all_d.insert(shape.d);
  }
  auto& nodes = tables.nodes;
  std::vector<Node> roots;
  for (const auto& [m, under_m] : tree) {
    std::vector<Node> middle;
    for (const auto& [nc, under_nc] : under_m) {
      middle.push_back({nc, count(nodes), count(nodes) + static_cast<std::int32_t>(under_nc.size())});
      for (const auto& [d, entry] : under_nc) nodes.push_back({d, entry, entry + 1});
    }
    roots.push_back({m, count(nodes), count(nodes) + count(middle)});
    nodes.insert(nodes.end(), middle.begin(), middle.end());
  }
  auto& shapes = tables.shapes.at(static_cast<std::size_t>(accuracy));
  shapes.m = {count(nodes), count(nodes) + count(roots)};
  nodes.insert(nodes.end(), roots.begin(), roots.end());
  shapes.nc = add_extents(nodes, all_nc);
  shapes.d = add_extents(nodes, all_d);
}

// Smaller is preferred.
int rank(const Series& series) {
  if (series.timer == "counters") return 0;
  if (series.timer == "clock") return 1;
  return series.timer.starts_with("model:") ? 3 : 2;
}

}  // namespace

MachineTables make_tables(const Store& store, const Series& series) {
  MachineTables tables;
  tables.processor = series.processor;
  tables.timer = series.timer;
  tables.timer_versions = series.timer_versions;
  tables.vector_bits = series.vector_bits;
  tables.peak_flop_per_cycle = series.peak_flop_per_cycle;
  add_winners(store, series, tables);
  add_defaults(series, tables);
  for (std::size_t accuracy = 0; accuracy < kAccuracies; ++accuracy)
    add_class(tables, static_cast<std::int32_t>(accuracy));
  return tables;
}

std::vector<Series> one_timer_each(std::vector<Series> all) {
  const auto key = [](const Series& series) {
    return std::tuple(series.processor, series.vector_bits, rank(series), series.timer);
  };
  std::sort(all.begin(), all.end(), [&](const Series& a, const Series& b) { return key(a) < key(b); });
  const auto same = [](const Series& a, const Series& b) {
    return a.processor == b.processor && a.vector_bits == b.vector_bits;
  };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return all;
}

}  // namespace svetune::db
