// Spreads a batch of svetune/kernels.h over std::thread, in C++17 or newer.
#ifndef SVETUNE_SPREAD_HPP
#define SVETUNE_SPREAD_HPP

#include <system_error>
#include <thread>
#include <vector>

#include "svetune/kernels.h"

namespace svetune {

// A svetune_spread: a thread for every part but the last, which runs here, as do those for which the system has no
// thread. `context` is not used. Allocates.
inline void spread_threads(void* /*context*/, int parts, svetune_part part, void* data) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(parts));
  int next = 0;
  try {
    for (; next + 1 < parts; ++next) threads.emplace_back(part, data, next);
  } catch (const std::system_error&) {
  }
  for (; next < parts; ++next) part(data, next);
  for (auto& thread : threads) thread.join();
}

}  // namespace svetune

#endif
