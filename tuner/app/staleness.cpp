#include "app/staleness.hpp"

#include "timing/timer.hpp"

namespace svetune::app {

std::optional<std::string> staleness(const db::Evaluation& row) {
  if (!row.timer.starts_with("model:")) return std::nullopt;
  try {
    const std::string now = timing::choose_timer(row.timer).facts({}).timer.version;
    if (now == row.timer_version) return std::nullopt;
    return "timed by version " + row.timer_version + " of " + row.timer + ", this program has version " + now;
  } catch (const InputError&) {
    return row.timer + " is no model of this program";
  }
}

}  // namespace svetune::app
