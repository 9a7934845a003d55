// Candidates that segfault, execute an illegal instruction, loop for ever or compute a wrong result become rows; the
// sweep goes on to the next problem.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "db/store.hpp"
#include "fixture.hpp"

namespace svetune::app {
namespace {

using testing::HasSubstr;

TEST(FaultyCandidates, BecomeRowsAndTheSweepGoesOn) {
  const Folder folder;
  const std::string file = folder / "a.db";
  const std::map<std::string, std::pair<db::Status, std::string>> expected{
      {"fault_segfault", {db::Status::crashed, "SIGSEGV"}},
      {"fault_illegal", {db::Status::crashed, "SIGILL"}},
      {"fault_loop", {db::Status::timed_out, "time limit"}},
      {"fault_wrong", {db::Status::wrong_result, ""}}};
  const auto sweep = [&](const std::string& strategy) {
    return run_with("svetune-runner-faults", {"sweep", "--problem", "1x16x16,2x16x16", "--db", file, "--jobs", "2",
                                              "--timeout", "2", "--evals", "4", "--strategy", strategy});
  };
  for (const auto& [strategy, ignored] : expected) EXPECT_EQ(sweep(strategy).code, 0) << strategy;
  EXPECT_EQ(sweep("separate").code, 0);
  std::map<std::string, int> found;
  int good = 0;
  db::Store(file, db::Store::Mode::read_only).each([&](const db::Evaluation& row) {
    const std::string strategy(find_strategy(row.config.strategy)->name);
    const auto fault = expected.find(strategy);
    if (fault == expected.end()) {
      EXPECT_EQ(row.status, db::Status::ok) << row.detail;
      EXPECT_TRUE(row.cycles.has_value());
      ++good;
      return;
    }
    EXPECT_EQ(row.status, fault->second.first) << strategy << ": " << row.detail;
    EXPECT_THAT(row.detail, HasSubstr(fault->second.second));
    EXPECT_FALSE(row.cycles.has_value());
    ++found[strategy];
  });
  for (const auto& [strategy, ignored] : expected) EXPECT_EQ(found[strategy], 2) << strategy;  // one a problem
  EXPECT_EQ(good, 8);
}

TEST(FaultyCandidates, NeverWin) {
  const Folder folder;
  const std::string file = folder / "a.db";
  run_with("svetune-runner-faults", {"sweep", "--problem", "1x16x16", "--db", file, "--strategy", "fault_wrong"});
  const Ran best = run_with("svetune-runner-faults", {"best", "--db", file, "--problem", "1x16x16"});
  EXPECT_EQ(best.code, 2);
  EXPECT_THAT(best.err, HasSubstr("no time that could answer"));
}

TEST(FaultyCandidates, BenchTellsTheSignal) {
  const Ran ran = run_with("svetune-runner-faults",
                           {"bench", "--problem", "1x16x16", "--config", "strategy=fault_segfault", "--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("\"status\": \"crashed\""));
  EXPECT_THAT(ran.out, HasSubstr("SIGSEGV"));
}

}  // namespace
}  // namespace svetune::app
