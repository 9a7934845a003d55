// A problem of a sweep, and a candidate of one.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "search/searcher.hpp"
#include "space/configuration.hpp"

namespace svetune::app {

struct Work {
  Problem problem;
  std::vector<svetune_config> space;
  std::unordered_map<std::string, double> stored;  // canonical text and cost; read when the problem's turn comes
  std::unique_ptr<search::Searcher> searcher;
  std::string searcher_name;
  double weight = 1;
  std::vector<std::size_t> starts;  // winners of neighbouring problems, the next one last: asked for first
  std::vector<bool> started;        // candidates that were such a start
  std::size_t asked = 0;
  std::size_t evaluated = 0;  // stored ones of this space, and those that this sweep took on
  bool opened = false;        // what is stored is known
  bool exhausted = false;     // the searcher or the budget of evaluations has no more
  double best_cycles = search::kFailed;
  double best_seconds = 0;  // wall-clock of the evaluation of the best
};

struct Task {
  std::size_t work = 0, candidate = 0;
};

}  // namespace svetune::app
