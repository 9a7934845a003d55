// Every candidate once, in the order of the space.
#include <vector>

#include "search/searcher.hpp"

namespace svetune::search {
namespace {

class Exhaustive final : public Searcher {
 public:
  explicit Exhaustive(std::size_t size) : told_(size) {}
  std::optional<std::size_t> ask() override {
    while (next_ < told_.size() && told_[next_]) ++next_;
    return next_ < told_.size() ? std::optional(next_++) : std::nullopt;
  }
  void tell(std::size_t index, double /*cost*/) override { told_[index] = true; }

 private:
  std::vector<bool> told_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Searcher> make_exhaustive(std::span<const svetune_config> space, std::uint64_t /*seed*/) {
  return std::make_unique<Exhaustive>(space.size());
}

}  // namespace svetune::search
