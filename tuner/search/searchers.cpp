#include <array>

#include "search/searcher.hpp"

namespace svetune::search {

std::unique_ptr<Searcher> make_exhaustive(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_random(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_local_search(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_iterated_local_search(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_annealing(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_genetic(std::span<const svetune_config> space, std::uint64_t seed);
std::unique_ptr<Searcher> make_guided(std::span<const svetune_config> space, std::uint64_t seed);

namespace {

constexpr std::array kSearchers{
    SearcherKind{"exhaustive", "every candidate, in the order of the space", make_exhaustive},
    SearcherKind{"random", "uniform, without replacement", make_random},
    SearcherKind{"local", "first-improvement local search from random starts", make_local_search},
    SearcherKind{"iterated", "local search from kicks of the best so far", make_iterated_local_search},
    SearcherKind{"annealing", "simulated annealing", make_annealing},
    SearcherKind{"genetic", "genetic, population 20", make_genetic},
    SearcherKind{"guided", "a Gaussian process fitted on the evaluations so far ranks the candidates", make_guided},
};

}  // namespace

std::span<const SearcherKind> searchers() {
  return kSearchers;
}

const SearcherKind& find_searcher(std::string_view name) {
  std::string known;
  for (const SearcherKind& kind : kSearchers) {
    if (kind.name == name) return kind;
    known += (known.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw InputError("unknown searcher '" + std::string(name) + "'; known are: " + known);
}

const SearcherKind& default_searcher(std::size_t space_size, std::optional<std::size_t> budget, bool limited_time) {
  const bool fits = budget ? space_size <= *budget : !limited_time;
  return find_searcher(fits ? "exhaustive" : "guided");
}

}  // namespace svetune::search
