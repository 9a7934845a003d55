// Interleaved tiles: the GEMM of whole row blocks, with exp2 of the next row block between its FMAs
// (kernels/generator/interleaved.py), and what goes before them. Portable; the tiles' code is one for each vector
// length, as a round of k is as many steps as a vector has floats.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "micro/chain.hpp"
#include "svetune/kernels.h"

namespace svetune {

inline constexpr int kMaxInterleavedRows = 5;
inline constexpr int kMaxInterleavedVectors = 6;
inline constexpr int kMaxInterleavedParts = 2;  // tiles of a row block that share exp2 of the next one
// Panels of the rows that interleaved tiles leave over.
inline constexpr int kInterleavedPanelSets = 2, kInterleavedPanelUnroll = 16;

// Accumulators, a row of v, a register for p's column and six for exp2 must fit.
constexpr bool interleaved_fits(int rows, int vectors, int parts) {
  return rows >= 2 && rows <= kMaxInterleavedRows && vectors >= 1 && vectors <= kMaxInterleavedVectors && parts >= 1 &&
         parts <= kMaxInterleavedParts && rows * vectors + vectors + 1 + 6 <= 32;
}

// What does not change from call to call. The workspace holds the table of exp2's constants (interleaved_table_bytes),
// that of a chain that makes P of the first row block, then two buffers of P, which row blocks take in turn. Rows of P
// are laid so that k % lanes floats, where that is not 0, come before whole vectors; their stride is that of the chain.
// The generated code knows the offsets of this and of svetune_args.
struct InterleavedBlock {
  std::int64_t blocks;   // whole row blocks, at least 1
  std::int64_t last;     // first of the last rows that exp2 takes at once: all rows less those of a block
  std::int64_t tiles;    // of a row block
  std::int64_t narrow;   // how many of them, the last ones, have a vector less
  std::int64_t columns;  // d
  std::ptrdiff_t p;      // where P's first column begins in the workspace, and its stride: in bytes
  std::ptrdiff_t p_stride;
  std::ptrdiff_t other;     // from one buffer to the other
  std::int64_t whole;       // rounds of `lanes` steps, less one: at least 1
  std::int64_t skipped;     // bytes of p that the first round leaves out
  std::int64_t ragged;      // 4 * (k % lanes)
  std::int64_t left_out;    // steps that the first round leaves out
  std::int64_t rows, n;     // all rows; k
  std::int64_t behind;      // rows behind the whole row blocks: their P is in the buffer that would be next, at its end
  std::ptrdiff_t behind_p;  // where in the workspace
};
// Of exp2, for each row: bias, c0, c1, k, delta, and room to a power of two; for a multiple of the floats in a vector.
inline constexpr int kInterleavedConstants = 8;
constexpr std::size_t interleaved_table_bytes(std::int64_t rows) {
  return kInterleavedConstants / 4 * exp2_table_bytes(rows);
}

constexpr bool interleaved_takes(std::int64_t rows, std::int64_t n, std::int64_t mr, std::int64_t lanes) {
  return rows >= mr && n > lanes;
}
constexpr InterleavedBlock interleaved_block(std::int64_t rows, std::int64_t n, std::int64_t mr, std::int64_t blocks,
                                             std::int64_t lanes) {
  constexpr auto kFloat = static_cast<std::ptrdiff_t>(sizeof(float));
  const ChainSteps steps = chain_steps(n, lanes);
  const std::int64_t left_out = steps.skipped / 4;
  const std::int64_t step = kExp2StepVectors * lanes;
  const std::ptrdiff_t stride = (n + step - 1) / step * step * kFloat;
  const std::ptrdiff_t p =
      static_cast<std::ptrdiff_t>(interleaved_table_bytes(rows) + exp2_table_bytes(mr)) + steps.skipped;
  const std::int64_t behind = rows - blocks * mr;
  return {.blocks = blocks,
          .last = rows - mr,
          .tiles = 0,
          .narrow = 0,
          .columns = 0,
          .p = p,
          .p_stride = stride,
          .other = mr * stride,
          .whole = steps.whole,
          .skipped = steps.skipped,
          .ragged = left_out == 0 ? 0 : (lanes - left_out) * kFloat,
          .left_out = left_out,
          .rows = rows,
          .n = n,
          .behind = behind,
          .behind_p = p + ((blocks & 1) * mr + (mr - behind)) * stride};
}
// Enough for any vector length; SIZE_MAX where no memory can hold it.
constexpr std::size_t interleaved_workspace(std::int64_t rows, std::int64_t n, std::int64_t mr) {
  constexpr std::size_t kStep = kExp2StepVectors * 64;
  const std::size_t stride = (static_cast<std::size_t>(n) * sizeof(float) + kStep - 1) / kStep * kStep;
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(2 * static_cast<std::size_t>(mr), stride, &bytes)) return SIZE_MAX;
  const std::size_t more = interleaved_table_bytes(rows) + exp2_table_bytes(mr) + 64 + kExp2StepsBehind;
  return bytes > SIZE_MAX - more ? SIZE_MAX : bytes + more;
}

static_assert(offsetof(InterleavedBlock, p) == 40 && offsetof(InterleavedBlock, left_out) == 88);

// o += p * v of `blocks` row blocks. P of the first one is there, and so is the table; P of the others, and of the rows
// behind them, is made on the way. Method and error of exp2: fexpa of micro/exp2_core.hpp; what is below -126 is 0.
// Every row is ordinary.
using Interleaved = void (*)(const InterleavedBlock* block, const svetune_args* args);

// Rows, vectors, parts less one.
using InterleavedTable =
    std::array<std::array<std::array<Interleaved, kMaxInterleavedParts>, kMaxInterleavedVectors + 1>,
               kMaxInterleavedRows + 1>;

extern const InterleavedTable kInterleaved128, kInterleaved256, kInterleaved512;  // generated

struct InterleavedKernels {
  // Makes the table; false where a row is not ordinary (micro/micro_kernels.hpp).
  bool (*constants)(const float* max, float scale, std::int64_t rows, float* table);
  const InterleavedTable* tiles;
};

}  // namespace svetune
