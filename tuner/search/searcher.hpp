// Search as a conversation: ask for a candidate, tell its cost. Searchers know nothing of kernels, budgets or threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "space/configuration.hpp"

namespace svetune::search {

// The cost of a candidate that failed.
constexpr double kFailed = std::numeric_limits<double>::infinity();

class Searcher {
 public:
  virtual ~Searcher() = default;

  // Index of the next candidate in the space, each at most once; nothing when there is none left to try.
  // Several candidates may be asked for before the first is told.
  virtual std::optional<std::size_t> ask() = 0;
  // The cost of a candidate, in any order; one that was not asked for is not asked for any more.
  virtual void tell(std::size_t index, double cost) = 0;
};

struct SearcherKind {
  std::string_view name, summary;
  // The space outlives the searcher. The same space, seed and costs give the same sequence.
  std::unique_ptr<Searcher> (*make)(std::span<const svetune_config> space, std::uint64_t seed);
};

// The table of searchers. A new one is a file and a line in searchers.cpp.
std::span<const SearcherKind> searchers();
// Throws InputError that lists the known ones.
const SearcherKind& find_searcher(std::string_view name);
// Exhaustive where the space fits the budget for sure, else guided.
// `limited_time`: there is a limit of time, which the space may exceed.
const SearcherKind& default_searcher(std::size_t space_size, std::optional<std::size_t> budget, bool limited_time);

}  // namespace svetune::search
