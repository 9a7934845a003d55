// Evaluates the spaces of several problems with several workers; every evaluation is stored before its worker's next
// one.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/evaluator.hpp"
#include "app/progress.hpp"
#include "app/space_rules.hpp"
#include "search/stop.hpp"

namespace svetune::app {

struct SweepOptions {
  std::vector<Problem> problems;
  std::filesystem::path database;
  std::vector<double> weights;  // of the problems: shares of a limited time; empty: equal ones
  SpaceRules rules;
  std::string searcher;  // empty: the default one
  std::size_t jobs = 1;
  search::StopConditions stop;
  std::string command;  // as typed, kept with the results
};

enum class Outcome { finished, interrupted, out_of_time };

struct SweptProblem {
  Problem problem;
  std::size_t space = 0;  // valid candidates
  std::string searcher;
  ProblemProgress progress;
  std::map<db::Status, std::size_t> counts;  // everything that the database holds of this problem
  std::optional<db::Evaluation> winner;      // of this machine and timer
};

struct SweepResult {
  Outcome outcome = Outcome::finished;
  std::vector<SweptProblem> problems;
  std::size_t evaluated = 0;  // in this run
  double seconds = 0;
  StageSeconds cpu;
  std::map<std::string, std::size_t> warnings;  // by name, of the evaluations of this run
  double peak_flop_per_cycle = 0;
};

// Blocks SIGINT and SIGTERM while it runs: on the first, evaluations in hand are finished and saved; the second ends
// the process at once. Throws what a worker met that is no candidate's fault (no runner, database gone), after saving.
SweepResult sweep(const RunChoice& choice, const SweepOptions& options, ProgressView& view);

}  // namespace svetune::app
