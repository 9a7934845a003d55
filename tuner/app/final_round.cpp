#include "app/final_round.hpp"

#include <algorithm>

#include "app/present.hpp"
#include "measure/statistics.hpp"
#include "measure/warnings.hpp"

namespace svetune::app {
namespace {

constexpr std::size_t kFinalists = 5, kTurns = 15;
constexpr double kWithin = 1.05;  // of the best: others cannot win
constexpr unsigned kBatches = 3;  // of a candidate's turn, whose time is their median
constexpr std::string_view kMark = "final round";

struct Finalist {
  db::Evaluation row;
  std::vector<double> turns;
  bool failed = false;
};

std::vector<Finalist> find_finalists(const db::Store& store, const db::Session& session, const Staleness& staleness,
                                     const Problem& problem) {
  db::Store::Filter filter;
  filter.problem = problem;
  filter.session = session;
  std::vector<Finalist> finalists;
  for (db::Evaluation& row : store.best(filter, SIZE_MAX)) {
    if (staleness.kernel_changed(row.kernel_hash)) continue;
    if (finalists.size() == kFinalists) break;
    if (!finalists.empty() && db::verified_cycles(row) > kWithin * db::verified_cycles(finalists.front().row)) break;
    finalists.push_back({std::move(row), {}, false});
  }
  return finalists;
}

void take_turn(Evaluator& evaluator, const Problem& problem, Finalist& finalist) {
  if (finalist.failed) return;
  timing::Timed timed = evaluator.time_again(problem, finalist.row.config, kBatches);
  finalist.failed = timed.status != db::Status::ok || timed.samples.empty();
  if (finalist.failed) return;
  if (finalist.turns.empty()) {
    finalist.row.samples.clear();
    finalist.row.warnings = timed.warnings;
  }
  finalist.turns.push_back(measure::median(timed.samples));
  finalist.row.samples.insert(finalist.row.samples.end(), timed.samples.begin(), timed.samples.end());
}

std::string detail_of(const Standing& standing, std::size_t candidates) {
  std::string text =
      std::string(kMark) + " of " + std::to_string(candidates) + " in " + std::to_string(kTurns) + " turns: ";
  if (standing.leads) return text + "the fastest";
  const auto fixed = [](double value) { return fixed_text(value, 4); };
  text += fixed(standing.ratio) + " of the fastest's time (" + fixed(standing.ratio_low) + " to " +
          fixed(standing.ratio_high) + " with 95 %)";
  return text + (standing.ties ? ", a tie" : "");
}

}  // namespace

std::vector<Standing> standings(std::span<const std::vector<double>> turns) {
  std::vector<double> medians;
  medians.reserve(turns.size());
  for (const auto& times : turns) medians.push_back(measure::median(times));
  const auto leader = static_cast<std::size_t>(std::ranges::min_element(medians) - medians.begin());
  std::vector<Standing> result;
  for (std::size_t candidate = 0; candidate < turns.size(); ++candidate) {
    Standing standing;
    standing.leads = candidate == leader;
    if (!standing.leads) {
      std::vector<double> ratios;
      ratios.reserve(turns[candidate].size());
      for (std::size_t t = 0; t < turns[candidate].size(); ++t)
        ratios.push_back(turns[candidate][t] / turns[leader][t]);
      const measure::Interval interval = measure::median_interval(ratios);
      standing.ratio = measure::median(ratios);
      standing.ratio_low = interval.low;
      standing.ratio_high = interval.high;
      standing.ties = interval.low <= 1;  // the leader's median is no larger: above 1 is all that tells them apart
    }
    standing.cycles = medians[leader] * (standing.leads || standing.ties ? 1 : standing.ratio);
    result.push_back(standing);
  }
  return result;
}

bool final_round(db::Store& store, const db::Session& session, const Staleness& staleness, Evaluator& evaluator,
                 const Problem& problem, bool renewed, const std::function<bool()>& stop) {
  std::vector<Finalist> finalists = find_finalists(store, session, staleness, problem);
  if (finalists.size() < 2) return true;
  if (!renewed && finalists.front().row.detail.starts_with(kMark)) return true;
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    // Each turn begins with another candidate: none is always the one after a given other.
    for (std::size_t i = 0; i < finalists.size(); ++i) {
      if (stop()) return false;
      take_turn(evaluator, problem, finalists[(turn + i) % finalists.size()]);
    }
  }
  std::erase_if(finalists, [](const Finalist& each) { return each.failed; });
  std::vector<std::vector<double>> turns;
  turns.reserve(finalists.size());
  for (const Finalist& finalist : finalists) turns.push_back(finalist.turns);
  if (turns.empty()) return true;
  const auto places = standings(turns);
  for (std::size_t i = 0; i < finalists.size(); ++i) {
    db::Evaluation& row = finalists[i].row;
    row.cycles = places[i].cycles;
    row.detail = detail_of(places[i], finalists.size());
    row.when.clear();
    store.replace(session, row);
  }
  return true;
}

}  // namespace svetune::app
