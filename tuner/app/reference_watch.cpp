#include "app/reference_watch.hpp"

#include <cmath>

#include "app/present.hpp"
#include "measure/statistics.hpp"

namespace svetune::app {
namespace {

constexpr double kMoved = 0.02;
constexpr auto kEvery = std::chrono::seconds(30);
constexpr unsigned kBatches = 15;

}  // namespace

bool drifted(double first, double now) {
  return std::abs(now - first) > kMoved * first;
}

bool ReferenceWatch::has_drifted() {
  if (choice_.timer.kind->takes_machine || config_.empty() || measure::Clock::now() < next_) return drifted_;
  next_ = measure::Clock::now() + kEvery;
  const timing::Timed timed = evaluator_.time_again(problem_, parse_configuration(config_), kBatches);
  if (timed.status != db::Status::ok || timed.samples.empty()) return drifted_;
  const double now = measure::median(timed.samples);
  if (first_ == 0) first_ = now;
  const bool before = drifted_;
  drifted_ = drifted(first_, now);
  if (drifted_ != before) {
    choice_.log->warn("the reference {} {} takes {} cycles, {} at first", svetune::to_text(problem_),
                      drifted_ ? "has drifted:" : "is back:", cycles_text(now), cycles_text(first_));
  }
  return drifted_;
}

}  // namespace svetune::app
