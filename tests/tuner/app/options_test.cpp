// Lists and durations as they are typed.
#include "app/options.hpp"

#include <gtest/gtest.h>

#include "db/store.hpp"

namespace svetune::app {
namespace {

TEST(Duration, AddsItsParts) {
  EXPECT_EQ(parse_duration("90s").count(), 90);
  EXPECT_EQ(parse_duration("8h").count(), 8 * 3600);
  EXPECT_EQ(parse_duration("1h30m5s").count(), 3600 + 1800 + 5);
}

TEST(Duration, RefusesWhatItDoesNotUnderstand) {
  for (const char* text : {"", "5", "m", "5x", "-5s", "0s", "5 m", "99999999999999999999s"})
    EXPECT_THROW(parse_duration(text), InputError) << text;
}

TEST(ProblemList, KeepsTheOrder) {
  const auto problems = parse_problems("4x64x128,1x2x3");
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(to_text(problems[0]), "4x64x128");
  EXPECT_EQ(to_text(problems[1]), "1x2x3");
}

TEST(ProblemList, RefusesHolesAndDoubles) {
  for (const char* text : {"", ",", "1x2x3,", "1x2x3,1x2x3"}) EXPECT_THROW(parse_problems(text), InputError) << text;
}

}  // namespace
}  // namespace svetune::app
