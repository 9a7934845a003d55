#include "model/predictor.hpp"

namespace svetune::model {
namespace {

void learn(std::uint8_t& counter, bool up) {
  if (up && counter < 3) ++counter;
  if (!up && counter > 0) --counter;
}

}  // namespace

Predictor::Predictor(const FrontEndFacts& facts)
    : mask_((std::size_t{1} << facts.table_bits) - 1),
      history_mask_((std::uint64_t{1} << facts.history_bits) - 1),
      by_address_(mask_ + 1, 1),
      by_history_(mask_ + 1, 1),
      chooser_(mask_ + 1, 1),
      stack_(facts.return_stack),
      depth_(facts.return_stack),
      targets_(1024) {}

bool Predictor::direction(std::uint64_t pc, bool taken) {
  const std::size_t a = static_cast<std::size_t>(pc >> 2) & mask_;
  const std::size_t h = static_cast<std::size_t>((pc >> 2) ^ ((history_ & history_mask_) * 0x9E5U)) & mask_;
  const bool address_says = by_address_[a] >= 2, history_says = by_history_[h] >= 2;
  const bool right = (chooser_[a] >= 2 ? history_says : address_says) == taken;
  if (address_says != history_says) learn(chooser_[a], history_says == taken);
  learn(by_address_[a], taken);
  learn(by_history_[h], taken);
  history_ = (history_ << 1) | (taken ? 1U : 0U);
  return right;
}

void Predictor::call(std::uint64_t return_address) {
  if (depth_ != 0) stack_[top_++ % depth_] = return_address;
}

bool Predictor::returns(std::uint64_t target) {
  if (depth_ == 0 || top_ == 0) return true;  // its call came before the trace
  return stack_[--top_ % depth_] == target;
}

bool Predictor::indirect(std::uint64_t pc, std::uint64_t target) {
  Target& entry = targets_[(pc >> 2) % targets_.size()];
  const bool right = entry.pc == pc && entry.target == target;
  entry = {pc, target};
  return right;
}

}  // namespace svetune::model
