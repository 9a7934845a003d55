#include <array>

#include "search/searcher.hpp"

namespace svetune::search {

std::unique_ptr<Searcher> make_exhaustive(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_random(std::span<const svetune_config> space, std::uint64_t seed);

namespace {

constexpr std::array kSearchers{
    SearcherKind{"exhaustive", "every candidate, in the order of the space", make_exhaustive},
    SearcherKind{"random", "uniform, without replacement", make_random},
};

}  // namespace

std::span<const SearcherKind> searchers() { return kSearchers; }

const SearcherKind& find_searcher(std::string_view name) {
  std::string known;
  for (const SearcherKind& kind : kSearchers) {
    if (kind.name == name) return kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw InputError("unknown searcher '" + std::string(name) + "'; known are: " + known);
}

const SearcherKind& default_searcher(std::size_t space_size, std::optional<std::size_t> budget) {
  return find_searcher(!budget || space_size <= *budget ? "exhaustive" : "random");
}

}  // namespace svetune::search
