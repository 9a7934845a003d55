#include "model/cache.hpp"

#include <bit>

namespace svetune::model {

Cache::Cache(const CacheFacts& facts)
    : shift_(static_cast<unsigned>(std::countr_zero(facts.line))),
      ways_(facts.ways),
      set_mask_(facts.size / (facts.line * facts.ways) - 1),
      lines_(facts.size / facts.line) {}

CacheLine* Cache::find(std::uint64_t line) {
  CacheLine* const set = set_of(line);
  for (unsigned w = 0; w < ways_; ++w) {
    if (set[w].tag == line) return set + w;
  }
  return nullptr;
}

CacheLine* Cache::victim(std::uint64_t line, Cycle now) {
  CacheLine* const set = set_of(line);
  CacheLine* best = nullptr;
  for (unsigned w = 0; w < ways_; ++w) {
    CacheLine* const candidate = set + w;
    if (candidate->tag == UINT64_MAX) return candidate;
    if (candidate->ready <= now && (best == nullptr || candidate->used < best->used)) best = candidate;
  }
  return best;
}

}  // namespace svetune::model
