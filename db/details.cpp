#include "db/details.hpp"

#include "db/rows.hpp"

namespace svetune::db {
namespace {

std::vector<Evaluation> read_all(Connection& connection, Query& query) {
  std::vector<Evaluation> rows;
  while (query.step()) {
    rows.push_back(read_evaluation(query));
    rows.back().machine = to_text(read_machine(connection, rows.back().machine_id));
  }
  return rows;
}

constexpr std::string_view kSweepSelect =
    "SELECT machine, timer, id, uid, command, seed, started_at, coalesce(ended_at, ''), coalesce(outcome, ''), "
    "source_revision, midr, emulator, governor, clock_ghz "
    "FROM sweeps ";

Sweep read_sweep(const Query& query) {
  return {{query.integer(0), query.integer(1), query.integer(2)},
          query.text(3),
          query.text(4),
          query.text(5),
          query.text(6),
          query.text(7),
          query.text(8),
          {query.text(9), query.text(10), query.text(11), query.text(12), query.real(13)}};
}

}  // namespace

Evaluation read_details(Connection& connection, std::int64_t id) {
  Query query(connection, std::string(kEvaluationSelect) + "WHERE e.id = ?", id);
  auto rows = read_all(connection, query);
  if (rows.empty())
    throw InputError("database " + connection.file().string() + " has no evaluation " + std::to_string(id) +
                     "; svetune best --json prints the numbers that it has");
  return std::move(rows.front());
}

std::vector<Evaluation> find_evaluations(Connection& connection, const Problem& problem, const std::string& config) {
  const auto id = find_problem(connection, problem);
  if (!id) return {};
  Query query(connection,
              std::string(kEvaluationSelect) + "WHERE e.problem = ? AND c.text = ? ORDER BY e.created_at DESC, e.id",
              *id, config);
  return read_all(connection, query);
}

std::vector<Evaluation> read_superseded(Connection& connection, std::int64_t id) {
  // The same columns, from the other table.
  std::string sql(kEvaluationSelect);
  sql.replace(sql.find("FROM evaluations e"), 18, "FROM superseded e");
  Query query(connection,
              sql +
                  "JOIN evaluations w ON w.problem = e.problem AND w.configuration = e.configuration AND "
                  "w.machine = e.machine AND w.timer = e.timer WHERE w.id = ? "
                  "ORDER BY e.created_at, e.id",
              id);
  return read_all(connection, query);
}

Sweep read_sweep_of(Connection& connection, std::int64_t evaluation) {
  Query query(connection, std::string(kSweepSelect) + "WHERE id = (SELECT sweep FROM evaluations WHERE id = ?)",
              evaluation);
  return query.step() ? read_sweep(query) : Sweep{};
}

std::vector<Sweep> read_sweeps(Connection& connection) {
  std::vector<Sweep> sweeps;
  Query query(connection, std::string(kSweepSelect) + "ORDER BY started_at, uid");
  while (query.step()) sweeps.push_back(read_sweep(query));
  return sweeps;
}

void rewind_database(Connection& connection, const Sweep& sweep) {
  constexpr std::string_view kColumns =
      "problem, configuration, machine, timer, sweep, status, detail, error, p_ulp, samples, cycles, kernel_hash, "
      "warnings, created_at";
  const std::string columns(kColumns);
  // A table of this connection hides the file's of the same name.
  connection.execute("PRAGMA temp_store = MEMORY");
  connection.execute("DROP TABLE IF EXISTS temp.evaluations");
  Query(connection,
        "CREATE TEMP TABLE evaluations AS SELECT id, " + columns +
            " FROM (SELECT *, row_number() OVER (PARTITION BY problem, configuration, machine, timer "
            "ORDER BY created_at DESC, abs(id) DESC) AS place FROM (SELECT id, " +
            columns + " FROM main.evaluations UNION ALL SELECT -id, " + columns +
            " FROM superseded) WHERE sweep IN (SELECT id FROM sweeps WHERE started_at <= ?)) WHERE place = 1",
        sweep.started_at)
      .run();
}

}  // namespace svetune::db
