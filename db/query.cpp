#include "db/query.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "db/distance.hpp"

namespace svetune::db {
namespace {

bool serves(const Problem& measured, std::int32_t operation, std::int32_t accuracy) {
  return measured.shape.operation == operation && measured.shape.accuracy <= accuracy;
}

bool valid(const Series& series, const Problem& asked, const Time& time) {
  return first_broken_constraint({asked, series.vector_bits}, series.choices[time.choice].config) == nullptr;
}

std::vector<double> best_cycles(const Series& series) {
  std::vector<double> best(series.problems.size());
  for (const Time& time : winners(series)) best[time.problem] = time.cycles;
  return best;
}

// The same but for the row stride of V.
bool same_key(const Problem& a, const Problem& b) {
  return a.shape.operation == b.shape.operation && a.shape.accuracy == b.shape.accuracy && a.shape.m == b.shape.m &&
         a.shape.nc == b.shape.nc && a.shape.d == b.shape.d;
}

struct Near {
  std::int32_t distance = 0;
  Time winner;
};

std::optional<Near> nearest(const Series& series, const Problem& asked) {
  std::optional<Near> near;
  std::tuple<std::int32_t, std::int32_t, std::uint32_t> least;
  const Problem* before = nullptr;
  for (const Time& winner : winners(series)) {
    const Problem& measured = series.problems[winner.problem];
    // Of several row strides of V the smallest stands for all, as in a generated header, whose key has none.
    const bool first = before == nullptr || !same_key(*before, measured);
    before = &measured;
    if (!first || !serves(measured, asked.shape.operation, asked.shape.accuracy) || !valid(series, asked, winner))
      continue;
    const auto apart = distance(measured.shape, asked.shape);
    const std::tuple rank(apart, -measured.shape.accuracy, winner.problem);
    if (near && rank >= least) continue;
    least = rank;
    near = Near{apart, winner};
  }
  return near;
}

// See Selection::expected_loss.
std::optional<double> loss_nearby(const Series& series, const Problem& asked, const Time& winner) {
  const auto best = best_cycles(series);
  std::vector<std::tuple<std::int32_t, std::uint32_t, double>> losses;
  for (const Time& time : series.times) {
    if (time.choice != winner.choice || time.problem == winner.problem) continue;
    const Problem& measured = series.problems[time.problem];
    if (measured.shape.operation != asked.shape.operation) continue;
    losses.emplace_back(distance(measured.shape, asked.shape), time.problem, time.cycles / best[time.problem] - 1);
  }
  if (losses.empty()) return std::nullopt;
  std::sort(losses.begin(), losses.end());
  if (losses.size() > 3) losses.resize(3);
  double worst = 0;
  for (const auto& loss : losses) worst = std::max(worst, std::get<2>(loss));
  return worst;
}

Selection from_nearest(const Series& series, const Problem& asked, const Near& near) {
  return {Rule::nearest, near.winner, static_cast<double>(near.distance) / kDoubling,
          loss_nearby(series, asked, near.winner)};
}

// What answers, and for `nearest` the next ones of the same measured problem.
std::vector<Time> candidates(const Series& series, const Problem& asked, const Selection& selection, std::size_t top) {
  if (selection.rule != Rule::nearest) return {selection.time};
  std::vector<Time> times;
  for (const Time& time : series.times) {
    if (times.size() < top && time.problem == selection.time.problem && valid(series, asked, time))
      times.push_back(time);
  }
  return times;
}

std::string known_problems(const Store& store) {
  constexpr std::size_t kNamed = 8;
  const auto problems = store.problems();
  std::string known;
  for (std::size_t i = 0; i < problems.size() && i < kNamed; ++i)
    known += (i == 0 ? "" : ", ") + svetune::to_text(problems[i]);
  if (problems.size() > kNamed) known += " and " + std::to_string(problems.size() - kNamed) + " others";
  return known.empty() ? " (it holds no problem yet)" : " (it holds " + known + ")";
}

void refuse_mixture(const Store& store, const std::vector<Series>& all) {
  for (const Series& series : all) {
    const bool timers = series.timer != all.front().timer;
    if (!timers && series.processor == all.front().processor && series.vector_bits == all.front().vector_bits) continue;
    throw InputError("database " + store.file().string() + " holds times of several " +
                     (timers ? "timers (" : "processors (") + all.front().timer + " on " + all.front().processor +
                     ", " + series.timer + " on " + series.processor + "), which are never compared; choose one with " +
                     (timers ? "--timer" : "--processor"));
  }
}

}  // namespace

std::string_view to_text(Rule rule) {
  constexpr std::array<std::string_view, 3> kNames = {"exact", "nearest", "default"};
  return kNames.at(static_cast<std::size_t>(rule));
}

std::vector<Time> winners(const Series& series) {
  std::vector<Time> first;
  for (const Time& time : series.times) {
    if (first.empty() || first.back().problem != time.problem) first.push_back(time);
  }
  return first;
}

std::optional<Robust> robust_default(const Series& series, std::int32_t operation, std::int32_t accuracy) {
  struct Losses {
    std::size_t problems = 0;
    double sum = 0, worst = 0;
    Time at;
  };
  const auto best = best_cycles(series);
  std::vector<Losses> losses(series.choices.size());
  for (const Time& time : series.times) {
    if (!serves(series.problems[time.problem], operation, accuracy)) continue;
    Losses& entry = losses[time.choice];
    const double loss = time.cycles / best[time.problem] - 1;
    if (entry.problems++ == 0 || loss > entry.worst) {
      entry.worst = loss;
      entry.at = time;
    }
    entry.sum += loss;
  }
  // What is valid for the smallest shape is valid for every one.
  Problem smallest;
  smallest.shape = {operation, accuracy, 1, 1, 1};
  std::optional<std::uint32_t> found;
  const auto rank = [&](std::uint32_t choice) {
    return std::tuple(series.problems.size() - losses[choice].problems, losses[choice].worst, losses[choice].sum);
  };
  for (std::uint32_t choice = 0; choice < losses.size(); ++choice) {
    if (losses[choice].problems == 0 || !valid(series, smallest, {0, choice, 0, 0})) continue;
    if (!found || rank(choice) < rank(*found)) found = choice;
  }
  if (!found) return std::nullopt;
  const Losses& entry = losses[*found];
  return Robust{*found, entry.problems, entry.worst, entry.at};
}

std::optional<Selection> select(const Series& series, const Problem& asked) {
  for (const Time& winner : winners(series)) {
    if (series.problems[winner.problem] == asked) return Selection{Rule::exact, winner, 0, 0};
  }
  const auto near = nearest(series, asked);
  if (near && near->distance <= kFarthest) return from_nearest(series, asked, *near);
  const auto robust = robust_default(series, asked.shape.operation, asked.shape.accuracy);
  if (robust) {
    const auto apart = distance(series.problems[robust->worst.problem].shape, asked.shape);
    return Selection{Rule::robust_default, robust->worst, static_cast<double>(apart) / kDoubling, robust->worst_loss};
  }
  if (near) return from_nearest(series, asked, *near);
  return std::nullopt;
}

std::vector<Answer> answers(const Store& store, const Problem& asked, Store::Filter filter, std::size_t top) {
  filter.problem = asked;
  std::vector<Answer> all;
  for (auto& evaluation : store.best(filter, top)) {
    Machine machine = store.machine(evaluation.machine_id);
    const double cycles = verified_cycles(evaluation);
    const double best = all.empty() ? cycles : verified_cycles(all.front().evaluation);
    all.push_back({Rule::exact, 0, cycles / best - 1, std::move(evaluation), std::move(machine)});
  }
  if (!all.empty()) return all;
  filter.problem.reset();
  const auto lines = store.series(filter);
  if (!lines.empty()) refuse_mixture(store, lines);
  const auto selection = lines.empty() ? std::nullopt : select(lines.front(), asked);
  if (!selection)
    throw InputError("database " + store.file().string() + " holds no time that could answer for " +
                     svetune::to_text(asked) + known_problems(store) + "; run svetune sweep --db " +
                     store.file().string() + " --problem " + svetune::to_text(asked));
  for (const Time& time : candidates(lines.front(), asked, *selection, top)) {
    Evaluation evaluation = store.evaluation(time.evaluation);
    Machine machine = store.machine(evaluation.machine_id);
    auto loss = selection->expected_loss;
    if (time.choice != selection->time.choice) loss = loss_nearby(lines.front(), asked, time);
    all.push_back({selection->rule, selection->distance, loss, std::move(evaluation), std::move(machine)});
  }
  return all;
}

}  // namespace svetune::db
