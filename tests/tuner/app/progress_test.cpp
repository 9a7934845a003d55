// What a sweep shows: lines elsewhere, a block on a terminal that is drawn over itself.
#include "app/progress.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace svetune::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

SweepProgress two_problems() {
  SweepProgress progress;
  ProblemProgress first, second;
  first.problem = "4x64x128";
  first.total = first.done = 50;
  first.failures[db::Status::crashed] = 2;
  second.problem = "4x128x128";
  second.total = 100;
  second.done = 30;
  second.best_percent = 60;
  second.best_cycles = 1000;
  second.default_cycles = 1500;
  second.failures[db::Status::crashed] = 1;
  second.failures[db::Status::wrong_result] = 4;
  progress.problems = {first, second};
  progress.current = 1;
  progress.evaluated = 40;
  progress.seconds = 2;
  return progress;
}

TEST(Progress, ALineHoldsAll) {
  EXPECT_EQ(progress_line(two_problems()),
            "[2/2] 4x128x128  30/100  best 60.0 % of peak, 1.50 times the default  20/s  4 s left  wrong_result 4  "
            "crashed 3");
}

TEST(Progress, ABlockHasALineForAllForOneAndForFailures) {
  EXPECT_THAT(progress_block(two_problems()),
              ElementsAre("[############............]  1 of 2 problems done  80/150  20/s  4 s left",
                          "4x128x128  30/100  best 60.0 % of peak, 1.50 times the default",
                          "failed: wrong_result 4  crashed 3"));
}

TEST(Progress, NothingIsComparedThatWasNotMeasured) {
  SweepProgress progress = two_problems();
  progress.problems[1].default_cycles.reset();
  EXPECT_THAT(progress_line(progress), Not(HasSubstr("times the default")));
  progress.problems[1].best_percent.reset();
  EXPECT_THAT(progress_line(progress), Not(HasSubstr("best")));
  EXPECT_EQ(progress_line({}), "");
}

TEST(Progress, ATerminalsBlockIsDrawnOverItself) {
  std::ostringstream out;
  ProgressView view(out, true);
  SweepProgress progress = two_problems();
  view.show(progress);
  const std::string once = out.str();
  EXPECT_THAT(once, Not(HasSubstr("\x1b[2A")));
  progress.seconds = 2.1;
  view.show(progress);  // too early
  EXPECT_EQ(out.str(), once);
  progress.seconds = 3;
  progress.problems[1].failures.clear();
  progress.problems[0].failures.clear();
  view.show(progress);
  EXPECT_THAT(out.str().substr(once.size()), testing::StartsWith("\x1b[2A\r["));  // up over three lines
  EXPECT_THAT(out.str().substr(once.size()), testing::EndsWith("\x1b[K\x1b[J"));  // the third is gone
  const std::size_t before = out.str().size();
  view.clear();
  EXPECT_EQ(out.str().substr(before), "\x1b[1A\r\x1b[J");
}

TEST(Progress, ElsewhereLinesArePlain) {
  std::ostringstream out;
  ProgressView view(out, false);
  view.show(two_problems());
  view.show(two_problems(), true);  // the same line once
  view.clear();
  EXPECT_EQ(out.str(), progress_line(two_problems()) + "\n");
}

}  // namespace
}  // namespace svetune::app
