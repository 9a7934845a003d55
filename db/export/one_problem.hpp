// What formats of one problem a file share: its evaluations on one machine by one timer, and configurations as named
// parameters.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "db/export/formats.hpp"

namespace svetune::db {

struct OneProblem {
  Problem problem;
  Machine machine;
  std::string timer;
  std::vector<Evaluation> rows;
};

// Throws InputError where the options leave nothing, or several problems, processors or timers. Of several builds the
// last evaluation of a configuration counts.
OneProblem one_problem(const Store& store, const ExportOptions& options, std::string_view format);

// ("strategy", "separate"), ("exp2", "fexpa"), ("mr", 4), ... in the order of the axes; an axis that the strategy does
// not use is 0 or "none".
std::vector<std::pair<std::string, nlohmann::ordered_json>> parameters(const svetune_config& config);

// Cycles as milliseconds; of a machine whose clock is not known as if it ran at 1 GHz.
double milliseconds(double cycles, const Machine& machine);

}  // namespace svetune::db
