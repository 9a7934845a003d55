#include "db/merge.hpp"

#include <bit>
#include <chrono>
#include <map>
#include <string>
#include <tuple>

#include "db/rows.hpp"
#include "db/schema.hpp"

namespace svetune::db {
namespace {

constexpr auto kWait = std::chrono::seconds(30);

// What decides between two results of the same key; equal where the results are the same evaluation.
auto content(const Row& row) {
  const auto bits = [](const std::optional<double>& value) {
    return value ? std::optional(std::bit_cast<std::uint64_t>(*value)) : std::nullopt;
  };
  return std::tuple(row.created_at, row.status, row.detail, bits(row.cycles), bits(row.error), bits(row.p_ulp),
                    row.samples, row.kernel_hash, row.warnings);
}

// The select of a table's rows with the columns of kEvaluationSelect.
std::string select_from(Table table) {
  std::string sql(kEvaluationSelect);
  constexpr std::string_view kFrom = "FROM evaluations e";
  if (table == Table::superseded) sql.replace(sql.find(kFrom), kFrom.size(), "FROM superseded e");
  return sql;
}

class Merge {
 public:
  Merge(Connection& out, KnownIds& known, MergeCounts& counts) : out_(out), known_(known), counts_(counts) {}

  void add(Connection& input) {
    read_ids(input);
    for (const Table table : {Table::evaluations, Table::superseded}) {  // every key has its evaluation first
      Query query(input, select_from(table));
      while (query.step()) add_row(query, table);
    }
  }

 private:
  void read_ids(Connection& input) {
    for (const auto& [id, machine] : read_machines(input)) machines_[id] = machine_id(out_, machine);
    Query timers(input, "SELECT id, name, version FROM timers");
    while (timers.step()) timers_[timers.integer(0)] = timer_id(out_, {timers.text(1), timers.text(2)});
    Query sweeps(input,
                 "SELECT id, uid, machine, timer, command, seed, started_at, ended_at, outcome, source_revision, midr, "
                 "emulator, governor, clock_ghz FROM sweeps");
    while (sweeps.step()) sweeps_[sweeps.integer(0)] = add_sweep(sweeps);
    Query kernels(input, "SELECT hash, functions FROM kernels");
    while (kernels.step()) keep_functions(out_, kernels.text(0), kernels.text(1), known_);
  }

  // A copy that was made while the sweep ran does not know its end.
  std::int64_t add_sweep(const Query& sweep) {
    Query(
        out_,
        "INSERT INTO sweeps (uid, machine, timer, command, seed, started_at, ended_at, outcome, "
        "source_revision, midr, emulator, governor, clock_ghz) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE SET ended_at = excluded.ended_at, "
        "outcome = excluded.outcome WHERE ended_at IS NULL",
        sweep.text(1), machines_.at(sweep.integer(2)), timers_.at(sweep.integer(3)), sweep.text(4), sweep.text(5),
        sweep.text(6), sweep.optional_text(7), sweep.optional_text(8), sweep.text(9), sweep.text(10), sweep.text(11),
        sweep.text(12), sweep.real(13))
        .run();
    Query found(out_, "SELECT id FROM sweeps WHERE uid = ?", sweep.text(1));
    found.step();
    return found.integer(0);
  }

  void add_row(const Query& query, Table from) {
    Row row = read_row(query);
    row.problem = problem_id(out_, read_problem(query, kRowColumnCount), known_);
    row.configuration = configuration_id(out_, query.text(kRowColumnCount + 6), known_);
    row.machine = machines_.at(row.machine);
    row.timer = timers_.at(row.timer);
    row.sweep = sweeps_.at(row.sweep);
    if (insert_row(out_, Table::evaluations, row)) {
      ++counts_.added;
      return;
    }
    const auto found = find_row(out_, row);
    if (!found) refuse_damaged("an evaluation is refused that nothing stands in the way of");
    const Row& held = *found;
    if (content(held) == content(row)) {
      if (from == Table::evaluations) ++counts_.known;
      return;
    }
    if (content(held) < content(row)) {
      keep(held);
      Query(out_, "DELETE FROM evaluations WHERE id = ?", held.id).run();
      insert_row(out_, Table::evaluations, row);
      ++counts_.conflicts;
    } else if (keep(row)) {
      ++counts_.conflicts;
    } else {
      ++counts_.known;
    }
  }

  // False where it is kept already.
  bool keep(const Row& row) {
    {
      Query query(out_,
                  select_from(Table::superseded) +
                      "WHERE e.problem = ? AND e.machine = ? AND e.timer = ? AND e.configuration = ?",
                  row.problem, row.machine, row.timer, row.configuration);
      while (query.step()) {
        if (content(read_row(query)) == content(row)) return false;
      }
    }
    insert_row(out_, Table::superseded, row);
    return true;
  }

  Connection& out_;
  KnownIds& known_;
  MergeCounts& counts_;
  std::map<std::int64_t, std::int64_t> machines_, timers_, sweeps_;  // the input's ids to those of `out`
};

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

MergeCounts merge_into(const std::filesystem::path& out, std::vector<Connection>& inputs) {
  MergeCounts counts;
  KnownIds known;
  Connection connection = open_database(out, OpenMode::read_write, kWait);
  Transaction transaction(connection);
  for (Connection& input : inputs) {
    const std::int64_t broken = input.number("SELECT count(*) FROM pragma_foreign_key_check");
    if (broken != 0)
      throw InputError("database " + input.file().string() + " is damaged (" + std::to_string(broken) +
                       " rows refer to nothing); save what is left: sqlite3 FILE .recover | sqlite3 NEW.db");
    Merge(connection, known, counts).add(input);
  }
  transaction.commit();
  return counts;
}

}  // namespace

MergeCounts merge(const std::filesystem::path& out, const std::vector<std::filesystem::path>& inputs) {
  // Every input is looked at before anything is written.
  std::vector<Connection> opened;
  for (const auto& input : inputs) {
    if (same_file(input, out)) continue;
    opened.push_back(open_database(input, OpenMode::read_only, kWait));
  }
  std::error_code ignored;
  const bool made = !std::filesystem::exists(out, ignored);
  try {
    return merge_into(out, opened);
  } catch (...) {
    if (made) {
      for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        std::filesystem::remove(out.string() + suffix, ignored);
    }
    throw;
  }
}

}  // namespace svetune::db
