#include "db/content.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "db/lines.hpp"
#include "db/rows.hpp"

namespace svetune::db {
namespace {

// Collects the times of one line under the ids of the database; then gives them their sorted places.
class SeriesBuilder {
 public:
  SeriesBuilder(Connection& connection, const std::string& strategies)
      : connection_(connection), strategies_(strategies) {}

  Series build(const Line& line, const std::map<std::int64_t, Problem>& problems) {
    Series series{line.processor, line.vector_bits, line.peak_flop_per_cycle, line.timer, {}, {}, {}, {}};
    std::set<std::string> versions;
    std::vector<std::pair<std::int64_t, Problem>> timed;
    for (const auto& [id, problem] : problems) {
      const auto sources = comparable_sources(connection_, line, id);
      const std::size_t before = found_.size();
      std::unordered_set<std::int64_t> seen;  // newest build first: the first one counts
      for (const Source& source : sources) read(source, id, seen, sources.size() > 1);
      if (found_.size() == before) continue;
      timed.emplace_back(id, problem);
      versions.insert(sources.front().timer_version);
    }
    series.timer_versions.assign(versions.begin(), versions.end());
    place_problems(series, std::move(timed));
    place_choices(series);
    for (const Found& found : found_)
      series.times.push_back(
          {problem_place_.at(found.problem), choice_place_.at(found.configuration), found.cycles, found.evaluation});
    std::sort(series.times.begin(), series.times.end(), [](const Time& a, const Time& b) {
      return std::tie(a.problem, a.cycles, a.choice) < std::tie(b.problem, b.cycles, b.choice);
    });
    return series;
  }

 private:
  struct Found {
    std::int64_t problem, configuration;
    double cycles;
    std::int64_t evaluation;
  };

  // An evaluation of a newer build that failed hides the older build's time too.
  void read(const Source& source, std::int64_t problem, std::unordered_set<std::int64_t>& seen, bool several) {
    Query query(connection_,
                several ? "SELECT configuration, cycles, id, status = 'ok' AND cycles IS NOT NULL FROM evaluations "
                          "WHERE problem = ? AND machine = ? AND timer = ?"
                        : "SELECT configuration, cycles, id, 1 FROM evaluations "
                          "WHERE problem = ? AND machine = ? AND timer = ? AND status = 'ok' AND cycles IS NOT NULL",
                problem, source.machine, source.timer);
    while (query.step()) {
      const auto configuration = query.integer(0);
      if (several && !seen.insert(configuration).second) continue;
      if (query.integer(3) == 1 && asked_for(configuration))
        found_.push_back({problem, configuration, query.real(1), query.integer(2)});
    }
  }

  bool asked_for(std::int64_t configuration) {
    const auto [place, added] = texts_.try_emplace(configuration);
    if (added) {
      Query query(connection_, "SELECT text FROM configurations WHERE id = ? AND instr(?, ',' || strategy || ',') > 0",
                  configuration, strategies_);
      if (query.step()) place->second = query.text(0);
    }
    return !place->second.empty();
  }

  void place_problems(Series& series, std::vector<std::pair<std::int64_t, Problem>> timed) {
    std::sort(timed.begin(), timed.end(), [](auto& a, auto& b) { return shape_less(a.second, b.second); });
    for (const auto& [id, problem] : timed) {
      problem_place_[id] = static_cast<std::uint32_t>(series.problems.size());
      series.problems.push_back(problem);
    }
  }

  void place_choices(Series& series) {
    std::vector<std::pair<std::string, std::int64_t>> sorted;
    for (const auto& [id, text] : texts_) {
      if (!text.empty()) sorted.emplace_back(text, id);
    }
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [text, id] : sorted) {
      choice_place_[id] = static_cast<std::uint32_t>(series.choices.size());
      series.choices.push_back({text, parse_configuration(text)});
    }
  }

  Connection& connection_;
  const std::string& strategies_;
  std::vector<Found> found_;
  std::unordered_map<std::int64_t, std::string> texts_;  // by configuration; empty: not asked for
  std::unordered_map<std::int64_t, std::uint32_t> problem_place_, choice_place_;
};

std::map<std::int64_t, Problem> read_problems(Connection& connection, const std::optional<Problem>& only) {
  std::map<std::int64_t, Problem> problems;
  Query query(connection, "SELECT operation, accuracy, m, nc, d, ldv, id FROM problems");
  while (query.step()) {
    const Problem problem = read_problem(query, 0);
    if (!only || *only == problem) problems.emplace(query.integer(6), problem);
  }
  return problems;
}

const Machine& machine_of(const std::map<std::int64_t, Machine>& machines, std::int64_t id) {
  const auto found = machines.find(id);
  if (found == machines.end())
    refuse_damaged("an evaluation names machine " + std::to_string(id) + ", which is not there");
  return found->second;
}

// FNV-1a with a final mix; not cryptographic: it tells versions of a database apart.
class Hash {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) state_ = (state_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3U;
    state_ = (state_ ^ 0x1ffU) * 0x100000001b3U;  // so that "a","b" is not "ab",""
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  void add(std::int64_t value) { add(std::as_bytes(std::span(&value, 1))); }
  void add(const std::optional<double>& value) {
    add(value ? static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(*value)) : std::int64_t{-1});
  }
  std::uint64_t value() const {
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;  // splitmix64
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

void add_machine(Hash& hash, const Machine& machine) {
  for (const auto& text : {machine.processor, machine.compiler, machine.flags}) hash.add(text);
  hash.add(std::int64_t{machine.vector_bits});
  hash.add(std::optional(machine.clock_ghz));
  hash.add(std::optional(machine.peak_flop_per_cycle));
}

std::uint64_t hash_of(const Query& query, const Machine& machine) {
  const Row row = read_row(query);
  Hash hash;
  for (int column = 0; column < 6; ++column) hash.add(query.integer(kRowColumnCount + column));
  for (int column = 6; column < 9; ++column) hash.add(query.text(kRowColumnCount + column));
  add_machine(hash, machine);
  for (const auto& text : {row.status, row.detail, row.kernel_hash.value_or(""), row.warnings, row.created_at})
    hash.add(text);
  for (const auto& value : {row.error, row.p_ulp, row.cycles}) hash.add(value);
  hash.add(row.samples);
  return hash.value();
}

}  // namespace

bool shape_less(const Problem& a, const Problem& b) {
  const auto key = [](const Problem& problem) {
    const auto& shape = problem.shape;
    return std::tuple(shape.operation, shape.accuracy, shape.m, shape.nc, shape.d, problem.v_stride());
  };
  return key(a) < key(b);
}

std::vector<Series> load_series(Connection& connection, const Store::Filter& filter, const std::string& strategies) {
  const auto problems = read_problems(connection, filter.problem);
  std::vector<Series> all;
  for (const Line& line : select_lines(connection, filter)) {
    Series series = SeriesBuilder(connection, strategies).build(line, problems);
    if (!series.times.empty()) all.push_back(std::move(series));
  }
  return all;
}

void each_evaluation(Connection& connection, const std::function<void(const Evaluation&)>& visit) {
  auto machines = read_machines(connection);
  Query query(connection,
              std::string(kEvaluationSelect) +
                  "JOIN machines m ON m.id = e.machine ORDER BY p.operation, p.accuracy, p.m, p.nc, p.d, p.ldv, "
                  "m.processor, m.vector_bits, t.name, t.version, m.compiler, m.flags, m.clock_ghz, "
                  "m.peak_flop_per_cycle, c.text");
  while (query.step()) {
    Evaluation evaluation = read_evaluation(query);
    evaluation.machine = to_text(machine_of(machines, evaluation.machine_id));
    visit(evaluation);
  }
}

std::string hash_content(Connection& connection) {
  const auto machines = read_machines(connection);
  // A sum does not depend on the order.
  std::uint64_t sum = 0;
  Query query(connection, kEvaluationSelect);
  while (query.step()) sum += hash_of(query, machine_of(machines, query.integer(3)));
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[sum >> static_cast<unsigned>(shift) & 15U];
  return text;
}

}  // namespace svetune::db
