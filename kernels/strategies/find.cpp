#include "space/configuration.hpp"

namespace svetune {

// Part of a timed call: a handful of entries need no index.
[[gnu::section(".svetune_text")]] const Strategy* find_strategy(std::int32_t id) {
  for (const auto& strategy : strategies()) {
    if (strategy.id == id) return &strategy;
  }
  return nullptr;
}

}  // namespace svetune
