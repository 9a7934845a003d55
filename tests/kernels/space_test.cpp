// Problems and configurations as text, and the enumeration of the space.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "space/configuration.hpp"

namespace svetune {
namespace {

TEST(ProblemText, IsCanonical) {
  for (const auto* text : {"4x64x128", "7x100x72", "4x64x64:ldv=128", "4x64x128:accuracy=low",
                           "1x1x1:accuracy=high:ldv=9", "4x64x128:sums", "4x64x128:softmax"}) {
    EXPECT_EQ(to_text(parse_problem(text)), text);
    EXPECT_EQ(parse_problem(to_text(parse_problem(text))), parse_problem(text));
  }
  EXPECT_EQ(to_text(parse_problem("4x64x128:ldv=128:accuracy=full")), "4x64x128");
}

TEST(ProblemText, RefusesWhatItDoesNotUnderstand) {
  for (const auto* text : {"",
                           "4",
                           "4x64",
                           "4x64x",
                           "0x1x1",
                           "4x64x128x2",
                           "-1x2x3",
                           "4x64x128:",
                           "4x64x128:ldv=64",
                           "4x64x128:ldv",
                           "4x64x128:color=red",
                           "4x64x128:accuracy=best",
                           "2147483648x1x1",
                           "4x64x128:sums=1",
                           "4x64x128:sums:sums",
                           "4x64x128:sums:softmax",
                           "4x64x128:operation=gemm",
                           "4x64x128:operation",
                           "4x64x128:ldv=200:ldv=201",
                           " 4x64x128"})
    EXPECT_THROW(parse_problem(text), InputError) << text;
}

TEST(ConfigurationText, EveryPointOfTheSpaceComesBack) {
  const Target target{parse_problem("4x64x128:accuracy=low"), 512};
  std::set<std::string> seen;
  for (const auto& config : enumerate(target)) {
    EXPECT_TRUE(parse_configuration(to_text(config)) == config) << to_text(config);
    EXPECT_TRUE(seen.insert(to_text(config)).second) << to_text(config);
    EXPECT_EQ(first_broken_constraint(target, config), nullptr);
  }
}

TEST(ConfigurationText, AbsentAxesTakeDefaults) {
  EXPECT_EQ(to_text(parse_configuration("nr=5 strategy=separate")),
            "strategy=separate exp2=fexpa exp2_unroll=4 mr=4 nr=5 k_unroll=1 order=rows");
}

TEST(ConfigurationText, RefusesWhatItDoesNotUnderstand) {
  for (const auto* text : {"", "mr=4", "strategy=none", "strategy=separate mr=4 mr=4", "strategy=separate speed=9",
                           "strategy=fused k_unroll=2", "strategy=separate mr=four", "strategy=separate exp2=1",
                           "strategy=separate mr", "strategy=separate mr=-1"})
    EXPECT_THROW(parse_configuration(text), InputError) << text;
}

TEST(Space, IsOfTheExpectedSize) {
  SpaceSize size;
  const auto configs = enumerate({parse_problem("4x64x128"), 512}, {}, &size);
  EXPECT_EQ(configs.size(), size.valid);
  EXPECT_GT(size.valid, 300U);
  EXPECT_LT(size.valid, 12000U);
  std::size_t rejected = 0;
  for (const auto& [name, number] : size.rejected) rejected += number;
  EXPECT_EQ(size.total, size.valid + rejected);
  for (const auto& config : configs) EXPECT_NE(config.strategy, SVETUNE_GEMM);
  EXPECT_FALSE(enumerate({parse_problem("4x64x128"), 512}, "gemm").empty());
}

TEST(Space, CoarseExp2NeedsLowAccuracy) {
  const auto config = parse_configuration("strategy=separate exp2=study");
  EXPECT_STREQ(first_broken_constraint({parse_problem("4x64x128"), 512}, config)->name.data(), "accuracy");
  EXPECT_EQ(first_broken_constraint({parse_problem("4x64x128:accuracy=low"), 512}, config), nullptr);
}

}  // namespace
}  // namespace svetune
