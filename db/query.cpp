#include "db/query.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <tuple>

#include "db/distance.hpp"
#include "db/stored_times.hpp"

namespace svetune::db {
namespace {

bool serves(const Problem& measured, std::int32_t operation, std::int32_t accuracy) {
  return measured.shape.operation == operation && measured.shape.accuracy <= accuracy;
}

bool valid(std::uint32_t vector_bits, const Problem& asked, const svetune_config& config) {
  return first_broken_constraint({asked, vector_bits}, config) == nullptr;
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

// The problems that may serve, nearest first; of equal distance the accuracy closest to the asked one, then the shape.
std::vector<std::tuple<std::int32_t, std::int32_t, std::uint32_t>> by_distance(const std::vector<Problem>& problems,
                                                                               const Problem& asked) {
  std::vector<std::tuple<std::int32_t, std::int32_t, std::uint32_t>> sorted;
  for (std::uint32_t i = 0; i < problems.size(); ++i) {
    if (serves(problems[i], asked.shape.operation, asked.shape.accuracy))
      sorted.emplace_back(distance(problems[i].shape, asked.shape), -problems[i].shape.accuracy, i);
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::optional<Near> nearest(Times& times, const Problem& asked) {
  const Problem* before = nullptr;
  for (const auto& [apart, accuracy, problem] : by_distance(times.problems(), asked)) {
    // Of several row strides of V the smallest stands for all, as in a generated header, whose key has none. They
    // follow each other.
    const Problem& measured = times.problems()[problem];
    if (before != nullptr && same_key(*before, measured)) continue;
    const auto winner = times.winner(problem);
    if (!winner) continue;
    before = &measured;
    if (valid(times.vector_bits(), asked, times.choice(winner->choice).config)) return Near{apart, *winner};
  }
  return std::nullopt;
}

// See Selection::expected_loss.
std::optional<double> loss_nearby(Times& times, const Problem& asked, std::uint32_t choice, std::uint32_t but) {
  constexpr std::size_t kProblems = 3;
  const auto& problems = times.problems();
  std::vector<std::pair<std::int32_t, std::uint32_t>> near;
  for (std::uint32_t i = 0; i < problems.size(); ++i) {
    if (i != but && problems[i].shape.operation == asked.shape.operation)
      near.emplace_back(distance(problems[i].shape, asked.shape), i);
  }
  std::sort(near.begin(), near.end());
  std::optional<double> worst;
  std::size_t found = 0;
  for (const auto& [apart, problem] : near) {
    const auto cycles = times.cycles(problem, choice);
    const auto winner = times.winner(problem);
    if (!cycles || !winner) continue;
    worst = std::max(worst.value_or(0), *cycles / winner->cycles - 1);
    if (++found == kProblems) break;
  }
  return worst;
}

Selection from_nearest(Times& times, const Problem& asked, const Near& near) {
  return {Rule::nearest, near.winner, static_cast<double>(near.distance) / kDoubling,
          loss_nearby(times, asked, near.winner.choice, near.winner.problem)};
}

Selection selection_of(const Robust& robust, const Problem& worst, const Problem& asked) {
  const auto apart = static_cast<double>(distance(worst.shape, asked.shape)) / kDoubling;
  return {Rule::robust_default, robust.worst, apart, robust.worst_loss};
}

std::optional<Selection> from_default(const Series& series, const Problem& asked) {
  const auto robust = robust_default(series, asked.shape.operation, asked.shape.accuracy);
  if (!robust) return std::nullopt;
  return selection_of(*robust, series.problems[robust->worst.problem], asked);
}

// What is valid for the smallest shape is valid for every one.
bool valid_for_all(std::uint32_t vector_bits, std::int32_t operation, std::int32_t accuracy,
                   const svetune_config& config) {
  Problem smallest;
  smallest.shape = {operation, accuracy, 1, 1, 1};
  return valid(vector_bits, smallest, config);
}

// By few reads where a configuration has every problem; else of all times.
std::optional<Selection> from_stored_default(const Store& store, StoredTimes& times, const Problem& asked,
                                             const Store::Filter& filter) {
  const auto robust = times.complete_default(
      [&](const Problem& problem) { return serves(problem, asked.shape.operation, asked.shape.accuracy); },
      [&](const svetune_config& config) {
        return valid_for_all(times.vector_bits(), asked.shape.operation, asked.shape.accuracy, config);
      });
  if (robust) return selection_of(*robust, times.problems()[robust->worst.problem], asked);
  return from_default(store.series(filter).front(), asked);
}

Answer to_answer(const Store& store, const Selection& selection) {
  Evaluation evaluation = store.evaluation(selection.time.evaluation);
  Machine machine = store.machine(evaluation.machine_id);
  return {selection.rule, selection.distance, selection.expected_loss, std::move(evaluation), std::move(machine)};
}

// What answers a problem that was not measured: the nearest one, or else the default; neither where nothing may serve.
// `find_default` is asked where it is needed: it reads more than the others.
struct Unmeasured {
  std::optional<Near> near;
  std::optional<Selection> robust;
};
Unmeasured unmeasured(Times& times, const Problem& asked,
                      const std::function<std::optional<Selection>()>& find_default) {
  const auto near = nearest(times, asked);
  if (near && near->distance <= kFarthest) return {near, std::nullopt};
  if (const auto robust = find_default()) return {std::nullopt, robust};
  return {near, std::nullopt};
}

// The winner of the nearest problem, and the next ones of that problem.
std::vector<Answer> nearest_answers(const Store& store, StoredTimes& times, const Problem& asked, Store::Filter filter,
                                    const Near& near, std::size_t top) {
  const std::uint32_t problem = near.winner.problem;
  filter.problem = times.problems()[problem];
  std::vector<Answer> all;
  for (std::size_t read = top; all.size() < top; read *= 4) {
    const auto rows = store.best(filter, read);
    all.clear();
    for (const Evaluation& row : rows) {
      if (all.size() == top) break;
      if (!valid(times.vector_bits(), asked, row.config)) continue;
      const Time time{problem, times.choice_of(row.config), verified_cycles(row), row.id};
      all.push_back(to_answer(store, from_nearest(times, asked, {near.distance, time})));
    }
    if (rows.size() < read) break;  // there are no more
  }
  return all;
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

void refuse_mixture(const Store& store, const std::vector<std::unique_ptr<StoredTimes>>& all) {
  const StoredTimes& first = *all.front();
  for (const auto& times : all) {
    const bool timers = times->timer() != first.timer();
    if (!timers && times->processor() == first.processor() && times->vector_bits() == first.vector_bits()) continue;
    throw InputError("database " + store.file().string() + " holds times of several " +
                     (timers ? "timers (" : "processors (") + first.timer() + " on " + first.processor() + ", " +
                     times->timer() + " on " + times->processor() + "), which are never compared; choose one with " +
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
  std::vector<double> best(series.problems.size());
  for (const Time& time : winners(series)) best[time.problem] = time.cycles;
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
  std::optional<std::uint32_t> found;
  const auto rank = [&](std::uint32_t choice) {
    return std::tuple(series.problems.size() - losses[choice].problems, losses[choice].worst, losses[choice].sum);
  };
  for (std::uint32_t choice = 0; choice < losses.size(); ++choice) {
    if (losses[choice].problems == 0 ||
        !valid_for_all(series.vector_bits, operation, accuracy, series.choices[choice].config))
      continue;
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
  SeriesTimes times(series);
  const Unmeasured found = unmeasured(times, asked, [&] { return from_default(series, asked); });
  return found.near ? from_nearest(times, asked, *found.near) : found.robust;
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
  // Of a million times only those are read that the answer needs.
  if (const auto lines = store.times(filter); !lines.empty()) {
    refuse_mixture(store, lines);
    StoredTimes& times = *lines.front();
    const Unmeasured found = unmeasured(times, asked, [&] { return from_stored_default(store, times, asked, filter); });
    if (found.near) return nearest_answers(store, times, asked, filter, *found.near, top);
    if (found.robust) return {to_answer(store, *found.robust)};
  }
  throw InputError("database " + store.file().string() + " holds no time that could answer for " +
                   svetune::to_text(asked) + known_problems(store) + "; run svetune sweep --db " +
                   store.file().string() + " --problem " + svetune::to_text(asked));
}

}  // namespace svetune::db
