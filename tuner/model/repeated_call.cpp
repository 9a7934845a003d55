#include "model/repeated_call.hpp"

#include <utility>

namespace svetune::model {

RepeatedCall::RepeatedCall(std::function<TraceSource&()> execute, std::size_t times, std::size_t most_kept)
    : execute_(std::move(execute)), source_(&execute_()), left_(times), most_kept_(most_kept) {}

void RepeatedCall::keep(const Executed& executed) {
  if (too_long_) return;
  too_long_ = kept_.size() == most_kept_;
  if (too_long_) {
    kept_ = {};
  } else {
    kept_.push_back(executed);
  }
}

bool RepeatedCall::next(Executed& out) {
  while (left_ > 0) {
    if (again_ && at_ < kept_.size()) {
      out = kept_[at_++];
      return true;
    }
    if (!again_ && source_->next(out)) {
      keep(out);
      return true;
    }
    at_ = 0;
    if (--left_ > 0 && too_long_) {
      source_ = &execute_();
    } else {
      again_ = true;
    }
  }
  return false;
}

}  // namespace svetune::model
