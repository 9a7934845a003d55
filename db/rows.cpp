#include "db/rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <sstream>

namespace svetune::db {
namespace {

constexpr std::array<std::string_view, 6> kStatusNames = {"ok",        "wrong_result", "crashed",
                                                          "timed_out", "unsupported",  "rejected"};

template <class... Values>
std::optional<std::int64_t> find_id(Connection& connection, std::string_view sql, const Values&... values) {
  Query query(connection, sql, values...);
  return query.step() ? std::optional(query.integer(0)) : std::nullopt;
}

template <class... Values>
std::int64_t insert_id(Connection& connection, std::string_view sql, const Values&... values) {
  Query(connection, sql, values...).run();
  return connection.last_row_id();
}

std::vector<std::byte> to_bytes(const std::vector<double>& samples) {
  std::vector<std::byte> bytes;
  bytes.reserve(samples.size() * 8);
  for (const double sample : samples) {
    const auto bits = std::bit_cast<std::uint64_t>(sample);
    for (unsigned shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::byte>(bits >> shift & 0xffU));
  }
  return bytes;
}

std::vector<double> to_samples(std::span<const std::byte> bytes) {
  std::vector<double> samples;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 8; ++i) bits |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
    samples.push_back(std::bit_cast<double>(bits));
  }
  return samples;
}

std::optional<double> median(std::vector<double> samples) {
  if (samples.empty()) return std::nullopt;
  std::sort(samples.begin(), samples.end());
  const std::size_t middle = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

std::string_view to_text(Status status) {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

Status parse_status(std::string_view text) {
  const auto found = std::find(kStatusNames.begin(), kStatusNames.end(), text);
  if (found == kStatusNames.end()) throw InputError("unknown status \"" + std::string(text) + "\" of an evaluation");
  return static_cast<Status>(found - kStatusNames.begin());
}

std::string to_text(const Machine& machine) {
  return machine.processor + ", " + std::to_string(machine.vector_bits) + " bits, " + machine.compiler;
}

std::optional<std::int64_t> find_problem(Connection& connection, const Problem& problem) {
  const auto& shape = problem.shape;
  return find_id(
      connection,
      "SELECT id FROM problems WHERE operation = ? AND accuracy = ? AND m = ? AND nc = ? AND d = ? AND ldv = ?",
      shape.operation, shape.accuracy, shape.m, shape.nc, shape.d, problem.v_stride());
}

std::int64_t problem_id(Connection& connection, const Problem& problem, KnownIds& known) {
  const auto [place, added] = known.problems.try_emplace(svetune::to_text(problem));
  if (!added) return place->second;
  const auto& shape = problem.shape;
  const auto found = find_problem(connection, problem);
  place->second =
      found
          ? *found
          : insert_id(connection, "INSERT INTO problems (operation, accuracy, m, nc, d, ldv) VALUES (?, ?, ?, ?, ?, ?)",
                      shape.operation, shape.accuracy, shape.m, shape.nc, shape.d, problem.v_stride());
  return place->second;
}

std::int64_t configuration_id(Connection& connection, const std::string& text, KnownIds& known) {
  const auto [place, added] = known.configurations.try_emplace(text);
  if (!added) return place->second;
  const auto found = find_id(connection, "SELECT id FROM configurations WHERE text = ?", text);
  const auto start = text.find('=') + 1;
  const auto strategy = text.substr(start, text.find(' ') - start);
  place->second =
      found ? *found
            : insert_id(connection, "INSERT INTO configurations (text, strategy) VALUES (?, ?)", text, strategy);
  return place->second;
}

std::int64_t machine_id(Connection& connection, const Machine& machine) {
  const auto found = find_id(connection,
                             "SELECT id FROM machines WHERE processor = ? AND vector_bits = ? AND clock_ghz = ? AND "
                             "peak_flop_per_cycle = ? AND compiler = ? AND flags = ?",
                             machine.processor, machine.vector_bits, machine.clock_ghz, machine.peak_flop_per_cycle,
                             machine.compiler, machine.flags);
  if (found) return *found;
  return insert_id(connection,
                   "INSERT INTO machines (processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags) "
                   "VALUES (?, ?, ?, ?, ?, ?)",
                   machine.processor, machine.vector_bits, machine.clock_ghz, machine.peak_flop_per_cycle,
                   machine.compiler, machine.flags);
}

std::int64_t timer_id(Connection& connection, const Timer& timer) {
  const auto found =
      find_id(connection, "SELECT id FROM timers WHERE name = ? AND version = ?", timer.name, timer.version);
  if (found) return *found;
  return insert_id(connection, "INSERT INTO timers (name, version) VALUES (?, ?)", timer.name, timer.version);
}

Machine read_machine(Connection& connection, std::int64_t id) {
  Query query(connection,
              "SELECT processor, vector_bits, clock_ghz, peak_flop_per_cycle, compiler, flags "
              "FROM machines WHERE id = ?",
              id);
  if (!query.step()) return {};
  return {query.text(0), static_cast<std::uint32_t>(query.integer(1)), query.real(2), query.real(3), query.text(4),
          query.text(5)};
}

std::map<std::int64_t, Machine> read_machines(Connection& connection) {
  std::map<std::int64_t, Machine> machines;
  Query query(connection, "SELECT id FROM machines");
  while (query.step()) machines[query.integer(0)];
  for (auto& [id, machine] : machines) machine = read_machine(connection, id);
  return machines;
}

void refuse_damaged(const std::string& what) {
  throw InputError("the database is damaged: " + what + "; save what is left: sqlite3 FILE .recover | sqlite3 NEW.db");
}

Problem read_problem(const Query& query, int first_column) {
  const auto integer = [&](int column) { return query.integer(first_column + column); };
  const auto within = [&](int column, std::int64_t low, std::int64_t high) {
    return integer(column) >= low && integer(column) <= high;
  };
  constexpr std::int64_t kLargestExtent = 0x7fffffff;
  const bool extents = within(2, 1, kLargestExtent) && within(3, 1, kLargestExtent) && within(4, 1, kLargestExtent);
  if (!extents || !within(0, SVETUNE_EXP2_GEMM, SVETUNE_SOFTMAX_GEMM) ||
      !within(1, SVETUNE_ACCURACY_FULL, SVETUNE_ACCURACY_LOW) || !within(5, integer(4), kLargestExtent))
    refuse_damaged("a problem has extents, an operation or an accuracy that do not exist");
  Problem problem;
  problem.shape = {static_cast<std::int32_t>(integer(0)), static_cast<std::int32_t>(integer(1)), integer(2), integer(3),
                   integer(4)};
  problem.ldv = integer(5) == integer(4) ? 0 : integer(5);
  return problem;
}

Row read_row(const Query& query) {
  const auto samples = query.blob(10);
  return {query.integer(0),
          query.integer(1),
          query.integer(2),
          query.integer(3),
          query.integer(4),
          query.integer(5),
          query.text(6),
          query.text(7),
          query.optional_real(8),
          query.optional_real(9),
          {samples.begin(), samples.end()},
          query.optional_real(11),
          query.optional_text(12),
          query.text(13),
          query.text(14)};
}

bool insert_row(Connection& connection, Table table, const Row& row) {
  constexpr std::string_view kEvaluations =
      "INSERT INTO evaluations (problem, configuration, machine, timer, sweep, status, detail, error, p_ulp, samples, "
      "cycles, kernel_hash, warnings, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (problem, machine, timer, configuration) DO NOTHING";
  constexpr std::string_view kSuperseded =
      "INSERT INTO superseded (problem, configuration, machine, timer, sweep, status, detail, error, p_ulp, samples, "
      "cycles, kernel_hash, warnings, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  const std::span<const std::byte> samples = row.samples;
  Query(connection, table == Table::evaluations ? kEvaluations : kSuperseded, row.problem, row.configuration,
        row.machine, row.timer, row.sweep, row.status, row.detail, row.error, row.p_ulp, samples, row.cycles,
        row.kernel_hash, row.warnings, row.created_at)
      .run();
  return connection.changes() == 1;
}

std::optional<Row> find_row(Connection& connection, const Row& row) {
  Query query(
      connection,
      std::string(kEvaluationSelect) + "WHERE e.problem = ? AND e.machine = ? AND e.timer = ? AND e.configuration = ?",
      row.problem, row.machine, row.timer, row.configuration);
  return query.step() ? std::optional(read_row(query)) : std::nullopt;
}

void supersede(Connection& connection, const Row& held) {
  insert_row(connection, Table::superseded, held);
  Query(connection, "DELETE FROM evaluations WHERE id = ?", held.id).run();
}

void keep_functions(Connection& connection, const std::string& kernel_hash, const std::string& functions,
                    KnownIds& known) {
  if (!known.kernels.insert(kernel_hash).second) return;
  Query(connection, "INSERT INTO kernels (hash, functions) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", kernel_hash,
        functions)
      .run();
}

std::optional<std::string> find_functions(Connection& connection, std::string_view kernel_hash) {
  Query query(connection, "SELECT functions FROM kernels WHERE hash = ?", kernel_hash);
  return query.step() ? std::optional(query.text(0)) : std::nullopt;
}

Row to_row(const Evaluation& evaluation) {
  Row row;
  row.status = to_text(evaluation.status);
  row.detail = evaluation.detail;
  row.error = evaluation.error;
  row.p_ulp = evaluation.p_ulp;
  row.samples = to_bytes(evaluation.samples);
  row.cycles = evaluation.cycles ? evaluation.cycles : median(evaluation.samples);
  row.kernel_hash = evaluation.kernel_hash;
  row.warnings = joined(evaluation.warnings);
  row.created_at = evaluation.when.empty() ? utc_now() : evaluation.when;
  return row;
}

Evaluation read_evaluation(const Query& query) {
  Row row = read_row(query);
  Evaluation evaluation;
  evaluation.id = row.id;
  evaluation.problem = read_problem(query, kRowColumnCount);
  evaluation.config = parse_configuration(query.text(kRowColumnCount + 6));
  evaluation.status = parse_status(row.status);
  evaluation.detail = std::move(row.detail);
  evaluation.error = row.error;
  evaluation.p_ulp = row.p_ulp;
  evaluation.samples = to_samples(row.samples);
  evaluation.cycles = row.cycles;
  evaluation.kernel_hash = std::move(row.kernel_hash);
  evaluation.warnings = split(row.warnings);
  evaluation.when = std::move(row.created_at);
  evaluation.machine_id = row.machine;
  evaluation.timer = query.text(kRowColumnCount + 7);
  evaluation.timer_version = query.text(kRowColumnCount + 8);
  evaluation.source_revision = query.text(kRowColumnCount + 9);
  return evaluation;
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(millis));
  return text.data();
}

}  // namespace svetune::db
