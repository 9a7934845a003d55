#include "model/hierarchy.hpp"

#include <algorithm>

namespace svetune::model {
namespace {

constexpr std::size_t kRing = 8192, kPrefetchQueue = 16;

}  // namespace

Hierarchy::Hierarchy(const MemoryFacts& facts)
    : facts_(facts), l1_(facts.l1), l2_(facts.l2), filling_(kRing, -1), streams_(facts.stream_entries) {}

bool Hierarchy::ports_filling(Cycle now) const {
  return filling_[static_cast<std::size_t>(now) % kRing] == now;
}

void Hierarchy::block_ports(Cycle from, unsigned cycles) {
  for (Cycle c = from; cycles > 0; ++c) {
    Cycle& slot = filling_[static_cast<std::size_t>(c) % kRing];
    if (slot >= c) continue;
    slot = c;
    --cycles;
  }
}

bool Hierarchy::full(Cycle now) {
  std::erase_if(outstanding_, [&](Cycle arrival) { return arrival <= now; });
  return outstanding_.size() >= facts_.l1.outstanding;
}

// When L2 can send the line; fetches it from memory if it must.
Cycle Hierarchy::l2_ready(Cycle now, std::uint64_t line, bool demand) {
  if (CacheLine* const hit = l2_.find(line)) {
    l2_.touch(*hit);
    return std::max(now + facts_.l2.latency, hit->ready);
  }
  CacheLine* const way = l2_.victim(line, now);
  if (way == nullptr) return kNever;
  if (demand) ++l2_misses;
  const Cycle transfer = facts_.l2.line / std::max(1U, facts_.memory_bytes_per_cycle);
  const Cycle start = std::max(now + facts_.l2.latency, memory_bus_);
  memory_bus_ = start + transfer * (way->tag != UINT64_MAX && way->dirty ? 2 : 1);
  *way = {line, start + facts_.memory_latency, 0, false, !demand};
  l2_.touch(*way);
  return way->ready;
}

Cycle Hierarchy::fill_l1(Cycle now, std::uint64_t line, bool demand, bool write) {
  if (full(now)) return kNever;
  CacheLine* const way = l1_.victim(line, now);
  if (way == nullptr) return kNever;
  const Cycle sent = l2_ready(now, line, demand);
  if (sent == kNever) return kNever;
  unsigned blocked = facts_.fill_block;
  Cycle arrival = std::max(sent, read_bus_);
  read_bus_ = arrival + facts_.l1.line / facts_.l2_read_bytes;
  if (way->tag != UINT64_MAX) blocked += way->dirty ? facts_.victim_dirty_block : facts_.victim_clean_block;
  if (way->tag != UINT64_MAX && way->dirty) {
    arrival = std::max(arrival, write_bus_);  // the victim has to leave
    write_bus_ = arrival + facts_.l1.line / facts_.l2_write_bytes;
    if (CacheLine* const below = l2_.find(way->tag)) below->dirty = true;
  }
  *way = {line, arrival, 0, write, !demand};
  l1_.touch(*way);
  outstanding_.push_back(arrival);
  if (blocked > 0) block_ports(arrival, blocked);
  return arrival;
}

Cycle Hierarchy::line_access(Cycle now, std::uint64_t line, bool write) {
  if (CacheLine* const hit = l1_.find(line)) {
    l1_.touch(*hit);
    hit->dirty = hit->dirty || write;
    if (hit->prefetched) {
      hit->prefetched = false;
      if (hit->ready > now) ++l1_misses;
      observe(line, false);
    }
    return std::max<Cycle>(0, hit->ready - now);
  }
  const Cycle arrival = fill_l1(now, line, true, write);
  if (arrival == kNever) return kNever;
  ++l1_misses;
  observe(line, true);
  return arrival - now;
}

Cycle Hierarchy::access(Cycle now, std::uint64_t address, std::uint32_t bytes, bool write) {
  const std::uint64_t first = l1_.line_of(address), last = l1_.line_of(address + std::max(1U, bytes) - 1);
  Cycle late = line_access(now, first, write);
  if (last != first && late != kNever) late = std::max(late, line_access(now, last, write));
  return late;
}

void Hierarchy::prefetch(std::uint64_t address, unsigned level) {
  ask(l1_.line_of(address), level);
}

void Hierarchy::ask(std::uint64_t line, unsigned level) {
  if (l1_.find(line) != nullptr || (level > 1 && l2_.find(line) != nullptr)) return;
  if (queue_.size() < kPrefetchQueue) queue_.push_back({line, level});
}

// A miss at A watches A+1 and A-1 line; a stream that is hit runs ahead by its distance.
void Hierarchy::observe(std::uint64_t line, bool missed) {
  for (Stream& s : streams_) {
    if (s.next != line) continue;
    s.used = ++stream_clock_;
    s.running = true;
    s.next = line + static_cast<std::uint64_t>(s.direction);
    for (unsigned ahead = 1; ahead <= facts_.stream_l1_lines; ++ahead)
      ask(line + static_cast<std::uint64_t>(s.direction * ahead), 1);
    if (facts_.stream_l2_lines > 0) ask(line + static_cast<std::uint64_t>(s.direction * facts_.stream_l2_lines), 2);
    return;
  }
  if (!missed) return;
  for (const std::int64_t direction : {1, -1}) {
    const auto oldest = std::min_element(streams_.begin(), streams_.end(),
                                         [](const Stream& a, const Stream& b) { return a.used < b.used; });
    if (oldest == streams_.end()) return;
    *oldest = {line + static_cast<std::uint64_t>(direction), direction, false, ++stream_clock_};
  }
}

void Hierarchy::cycle(Cycle now) {
  if (queue_.empty()) return;
  const Prefetch next = queue_.front();
  const bool here = l1_.find(next.line) != nullptr;
  if (next.level > 1) {
    if (!here) l2_ready(now, next.line, false);
  } else if (!here && fill_l1(now, next.line, false, false) == kNever) {
    return;
  }
  queue_.pop_front();
}

}  // namespace svetune::model
