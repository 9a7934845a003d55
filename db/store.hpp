// The database: one SQLite file. Every evaluation is committed before the next begins; sqlite3.h stays out of this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "space/configuration.hpp"

namespace svetune::db {

enum class Status : std::uint8_t { ok, wrong_result, crashed, timed_out, unsupported, rejected };
std::string_view to_text(Status status);  // "ok", "wrong_result", ...

// The processor that results belong to, and what the kernels on it were built with. All fields are part of the identity.
struct Machine {
  std::string processor;        // "a64fx", "neoverse-v1"
  std::uint32_t vector_bits = 0;
  double clock_ghz = 0;
  double peak_flop_per_cycle = 0;  // fp32
  std::string compiler;         // "clang 19.1.7"
  std::string flags;
  std::string source_revision;  // git commit, "-dirty" where the tree was changed
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
  std::string detail;               // the signal, the reason of a rejection, the model's complaint
  std::optional<double> error;      // max |O - ref| / (|O_in| + sum |P V|)
  std::optional<double> p_ulp;      // largest error of P in ULP
  std::vector<double> samples;      // cycles, raw, in order
  std::optional<double> cycles;     // median of the samples
  std::string when;                 // UTC, ISO 8601
  std::string machine, timer;       // texts, filled by queries
};

// Identifies a row set of a sweep: what a continued sweep looks for.
struct Session {
  std::int64_t machine = 0, timer = 0, sweep = 0;
};

class Store {
 public:
  // Opens or creates. Throws InputError: not a svetune database, a newer schema, not writable.
  enum class Mode : std::uint8_t { read_only, read_write };
  Store(const std::filesystem::path& file, Mode mode);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  Session begin_sweep(const Machine& machine, const Timer& timer, std::string_view command, std::uint64_t seed);
  void end_sweep(const Session& session, std::string_view outcome);

  // Durable when it returns. One evaluation per (problem, configuration, machine, timer): a second one is refused (false).
  bool add(const Session& session, const Evaluation& evaluation);
  // Canonical texts of the configurations evaluated for a problem, machine and timer.
  std::vector<std::string> evaluated(const Session& session, const Problem& problem) const;

  struct Filter {
    std::optional<Problem> problem;
    std::optional<std::string> processor, timer;
    bool winners_only = true;  // only strategies that may win
    std::optional<std::string> strategy;
  };
  // Verified evaluations (status ok), fastest first; ties by canonical text of the configuration.
  std::vector<Evaluation> best(const Filter& filter, std::size_t top) const;
  std::vector<Problem> problems() const;
  // Number of evaluations by status, for a problem or all.
  std::vector<std::pair<Status, std::size_t>> counts(const std::optional<Problem>& problem) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace svetune::db
