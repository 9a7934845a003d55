#include "measure/protocol.hpp"

#include <gtest/gtest.h>

namespace svetune::measure {
namespace {

TEST(Protocol, RequestIsOneLineOfTabs) {
  EXPECT_EQ(request_line(7, {"4x64x128", "strategy=separate mr=4", 9}), "7\t4x64x128\t9\tstrategy=separate mr=4\n");
}

TEST(Protocol, AnswerHasFieldsNumbersAndLists) {
  const auto answer = parse_answer(7, "7\tstatus=ok\terror=1.5e-07\tsamples=1200,1201.5\tdetail=a = b");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text("status"), "ok");
  EXPECT_EQ(answer->number("error"), 1.5e-07);
  EXPECT_EQ(answer->numbers("samples"), (std::vector<double>{1200, 1201.5}));
  EXPECT_EQ(answer->text("detail"), "a = b");
  EXPECT_EQ(answer->text("absent"), "");
  EXPECT_FALSE(answer->number("absent"));
  EXPECT_FALSE(answer->number("status"));
  EXPECT_FALSE(answer->numbers("detail"));
  EXPECT_TRUE(answer->numbers("absent")->empty());
}

TEST(Protocol, OtherIdsAndBrokenFieldsAreNoAnswer) {
  EXPECT_FALSE(parse_answer(7, "8\tstatus=ok"));
  EXPECT_FALSE(parse_answer(7, "77\tstatus=ok"));
  EXPECT_FALSE(parse_answer(7, "7"));
  EXPECT_FALSE(parse_answer(7, "7 status=ok"));
  EXPECT_FALSE(parse_answer(7, "7\tstatus"));
  EXPECT_FALSE(parse_answer(7, "7\t=ok"));
  EXPECT_FALSE(parse_answer(7, ""));
}

}  // namespace
}  // namespace svetune::measure
