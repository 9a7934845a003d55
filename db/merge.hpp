// Joins databases of several machines or shards into one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace svetune::db {

struct MergeCounts {
  std::size_t added = 0;      // evaluations that `out` did not hold
  std::size_t known = 0;      // that it held, equal in everything
  std::size_t conflicts = 0;  // that it held with another result: the newer one answers, both are kept
};

// Adds what `inputs` hold to `out`, which is made where it is missing: all of it, or nothing where anything fails. The
// content (Store::content_hash, superseded rows) does not depend on the order of inputs nor on how often one is given.
// Of two results of the same problem, configuration, machine and timer the newer one answers, and of the same date the
// one with the larger content; the other is kept as superseded, with its sweep. Throws InputError.
MergeCounts merge(const std::filesystem::path& out, const std::vector<std::filesystem::path>& inputs);

}  // namespace svetune::db
