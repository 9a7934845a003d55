#include "model/repeated_call.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace svetune::model {
namespace {

// A call of `length` instructions, whose addresses tell the execution apart from any other.
class Call : public TraceSource {
 public:
  Call(std::uint64_t execution, std::uint32_t length) : execution_(execution), length_(length) {}
  const Instruction& instruction(std::uint32_t) const override { return instruction_; }
  bool next(Executed& out) override {
    if (at_ == length_) return false;
    out = Executed{.index = at_, .starts_region = at_ == 0, .address = execution_};
    ++at_;
    return true;
  }

 private:
  std::uint64_t execution_;
  std::uint32_t length_, at_ = 0;
  Instruction instruction_;
};

// The executions that each given call of four instructions came from.
std::vector<std::uint64_t> executions_of(std::size_t times, std::size_t most_kept) {
  constexpr std::uint32_t kLength = 4;
  std::unique_ptr<Call> call;
  std::uint64_t executed = 0;
  RepeatedCall calls(
      [&]() -> TraceSource& {
        call = std::make_unique<Call>(++executed, kLength);
        return *call;
      },
      times, most_kept);
  std::vector<std::uint64_t> executions;
  Executed one;
  for (std::uint32_t at = 0; calls.next(one); at = (at + 1) % kLength) {
    EXPECT_EQ(one.index, at);
    EXPECT_EQ(one.starts_region, at == 0);
    if (at == 0) executions.push_back(one.address);
    EXPECT_EQ(one.address, executions.back());
  }
  EXPECT_FALSE(calls.next(one));
  return executions;
}

TEST(RepeatedCall, GivesWhatItKeptAgain) {
  EXPECT_EQ(executions_of(3, 4), (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(executions_of(1, 4), (std::vector<std::uint64_t>{1}));
}

TEST(RepeatedCall, ExecutesAgainWhatIsTooLongToKeep) {
  EXPECT_EQ(executions_of(3, 3), (std::vector<std::uint64_t>{1, 2, 3}));
}

}  // namespace
}  // namespace svetune::model
