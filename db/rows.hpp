// Rows as values: how problems, machines and evaluations are written to and read from the tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "db/sqlite.hpp"
#include "db/store.hpp"

namespace svetune::db {

// The ids of what is stored already. Forget them when a transaction is rolled back.
struct KnownIds {
  std::unordered_map<std::string, std::int64_t> problems, configurations;
  std::unordered_set<std::string> kernels;  // hashes
};

// Nothing where it is not stored.
std::optional<std::int64_t> find_problem(Connection& connection, const Problem& problem);
// The id of a row, which is added where it is missing.
std::int64_t problem_id(Connection& connection, const Problem& problem, KnownIds& known);
std::int64_t configuration_id(Connection& connection, const std::string& text, KnownIds& known);
std::int64_t machine_id(Connection& connection, const Machine& machine);
std::int64_t timer_id(Connection& connection, const Timer& timer);

Machine read_machine(Connection& connection, std::int64_t id);
std::map<std::int64_t, Machine> read_machines(Connection& connection);
// Throws InputError with the remedy: constraints hold in every database that was written here, and where one is damaged
// they need not.
[[noreturn]] void refuse_damaged(const std::string& what);
Problem read_problem(const Query& query, int first_column);  // operation, accuracy, m, nc, d, ldv

// An evaluation without the types of the space: what is copied between databases, and what reading parses.
struct Row {
  std::int64_t id = 0, problem = 0, configuration = 0, machine = 0, timer = 0, sweep = 0;
  std::string status, detail;
  std::optional<double> error, p_ulp;
  std::vector<std::byte> samples;
  std::optional<double> cycles;
  std::optional<std::string> kernel_hash;
  std::string warnings, created_at;
};  // the functions of a kernel_hash are kept apart: keep_functions()
inline constexpr int kRowColumnCount = 15;
// From the first columns of kEvaluationSelect.
Row read_row(const Query& query);

enum class Table : std::uint8_t { evaluations, superseded };
// False where `evaluations` holds one of the same problem, configuration, machine and timer.
bool insert_row(Connection& connection, Table table, const Row& row);
// That one.
std::optional<Row> find_row(Connection& connection, const Row& row);
// Moves it to `superseded`.
void supersede(Connection& connection, const Row& held);

void keep_functions(Connection& connection, const std::string& kernel_hash, const std::string& functions,
                    KnownIds& known);
std::optional<std::string> find_functions(Connection& connection, std::string_view kernel_hash);

Row to_row(const Evaluation& evaluation);  // without ids
// A query that starts with kEvaluationSelect: the row, then the problem's columns, the configuration's text, the
// timer's name and version.
inline constexpr std::string_view kEvaluationSelect =
    "SELECT e.id, e.problem, e.configuration, e.machine, e.timer, e.sweep, e.status, e.detail, e.error, e.p_ulp, "
    "e.samples, e.cycles, e.kernel_hash, e.warnings, e.created_at, "
    "p.operation, p.accuracy, p.m, p.nc, p.d, p.ldv, c.text, t.name, t.version, s.source_revision "
    "FROM evaluations e CROSS JOIN problems p ON p.id = e.problem CROSS JOIN configurations c ON c.id = "
    "e.configuration "
    "CROSS JOIN timers t ON t.id = e.timer CROSS JOIN sweeps s ON s.id = e.sweep ";
// `machine` is left empty; throws InputError for a configuration that this program does not know.
Evaluation read_evaluation(const Query& query);

std::string utc_now();  // to the millisecond

}  // namespace svetune::db
