// Every candidate once, in the order of the space.
#include "search/searcher.hpp"

namespace svetune::search {
namespace {

class Exhaustive final : public Searcher {
 public:
  explicit Exhaustive(std::size_t size) : size_(size) {}
  std::optional<std::size_t> ask() override { return next_ < size_ ? std::optional(next_++) : std::nullopt; }
  void tell(std::size_t /*index*/, double /*cost*/) override {}

 private:
  std::size_t next_ = 0, size_;
};

}  // namespace

std::unique_ptr<Searcher> make_exhaustive(std::span<const svetune_config> space, std::uint64_t /*seed*/) {
  return std::make_unique<Exhaustive>(space.size());
}

}  // namespace svetune::search
