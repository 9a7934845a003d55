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

struct Near {
  std::int32_t distance = 0;
  Time winner;
};

std::optional<Near> nearest(const Series& series, const Problem& asked) {
  std::optional<Near> near;
  std::tuple<std::int32_t, std::int32_t, std::uint32_t> least;
  for (const Time& winner : winners(series)) {
    const Problem& measured = series.problems[winner.problem];
    if (!serves(measured, asked.shape.operation, asked.shape.accuracy) || !valid(series, asked, winner)) continue;
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

Answer answer(const Store& store, const Problem& asked, Store::Filter filter) {
  Answer answer;
  filter.problem = asked;
  auto exact = store.best(filter, 1);
  if (!exact.empty()) {
    answer.expected_loss = 0;
    answer.evaluation = std::move(exact.front());
  } else {
    filter.problem.reset();
    const auto all = store.series(filter);
    if (!all.empty()) refuse_mixture(store, all);
    const auto selection = all.empty() ? std::nullopt : select(all.front(), asked);
    if (!selection)
      throw InputError("database " + store.file().string() + " holds no time that could answer for " +
                       svetune::to_text(asked) + "; run svetune sweep --db " + store.file().string() + " --problem " +
                       svetune::to_text(asked));
    answer.rule = selection->rule;
    answer.distance = selection->distance;
    answer.expected_loss = selection->expected_loss;
    answer.evaluation = store.evaluation(selection->time.evaluation);
  }
  answer.machine = store.machine(answer.evaluation.machine_id);
  return answer;
}

}  // namespace svetune::db
