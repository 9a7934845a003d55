// Whether a stored time still says something about this program's kernels and models.
#pragma once

#include <optional>
#include <string>

#include "db/store.hpp"

namespace svetune::app {

// Why a time is stale, as a sentence's part ("timed by version 1 of model:a64fx, this program has version 2"); nothing
// where it is not. A timer that only a processor with SVE can describe is judged on such a processor alone.
std::optional<std::string> staleness(const db::Evaluation& row);

}  // namespace svetune::app
