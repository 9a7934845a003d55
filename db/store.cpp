#include "db/store.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "db/content.hpp"
#include "db/details.hpp"
#include "db/lines.hpp"
#include "db/rows.hpp"
#include "db/schema.hpp"
#include "db/series.hpp"
#include "db/stored_times.hpp"
#include "db/write_queue.hpp"

namespace svetune::db {
namespace {

std::string random_uid() {
  std::random_device device;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string uid;
  for (int i = 0; i < 32; ++i) uid += kDigits[device() % 16];
  return uid;
}

OpenMode open_mode(Store::Mode mode) {
  return mode == Store::Mode::read_only ? OpenMode::read_only : OpenMode::read_write;
}

bool wanted(const Strategy& strategy, const Store::Filter& filter) {
  if (filter.strategy && strategy.name != *filter.strategy) return false;
  return strategy.may_win || !filter.winners_only;
}

// The strategies that the filter asks for, for SQL: ",separate,fused,". A strategy that this program does not know (a
// test's, a newer version's) is never an answer.
std::string strategy_list(const Store::Filter& filter) {
  std::string list = ",";
  for (const Strategy& strategy : strategies()) {
    if (wanted(strategy, filter)) list += std::string(strategy.name) + ",";
  }
  return list;
}

void refuse_mixture(const Connection& connection, const Line& a, const Line& b, const Problem& problem) {
  const auto name = [](const Line& line) { return line.timer + " on " + line.processor; };
  const bool timers = a.timer != b.timer;
  throw InputError("database " + connection.file().string() + " holds times of several " +
                   (timers ? "timers" : "processors") + " for " + svetune::to_text(problem) + " (" + name(a) + ", " +
                   name(b) + "), which are never compared; choose one with " + (timers ? "--timer" : "--processor"));
}

std::vector<Evaluation> best_of_problem(Connection& connection, const std::vector<Line>& lines, const Problem& problem,
                                        const std::string& strategies, std::size_t top) {
  std::vector<Evaluation> best;
  const auto id = find_problem(connection, problem);
  const Line* answered = nullptr;
  for (const Line& line : lines) {
    if (!id) break;
    auto rows = best_of_line(connection, line, *id, strategies, top);
    if (rows.empty()) continue;
    if (answered != nullptr && (line.timer != answered->timer || line.processor != answered->processor))
      refuse_mixture(connection, *answered, line, problem);
    answered = &line;
    best.insert(best.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  }
  std::sort(best.begin(), best.end(), faster);
  if (best.size() > top) best.resize(top);
  return best;
}

}  // namespace

class Store::Impl {
 public:
  Impl(const std::filesystem::path& file, Mode mode, std::chrono::milliseconds wait)
      : connection(open_database(file, open_mode(mode), wait)), queue([this](auto jobs) { commit(jobs); }) {}

  // One transaction; the ids that it has learned are forgotten where it fails.
  void commit(std::span<const WriteQueue::Job* const> jobs) {
    const std::lock_guard lock(mutex);
    try {
      Transaction transaction(connection);
      for (const auto* job : jobs) (*job)();
      transaction.commit();
    } catch (...) {
      known = {};
      throw;
    }
  }

  // True where the row is in; `supersedes` says whether it takes the place of one that is held.
  bool add(const Session& session, const Evaluation& evaluation, bool (*supersedes)(const Row& held, const Row& row)) {
    Row row = to_row(evaluation);
    const std::string text = svetune::to_text(evaluation.config);
    bool added = false;
    queue.run([&] {
      row.machine = session.machine;
      row.timer = session.timer;
      row.sweep = session.sweep;
      row.problem = problem_id(connection, evaluation.problem, known);
      row.configuration = configuration_id(connection, text, known);
      if (row.kernel_hash && !evaluation.functions.empty())
        keep_functions(connection, *row.kernel_hash, evaluation.functions, known);
      added = insert_row(connection, Table::evaluations, row);
      if (added) return;
      if (const auto held = find_row(connection, row); held && supersedes(*held, row)) {
        supersede(connection, *held);
        added = insert_row(connection, Table::evaluations, row);
      }
    });
    return added;
  }

  std::mutex mutex;  // guards the connection and the known ids
  Connection connection;
  KnownIds known;
  WriteQueue queue;
};

Store::Store(const std::filesystem::path& file, Mode mode, std::chrono::milliseconds wait)
    : impl_(std::make_unique<Impl>(file, mode, wait)) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Session Store::begin_sweep(const Machine& machine, const Timer& timer, std::string_view command, std::uint64_t seed,
                           const Provenance& provenance) {
  Session session;
  impl_->queue.run([&] {
    auto& connection = impl_->connection;
    session.machine = db::machine_id(connection, machine);
    session.timer = db::timer_id(connection, timer);
    Query(connection,
          "INSERT INTO sweeps (uid, machine, timer, command, seed, started_at, source_revision, midr, emulator, "
          "governor, clock_ghz) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          random_uid(), session.machine, session.timer, command, std::to_string(seed), utc_now(),
          provenance.source_revision, provenance.midr, provenance.emulator, provenance.governor, provenance.clock_ghz)
        .run();
    session.sweep = connection.last_row_id();
  });
  return session;
}

void Store::end_sweep(const Session& session, std::string_view outcome) {
  impl_->queue.run([&] {
    Query(impl_->connection, "UPDATE sweeps SET ended_at = ?, outcome = ? WHERE id = ?", utc_now(), outcome,
          session.sweep)
        .run();
  });
}

double verified_cycles(const Evaluation& evaluation) {
  if (!evaluation.cycles)
    refuse_damaged("no cycles in the evaluation of " + svetune::to_text(evaluation.problem) + ", " +
                   svetune::to_text(evaluation.config));
  return *evaluation.cycles;
}

bool Store::add(const Session& session, const Evaluation& evaluation) {
  return impl_->add(session, evaluation, [](const Row& held, const Row& row) {
    return row.kernel_hash && held.kernel_hash != row.kernel_hash;
  });
}

void Store::replace(const Session& session, const Evaluation& evaluation) {
  impl_->add(session, evaluation, [](const Row&, const Row&) { return true; });
}

std::optional<std::string> Store::functions_of(std::string_view kernel_hash) const {
  const std::lock_guard lock(impl_->mutex);
  return find_functions(impl_->connection, kernel_hash);
}

std::vector<Stored> Store::evaluated(const Session& session, const Problem& problem) const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<Stored> stored;
  const auto id = find_problem(impl_->connection, problem);
  if (!id) return stored;
  Query query(impl_->connection,
              "SELECT c.text, e.kernel_hash FROM evaluations e JOIN configurations c ON c.id = e.configuration "
              "WHERE e.problem = ? AND e.machine = ? AND e.timer = ?",
              *id, session.machine, session.timer);
  while (query.step()) stored.push_back({query.text(0), query.optional_text(1)});
  return stored;
}

std::vector<Evaluation> Store::best(const Filter& filter, std::size_t top) const {
  const auto asked = filter.problem ? std::vector{*filter.problem} : problems();
  const std::lock_guard lock(impl_->mutex);
  const auto lines = select_lines(impl_->connection, filter);
  const auto strategies = strategy_list(filter);
  std::vector<Evaluation> rows;
  for (const Problem& problem : asked) {
    auto best = best_of_problem(impl_->connection, lines, problem, strategies, top);
    rows.insert(rows.end(), std::make_move_iterator(best.begin()), std::make_move_iterator(best.end()));
  }
  return rows;
}

std::vector<Problem> Store::problems() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<Problem> problems;
  Query query(impl_->connection, "SELECT operation, accuracy, m, nc, d, ldv FROM problems");
  while (query.step()) problems.push_back(read_problem(query, 0));
  std::sort(problems.begin(), problems.end(), shape_less);
  return problems;
}

std::vector<std::pair<Status, std::size_t>> Store::counts(const std::optional<Problem>& problem) const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<std::pair<Status, std::size_t>> counts;
  const auto id = problem ? find_problem(impl_->connection, *problem) : std::nullopt;
  if (problem && !id) return counts;
  Query query(impl_->connection,
              problem ? "SELECT status, count(*) FROM evaluations WHERE problem = ? GROUP BY status"
                      : "SELECT status, count(*) FROM evaluations WHERE ? IS NULL GROUP BY status",
              id);
  while (query.step()) counts.emplace_back(parse_status(query.text(0)), static_cast<std::size_t>(query.integer(1)));
  std::sort(counts.begin(), counts.end());
  return counts;
}

std::vector<Series> Store::series(const Filter& filter) const {
  const std::lock_guard lock(impl_->mutex);
  return load_series(impl_->connection, filter, strategy_list(filter));
}

std::vector<std::unique_ptr<StoredTimes>> Store::times(const Filter& filter) const {
  std::vector<std::unique_ptr<StoredTimes>> all;
  std::unique_lock lock(impl_->mutex);
  auto lines = select_lines(impl_->connection, filter);
  lock.unlock();
  for (Line& line : lines) {
    auto times = std::make_unique<StoredTimes>(impl_->connection, impl_->mutex, std::move(line), strategy_list(filter));
    if (!times->empty()) all.push_back(std::move(times));
  }
  return all;
}

Evaluation Store::evaluation(std::int64_t id) const {
  const std::lock_guard lock(impl_->mutex);
  return read_details(impl_->connection, id);
}

std::vector<Evaluation> Store::find(const Problem& problem, const svetune_config& config) const {
  const std::lock_guard lock(impl_->mutex);
  return find_evaluations(impl_->connection, problem, svetune::to_text(config));
}

std::vector<Evaluation> Store::superseded(const Evaluation& evaluation) const {
  const std::lock_guard lock(impl_->mutex);
  return read_superseded(impl_->connection, evaluation.id);
}

Sweep Store::sweep_of(std::int64_t evaluation) const {
  const std::lock_guard lock(impl_->mutex);
  return read_sweep_of(impl_->connection, evaluation);
}

std::vector<Sweep> Store::sweeps() const {
  const std::lock_guard lock(impl_->mutex);
  return read_sweeps(impl_->connection);
}

Timer Store::timer(std::int64_t id) const {
  const std::lock_guard lock(impl_->mutex);
  Query query(impl_->connection, "SELECT name, version FROM timers WHERE id = ?", id);
  return query.step() ? Timer{query.text(0), query.text(1)} : Timer{};
}

Machine Store::machine(std::int64_t id) const {
  const std::lock_guard lock(impl_->mutex);
  return read_machine(impl_->connection, id);
}

std::map<std::int64_t, Machine> Store::machines() const {
  const std::lock_guard lock(impl_->mutex);
  return read_machines(impl_->connection);
}

void Store::each(const std::function<void(const Evaluation&)>& visit) const {
  const std::lock_guard lock(impl_->mutex);
  each_evaluation(impl_->connection, visit);
}

std::string Store::content_hash() const {
  const std::lock_guard lock(impl_->mutex);
  return hash_content(impl_->connection);
}

void Store::rewind_to(const Sweep& sweep) {
  const std::lock_guard lock(impl_->mutex);
  rewind_database(impl_->connection, sweep);
}

const std::filesystem::path& Store::file() const {
  return impl_->connection.file();
}

}  // namespace svetune::db
