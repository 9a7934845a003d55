#include "db/stored_times.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "db/complete_default.hpp"
#include "db/rows.hpp"

namespace svetune::db {
namespace {

bool evaluated_by(Connection& connection, const Source& source, std::int64_t problem, const std::string& text) {
  Query query(connection,
              "SELECT 1 FROM evaluations WHERE problem = ? AND machine = ? AND timer = ? AND configuration = "
              "(SELECT id FROM configurations WHERE text = ?)",
              problem, source.machine, source.timer, text);
  return query.step();
}

}  // namespace

bool faster(const Evaluation& a, const Evaluation& b) {
  const auto cycles = [](const Evaluation& row) {
    return row.cycles.value_or(std::numeric_limits<double>::infinity());
  };
  if (cycles(a) != cycles(b)) return cycles(a) < cycles(b);
  return svetune::to_text(a.config) < svetune::to_text(b.config);
}

std::vector<Evaluation> best_of_line(Connection& connection, const Line& line, std::int64_t problem,
                                     const std::string& strategies, std::size_t top) {
  static const std::string kSql = std::string(kEvaluationSelect) +
                                  "WHERE e.problem = ? AND e.machine = ? AND e.timer = ? AND e.status = 'ok' "
                                  "AND e.cycles IS NOT NULL AND instr(?, ',' || c.strategy || ',') > 0 "
                                  "ORDER BY e.cycles, c.text";
  const auto sources = comparable_sources(connection, line, problem);
  std::vector<Evaluation> rows;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const std::string machine = to_text(read_machine(connection, sources[i].machine));
    Query query(connection, kSql, problem, sources[i].machine, sources[i].timer, strategies);
    for (std::size_t taken = 0; taken < top && query.step();) {
      const auto newer = std::any_of(
          sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(i),
          [&](auto& other) { return evaluated_by(connection, other, problem, query.text(kRowColumnCount + 6)); });
      if (newer) continue;
      rows.push_back(read_evaluation(query));
      rows.back().machine = machine;
      ++taken;
    }
  }
  std::sort(rows.begin(), rows.end(), faster);
  if (rows.size() > top) rows.resize(top);
  return rows;
}

StoredTimes::StoredTimes(Connection& connection, std::mutex& mutex, Line line, std::string strategies)
    : connection_(connection), mutex_(mutex), line_(std::move(line)), strategies_(std::move(strategies)) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<Problem, std::int64_t>> sorted;
  Query query(connection_, "SELECT operation, accuracy, m, nc, d, ldv, id FROM problems");
  while (query.step()) sorted.emplace_back(read_problem(query, 0), query.integer(6));
  std::sort(sorted.begin(), sorted.end(), [](auto& a, auto& b) { return shape_less(a.first, b.first); });
  for (const auto& [problem, id] : sorted) {
    problems_.push_back(problem);
    ids_.push_back(id);
  }
}

bool StoredTimes::empty() {
  for (std::uint32_t problem = 0; problem < problems_.size(); ++problem) {
    if (winner(problem)) return false;
  }
  return true;
}

std::uint32_t StoredTimes::choice_of(const svetune_config& config) {
  const std::string text = svetune::to_text(config);
  const auto [place, added] = places_.try_emplace(text, static_cast<std::uint32_t>(choices_.size()));
  if (added) choices_.push_back({text, config});
  return place->second;
}

std::optional<Time> StoredTimes::winner(std::uint32_t problem) {
  const auto [place, added] = winners_.try_emplace(problem);
  if (!added) return place->second;
  const std::lock_guard lock(mutex_);
  for (const Evaluation& row : best_of_line(connection_, line_, ids_[problem], strategies_, 1))
    place->second = Time{problem, choice_of(row.config), verified_cycles(row), row.id};
  return place->second;
}

std::optional<Robust> StoredTimes::complete_default(const std::function<bool(const Problem&)>& serves,
                                                    const std::function<bool(const svetune_config&)>& valid) {
  if (line_.sources.size() != 1) return std::nullopt;
  std::vector<std::uint32_t> places;
  std::vector<std::int64_t> ids;
  std::vector<double> best;
  for (std::uint32_t problem = 0; problem < problems_.size(); ++problem) {
    const auto first = serves(problems_[problem]) ? winner(problem) : std::nullopt;
    if (!first) continue;
    places.push_back(problem);
    ids.push_back(ids_[problem]);
    best.push_back(first->cycles);
  }
  const auto wanted = [&](std::string_view strategy) {
    return strategies_.find("," + std::string(strategy) + ",") != std::string::npos;
  };
  const std::lock_guard lock(mutex_);
  const auto found = db::complete_default(connection_, line_.sources.front(), ids, best, wanted,
                                          [&](const std::string& text) { return valid(parse_configuration(text)); });
  if (!found) return std::nullopt;
  const std::uint32_t choice = choice_of(parse_configuration(found->text));
  return Robust{choice, ids.size(), found->worst_loss, {places[found->at], choice, found->cycles, found->evaluation}};
}

// The newest build that has evaluated it decides, where that failed, too.
std::optional<double> StoredTimes::cycles(std::uint32_t problem, std::uint32_t choice) {
  const std::lock_guard lock(mutex_);
  for (const Source& source : comparable_sources(connection_, line_, ids_[problem])) {
    Query query(connection_,
                "SELECT CASE status WHEN 'ok' THEN cycles END FROM evaluations WHERE problem = ? AND machine = ? "
                "AND timer = ? AND configuration = (SELECT id FROM configurations WHERE text = ?)",
                ids_[problem], source.machine, source.timer, choices_[choice].text);
    if (query.step()) return query.optional_real(0);
  }
  return std::nullopt;
}

}  // namespace svetune::db
