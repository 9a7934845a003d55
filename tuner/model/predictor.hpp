// Branch prediction: two-bit counters by address and by address with global history, the better of both by a third;
// a return stack; the last target of indirect branches.
#pragma once

#include <cstdint>
#include <vector>

#include "model/machine.hpp"

namespace svetune::model {

class Predictor {
 public:
  explicit Predictor(const FrontEndFacts& facts);

  // Predicts a conditional branch and learns; true if right.
  bool direction(std::uint64_t pc, bool taken);
  void call(std::uint64_t return_address);
  bool returns(std::uint64_t target);                     // true if right
  bool indirect(std::uint64_t pc, std::uint64_t target);  // true if right

 private:
  std::size_t mask_;
  std::uint64_t history_ = 0, history_mask_;
  std::vector<std::uint8_t> by_address_, by_history_, chooser_;
  std::vector<std::uint64_t> stack_;
  std::size_t depth_, top_ = 0;
  struct Target {
    std::uint64_t pc = 0, target = 0;
  };
  std::vector<Target> targets_;
};

}  // namespace svetune::model
