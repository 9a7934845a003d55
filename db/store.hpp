// The database: one SQLite file. Every evaluation is committed before the next begins; sqlite3.h stays out of this
// header.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "space/configuration.hpp"

namespace svetune::db {

struct Series;      // db/series.hpp
class StoredTimes;  // db/stored_times.hpp

enum class Status : std::uint8_t { ok, wrong_result, crashed, timed_out, unsupported, rejected };
std::string_view to_text(Status status);     // "ok", "wrong_result", ...
Status parse_status(std::string_view text);  // throws InputError

// The processor that results belong to, and what the kernels on it were built with. All fields are part of the
// identity; which kernels they were is told by an evaluation's kernel_hash.
struct Machine {
  std::string processor;  // "a64fx", "neoverse-v1"
  std::uint32_t vector_bits = 0;
  double clock_ghz = 0;
  double peak_flop_per_cycle = 0;  // fp32
  std::string compiler;            // "clang 19.1.7"
  std::string flags;
};
// "a64fx, 512 bits, clang 19.1.7"
std::string to_text(const Machine& machine);

// What else was so while a sweep ran; no part of any identity.
struct Provenance {
  std::string source_revision;  // of the kernels: git commit, "-dirty" where the tree was changed
  std::string midr;             // that the runner saw, "0x461f0010": an emulator's own
  std::string emulator;         // "qemu-aarch64 7.2.22"; empty: none
  std::string governor;         // of the processor's frequency; empty: not known
  double clock_ghz = 0;  // of the processor that is timed, as the runner measured it, or the model's; 0: not known
};

// Where a time came from. Times of different timers are never compared.
struct Timer {
  std::string name;     // "model:a64fx", "counters", "clock"
  std::string version;  // of the model or the emulator: what could change its times
};

struct Evaluation {
  std::int64_t id = 0;
  Problem problem;
  svetune_config config{};
  Status status = Status::ok;
  std::string detail;                      // the signal, the reason of a rejection, the model's complaint
  std::optional<double> error;             // max |O - ref| / (|O_in| + sum |P V|)
  std::optional<double> p_ulp;             // largest error of P in ULP
  std::vector<double> samples;             // cycles, raw, in order
  std::optional<double> cycles;            // median of the samples; the store fills it in where it is missing
  std::optional<std::string> kernel_hash;  // of the candidate's object code
  std::string functions;                   // that the hash covers (measure/kernel_image.hpp); kept once a hash
  std::vector<std::string> warnings;       // names without spaces, of a closed set
  std::string when;                        // UTC, ISO 8601; the store fills it in where it is empty
  std::string machine, timer;              // texts, filled by queries
  std::string timer_version;               // filled by queries
  std::string source_revision;             // filled by queries: of the sweep that measured
  std::int64_t machine_id = 0;             // filled by queries
};

// Cycles of an evaluation that Store::best gave: those have them. Throws InputError where there are none: the index of
// a damaged database may say otherwise than its rows.
double verified_cycles(const Evaluation& evaluation);

// Identifies a row set of a sweep: what a continued sweep looks for.
struct Session {
  std::int64_t machine = 0, timer = 0, sweep = 0;
};

// One run of a sweep command.
struct Sweep {
  Session session;
  std::string uid;  // 32 hexadecimal digits, the same in every copy of a database
  std::string command, seed, started_at, ended_at, outcome;  // the last two are empty where it runs or was killed
  Provenance provenance;
};

// What is stored of a candidate: its canonical text and the code that was measured.
struct Stored {
  std::string config;
  std::optional<std::string> kernel_hash;
};

// Thread-safe. Threads that add at the same time share one commit. Every failure is an InputError that names the file
// and the remedy: not a svetune database, a newer schema, not writable, locked by another process for `wait`, full
// disk, damaged.
class Store {
 public:
  // Opens or creates; read_only neither creates nor migrates.
  enum class Mode : std::uint8_t { read_only, read_write };
  Store(const std::filesystem::path& file, Mode mode, std::chrono::milliseconds wait = std::chrono::seconds(30));
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  Session begin_sweep(const Machine& machine, const Timer& timer, std::string_view command, std::uint64_t seed,
                      const Provenance& provenance = {});
  void end_sweep(const Session& session, std::string_view outcome);

  // Durable when it returns. One evaluation per (problem, configuration, machine, timer): a second one is refused
  // (false), unless it is of other code: then it supersedes the first.
  bool add(const Session& session, const Evaluation& evaluation);
  // The same for an evaluation of a better kind (a final round): it supersedes what is held of the same key. Its code
  // is that of what it takes the place of.
  void replace(const Session& session, const Evaluation& evaluation);
  // The configurations evaluated for a problem, machine and timer.
  std::vector<Stored> evaluated(const Session& session, const Problem& problem) const;
  // The functions that a kernel_hash covers; nothing where it is not known.
  std::optional<std::string> functions_of(std::string_view kernel_hash) const;

  struct Filter {
    std::optional<Problem> problem;
    std::optional<std::string> processor, timer;
    bool winners_only = true;  // only strategies that may win
    std::optional<std::string> strategy;
    std::optional<Session> session;  // only this machine and timer, to the version
  };
  // Verified evaluations (status ok), fastest first; ties by canonical text of the configuration. Without a problem:
  // `top` of each, in order of shape. Of several versions of a timer the newest that has timed the problem answers; of
  // several builds that timed the same configuration, the newest. Throws InputError where the rows are of several
  // timers or processors and the filter names none: they are never compared.
  std::vector<Evaluation> best(const Filter& filter, std::size_t top) const;
  std::vector<Problem> problems() const;
  // Number of evaluations by status, for a problem or all.
  std::vector<std::pair<Status, std::size_t>> counts(const std::optional<Problem>& problem) const;

  // All verified times by processor, vector length and timer, under the rules of best(); sorted, without ids of this
  // file.
  std::vector<Series> series(const Filter& filter) const;
  // The same, read one by one when they are asked for; they refer to this object.
  std::vector<std::unique_ptr<StoredTimes>> times(const Filter& filter) const;
  Evaluation evaluation(std::int64_t id) const;
  // Of every status, the newest first.
  std::vector<Evaluation> find(const Problem& problem, const svetune_config& config) const;
  // Evaluations of the same problem, configuration, machine and timer that were of older code, or lost in a merge; by
  // date.
  std::vector<Evaluation> superseded(const Evaluation& evaluation) const;
  Sweep sweep_of(std::int64_t evaluation) const;
  std::vector<Sweep> sweeps() const;  // by date
  Timer timer(std::int64_t id) const;
  Machine machine(std::int64_t id) const;
  std::map<std::int64_t, Machine> machines() const;
  // Every evaluation in an order that depends on the content alone.
  void each(const std::function<void(const Evaluation&)>& visit) const;
  // 16 hexadecimal digits; equal for equal content, whatever the order in which it was stored. Sweeps do not count.
  std::string content_hash() const;
  const std::filesystem::path& file() const;

  // From now on this object answers as the database was after that sweep, evaluations superseded since included; they
  // have negative ids. Nothing is written.
  void rewind_to(const Sweep& sweep);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace svetune::db
