// A sweep that is run again finds everything stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"
#include "space/configuration.hpp"

namespace svetune::app {
namespace {

std::vector<std::string> sweep_into(const std::string& file) {
  return {"sweep", "--problem", "1x16x16,2x24x16", "--evals", "40", "--search", "random", "--jobs", "2", "--db", file};
}

TEST(Sweep, RunAgainDoesNothingTwice) {
  const Folder folder;
  const std::string file = folder / "a.db";
  const Ran first = run_with("svetune-runner", sweep_into(file)), second = run_with("svetune-runner", sweep_into(file));
  std::size_t expected = 0;
  for (const char* problem : {"1x16x16", "2x24x16"})
    expected += std::min<std::size_t>(40, enumerate({parse_problem(problem), 512}).size());
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(first.out, testing::HasSubstr("\n" + std::to_string(expected) + " evaluations in"));
  EXPECT_THAT(second.out, testing::HasSubstr("\n0 evaluations in"));
  const std::string header = folder / "a.h";
  EXPECT_EQ(run_with("svetune-runner", {"export", "header", "--db", file, "-o", header}).code, 0);
  EXPECT_EQ(run_with("svetune-runner", {"export", "header", "--db", file, "--check", header}).code, 0);
}

}  // namespace
}  // namespace svetune::app
