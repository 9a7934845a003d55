// The robust default found by few reads: of a million times only those that could change the answer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/lines.hpp"
#include "db/series.hpp"

namespace svetune::db {

struct CompleteDefault {
  std::string text;  // of the configuration
  double worst_loss = 0, sum = 0;
  std::size_t at = 0;  // place of the problem where it loses most
  double cycles = 0;   // there
  std::int64_t evaluation = 0;
};

// Of the configurations that have a time for all of `problems` (ids; `best`: the winner's cycles of each), under the
// rules of robust_default() in db/query.hpp. Nothing where none has: then others may answer. `wanted`: by strategy;
// `valid`: by text.
std::optional<CompleteDefault> complete_default(Connection& connection, const Source& source,
                                                const std::vector<std::int64_t>& problems,
                                                const std::vector<double>& best,
                                                const std::function<bool(std::string_view)>& wanted,
                                                const std::function<bool(const std::string&)>& valid);

}  // namespace svetune::db
