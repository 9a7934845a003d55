// Seeded operands of a problem, in guarded memory.
#pragma once

#include <cstdint>

#include "runner/guarded_buffer.hpp"
#include "space/configuration.hpp"

namespace svetune {

enum class Layout {
  kTight,    // verify: unaligned rows, every buffer ends at a guard page, padding between the rows of S, P and O
  kAligned,  // trace, counters, clock: buffers at multiples of 256 bytes, rows of S, P and O at multiples of 64
};

enum class Masks { kNone, kSome };  // elements of S that are -inf

inline constexpr float kFirstSum = 0.25F;  // of every row before a call

// In an arena, where one is given (kAligned alone).
// Values as attention has them: S*scale normal with a deviation of 2, the maximum that of the row, V and O normal.
// kTight adds what is rare: masked elements (-inf) in every other row (unless kNone), and maxima that are multiples of
// 1/64 in every third.
struct Operands {
  Operands(const Problem& problem, std::uint64_t seed, Layout layout, Masks masks = Masks::kSome,
           Arena* arena = nullptr);

  svetune_args args(void* workspace, std::size_t workspace_bytes) const;

  Problem problem;
  std::ptrdiff_t lds, ldp, ldo;
  float scale = 0.18F;
  GuardedBuffer s, max, p, v, o, row_sum;
};

}  // namespace svetune
