// When a search ends: conditions apart from searchers. All that are set apply; whichever is met first stops it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace svetune::search {

struct StopConditions {
  std::optional<std::size_t> evaluations;    // of a problem, those of earlier runs included
  std::optional<std::chrono::seconds> time;  // of this run

  bool reached(std::size_t asked, std::chrono::duration<double> elapsed) const {
    return (evaluations && asked >= *evaluations) || (time && elapsed >= *time);
  }
};

}  // namespace svetune::search
