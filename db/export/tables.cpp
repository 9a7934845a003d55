#include "db/export/tables.hpp"

#include <algorithm>
#include <tuple>

#include "db/query.hpp"

namespace svetune::db {
namespace {

constexpr std::int32_t kAccuracies = SVETUNE_ACCURACY_LOW + 1;
constexpr std::int64_t kLargest = 0x7fffffff;

// The smallest extent that `member` may have where the others are as large as can be. Constraints of strategies ask for
// extents that are large enough, each apart from the others (a test walks all of them).
std::int64_t least_extent(const svetune_problem& shape, const svetune_config& config, unsigned vector_bits,
                          std::int64_t svetune_problem::* member) {
  Target target{{}, vector_bits};
  target.problem.shape = {shape.operation, shape.accuracy, kLargest, kLargest, kLargest};
  std::int64_t low = 1, high = kLargest;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    target.problem.shape.*member = middle;
    if (first_broken_constraint(target, config) == nullptr)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

svetune_problem least_shape(const svetune_problem& shape, const svetune_config& config, unsigned vector_bits) {
  const auto least = [&](auto member) { return least_extent(shape, config, vector_bits, member); };
  return {shape.operation, shape.accuracy, least(&svetune_problem::m), least(&svetune_problem::nc),
          least(&svetune_problem::d)};
}

auto key(const svetune_problem& shape) {
  return std::tie(shape.operation, shape.accuracy, shape.m, shape.nc, shape.d);
}

void add_winners(const Store& store, const Series& series, MachineTables& tables) {
  for (const Time& winner : winners(series)) {
    const Problem& problem = series.problems[winner.problem];
    const auto& shape = problem.shape;
    // The header's key has no row stride of V: the first one, the smallest that was timed, stands for all.
    if (!tables.entries.empty() && key(tables.entries.back().shape) == key(shape)) continue;
    const Choice& choice = series.choices[winner.choice];
    const double percent = 100 * problem.flop() / winner.cycles / series.peak_flop_per_cycle;
    tables.entries.push_back({shape, problem.v_stride(), choice, winner.cycles, percent, 0,
                              least_shape(shape, choice.config, series.vector_bits)});
    const Evaluation evaluation = store.evaluation(winner.evaluation);
    tables.builds.insert(to_text(store.machine(evaluation.machine_id)));
    const std::string date = evaluation.when.substr(0, 10);
    if (tables.first_date.empty() || date < tables.first_date) tables.first_date = date;
    if (date > tables.last_date) tables.last_date = date;
  }
}

// Every accuracy of each operation: a stricter one's entries serve too, and a default may come from them.
void add_classes(const Series& series, MachineTables& tables) {
  std::set<std::int32_t> operations;
  for (const Entry& entry : tables.entries) operations.insert(entry.shape.operation);
  for (const std::int32_t operation : operations) {
    for (std::int32_t accuracy = 0; accuracy < kAccuracies; ++accuracy) {
      tables.classes.push_back({operation, accuracy, {}, -1});
      const auto robust = robust_default(series, operation, accuracy);
      if (!robust) continue;
      tables.classes.back().fallback = static_cast<std::int32_t>(tables.entries.size());
      const Choice& choice = series.choices[robust->choice];
      const svetune_problem shape{operation, accuracy, 0, 0, 0};
      tables.entries.push_back(
          {shape, 0, choice, 0, 0, robust->worst_loss, least_shape(shape, choice.config, series.vector_bits)});
    }
  }
}

// Of equally near entries the closest accuracy comes first, then the smaller shape.
void add_nearest(MachineTables& tables, std::size_t index) {
  Class& into = tables.classes[index];
  std::vector<Site> sites;
  for (std::int32_t accuracy = into.accuracy; accuracy >= 0; --accuracy) {
    for (std::size_t i = 0; i < tables.entries.size(); ++i) {
      const auto& [shape, least] = std::tie(tables.entries[i].shape, tables.entries[i].least);
      if (shape.operation != into.operation || shape.accuracy != accuracy || shape.m == 0) continue;
      sites.push_back({static_cast<std::int32_t>(i), {shape.m, shape.nc, shape.d}, {least.m, least.nc, least.d}});
    }
  }
  const bool own =
      !sites.empty() && tables.entries[static_cast<std::size_t>(sites.front().entry)].shape.accuracy == into.accuracy;
  if (own) {
    into.grid = add_cells(sites, tables.cells);
  } else if (!sites.empty()) {
    into.grid = tables.classes[index - 1].grid;  // its entries are those of the class before
  }
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
  add_classes(series, tables);
  for (std::size_t i = 0; i < tables.classes.size(); ++i) add_nearest(tables, i);
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
