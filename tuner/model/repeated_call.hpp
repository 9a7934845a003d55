// The trace of one call given several times, as a program that calls again and again on the same buffers.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "model/instruction.hpp"

namespace svetune::model {

// A call's control flow and addresses are the same each time, so one execution stands for all. Calls of more than
// `most_kept` instructions (16 bytes each) are executed again instead, so that memory has a bound.
class RepeatedCall final : public TraceSource {
 public:
  // `execute` runs the call and gives its trace, which lasts until the next execution.
  RepeatedCall(std::function<TraceSource&()> execute, std::size_t times, std::size_t most_kept = std::size_t{1} << 23);

  const Instruction& instruction(std::uint32_t index) const override { return source_->instruction(index); }
  bool next(Executed& out) override;

 private:
  void keep(const Executed& executed);

  std::function<TraceSource&()> execute_;
  TraceSource* source_;
  std::size_t left_, most_kept_;
  bool too_long_ = false, again_ = false;  // again_: what was kept is given
  std::vector<Executed> kept_;
  std::size_t at_ = 0;
};

}  // namespace svetune::model
