#include "model/load_store.hpp"

#include <algorithm>
#include <ranges>

namespace svetune::model {
namespace {

bool overlaps(std::uint64_t a, std::uint64_t a_end, std::uint64_t b, std::uint64_t b_end) {
  return a < b_end && b < a_end;
}

}  // namespace

void LoadStoreUnit::dispatch_store(FlowId id, std::uint64_t address, std::uint32_t bytes, bool scattered) {
  Store store{};
  store.id = id;
  store.address = address;
  store.bytes = bytes;
  store.scattered = scattered;
  store.data_at = 0;
  store.committed = kNever;
  stores_.push_back(store);
}

// Youngest older store to these bytes decides.
LoadStoreUnit::Verdict LoadStoreUnit::check(const WindowEntry& load, FlowId id, Cycle now, Cycle& data_at) const {
  const std::uint64_t begin = load.address, end = begin + load.flow->bytes;
  const bool never = load.instruction->broadcast || load.instruction->scattered;
  for (const Store& s : std::views::reverse(stores_)) {
    if (s.id > id || !s.address_known || !overlaps(begin, end, s.address, s.address + s.bytes)) continue;
    const bool same = s.address == begin && s.bytes == load.flow->bytes;
    const bool contained = s.address <= begin && end <= s.address + s.bytes;
    if (never || s.scattered || !(same || (contained && facts_.forwards_contained))) return Verdict::wait;
    if (s.data_parts > 0) return Verdict::wait;  // its data are not there yet
    data_at = s.data_at;
    return Verdict::forward;
  }
  const auto blocks = [&](const Write& w) { return overlaps(begin, end, w.begin, w.end); };
  if (std::any_of(writes_.begin(), writes_.end(), blocks)) return Verdict::wait;
  const auto unseen = [&](const Write& w) { return now < w.from && blocks(w); };
  return std::any_of(done_.begin(), done_.end(), unseen) ? Verdict::wait : Verdict::cache;
}

bool LoadStoreUnit::try_load(FlowId id, Cycle now, Cycle latency, Window& window) {
  WindowEntry& load = window[id];
  Cycle data_at = 0;
  const Verdict verdict = check(load, id, now, data_at);
  if (verdict == Verdict::wait) return false;
  if (verdict == Verdict::forward) {
    load.result = std::max(now, data_at) + latency + facts_.forward_latency;
  } else {
    const Cycle late = hierarchy_.access(now, load.address, load.flow->bytes, false);
    if (late == kNever) return false;
    load.result = now + latency + late;
  }
  const auto entry =
      std::lower_bound(loads_.begin(), loads_.end(), id, [](const Load& l, FlowId i) { return l.id < i; });
  entry->executed = true;
  return true;
}

void LoadStoreUnit::execute_load(FlowId id, Cycle now, Cycle result, Window& window) {
  --ports_;
  const Cycle latency = result - now;
  if (!try_load(id, now, latency, window)) waiting_.push_back({id, latency});
}

void LoadStoreUnit::execute_store_address(FlowId id, Cycle, Window& window) {
  const auto store = std::find_if(stores_.begin(), stores_.end(), [&](const Store& s) { return s.id == id; });
  store->address_known = true;
  const std::uint64_t begin = store->address, end = begin + store->bytes;
  for (const Load& load : loads_) {
    if (load.id > id && load.executed && overlaps(begin, end, load.address, load.address + load.bytes)) {
      // Loads that took their bytes from a store between are right, and rare enough to be counted as wrong.
      window[load.id].overtook = true;
    }
  }
}

void LoadStoreUnit::execute_store_data(FlowId store, Cycle when) {
  const auto s = std::find_if(stores_.begin(), stores_.end(), [&](const Store& x) { return x.id == store; });
  s->data_at = std::max(s->data_at, when);
  --s->data_parts;
}

void LoadStoreUnit::commit_store(FlowId id, Cycle now) {
  const auto s = std::find_if(stores_.begin(), stores_.end(), [&](const Store& x) { return x.id == id; });
  s->committed = now;
}

void LoadStoreUnit::squash(FlowId from) {
  while (!loads_.empty() && loads_.back().id >= from) loads_.pop_back();
  while (!stores_.empty() && stores_.back().id >= from) stores_.pop_back();
  std::erase_if(waiting_, [&](const Waiting& w) { return w.id >= from; });
}

// One store a cycle; a store that crosses a block takes an entry for each; one to a block that waits already joins it.
void LoadStoreUnit::move_to_write_buffer(Cycle now) {
  for (unsigned n = 0; n < facts_.writes_per_cycle; ++n) {
    if (stores_.empty() || stores_.front().committed >= now) return;
    const Store& store = stores_.front();
    const std::uint64_t size = facts_.write_bytes, last = (store.address + store.bytes - 1) / size;
    const std::uint64_t first = store.address / size;
    const bool joins = first == last && !writes_.empty() && writes_.back().begin / size == first;
    if (!joins && writes_.size() + (last - first + 1) > facts_.write_buffer) return;
    if (joins) {
      Write& block = writes_.back();
      block.begin = std::min(block.begin, store.address);
      block.end = std::max(block.end, store.address + store.bytes);
    }
    const Cycle from = std::max<Cycle>(now, store.committed + facts_.store_to_write);
    for (std::uint64_t b = first; !joins && b <= last; ++b) {
      writes_.push_back(
          {std::max(store.address, b * size), std::min(store.address + store.bytes, (b + 1) * size), from});
    }
    stores_.pop_front();
  }
}

void LoadStoreUnit::write(Cycle now) {
  std::erase_if(done_, [&](const Write& w) { return w.from <= now; });
  for (unsigned n = 0; n < facts_.writes_per_cycle && !writes_.empty(); ++n) {
    for (auto w = writes_.begin(); w != writes_.end(); ++w) {
      if (w->from > now) continue;
      const Cycle late = hierarchy_.access(now, w->begin, static_cast<std::uint32_t>(w->end - w->begin), true);
      if (late != 0) {
        if (late != kNever) w->from = now + late;
        continue;
      }
      done_.push_back({w->begin, w->end, now + facts_.write_to_load});
      writes_.erase(w);
      if (facts_.write_blocks_loads) ports_ = 0;
      break;
    }
  }
}

void LoadStoreUnit::cycle(Cycle now, Window& window) {
  hierarchy_.cycle(now);
  ports_ = hierarchy_.ports_filling(now) ? 0 : facts_.loads_per_cycle;
  if (!stores_.empty()) move_to_write_buffer(now);
  if (!writes_.empty() && ports_ > 0) write(now);
  for (auto w = waiting_.begin(); w != waiting_.end() && ports_ > 0;) {
    if (try_load(w->id, now, w->latency, window)) {
      --ports_;
      w = waiting_.erase(w);
    } else {
      ++w;
    }
  }
}

}  // namespace svetune::model
