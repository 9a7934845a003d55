// Chains: exp2 of all rows and the GEMM panels of all columns as one piece of generated code (kernels/generator), which
// saves registers once and calls panel after panel. Portable; the same code serves every vector length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "micro/panels.hpp"
#include "svetune/kernels.h"

namespace svetune {

// Scratch of exp2: four constants a row, for a multiple of the floats in a vector.
constexpr std::size_t exp2_table_bytes(std::int64_t rows) {
  return 16 * ((static_cast<std::size_t>(rows) + 15) / 16 * 16);
}

// exp2 takes a row of P in steps of so many vectors; what a row's last step has beyond the row is never read.
inline constexpr std::int64_t kExp2StepVectors = 4;
// Bytes behind the last row of P that may be written: there are at least four steps.
inline constexpr std::size_t kExp2StepsBehind = 4 * kExp2StepVectors * 64;

// So many panels at most are called by the generated code (PANELS_OF_CHAIN of generator/chain.py).
inline constexpr std::int64_t kPanelsOfChain = 16;

// A panel: a column of tiles down `blocks` row blocks. The first one of a list begins at its column of the call's V.
struct ChainPanel {
  Panel code;           // at the end of the list: ChainKernels::end
  std::int64_t column;  // bytes from the first column of O
  std::int32_t lanes;   // floats in the last of the tile's vectors
  std::int32_t blocks;  // >= 1; 0 ends the list
  std::int32_t row;     // first row
  std::int32_t ldv;  // bytes by which its rows of V are further apart than those of the one before; 0 for the first one
  std::int64_t next;    // where the next one begins, to be fetched early: 2^32 * row + column; 0 at the end of the list
  std::int64_t next_v;  // bytes from its V to that of the next one
};

// A block of k >= 1 steps in rounds of `unroll`; the first round may be shorter.
struct ChainSteps {
  std::int32_t whole;    // rounds less one
  std::int32_t ahead;    // first row of V that the second step fetches: 7, and so many rounds on
  std::int64_t skipped;  // bytes of p that the first round leaves out
  std::int64_t rest;     // 4 * (unroll - k)
  std::int64_t first;    // step of the first round that begins; `unroll` + 1 more where there is one round
};
constexpr ChainSteps chain_steps(std::int64_t k, std::int64_t unroll, std::int32_t ahead = 0) {
  const std::int64_t whole = (k + unroll - 1) / unroll - 1;
  const std::int64_t left_out = (whole + 1) * unroll - k;
  const std::int64_t rounds = ahead < whole ? ahead : whole;
  return {static_cast<std::int32_t>(whole), static_cast<std::int32_t>(7 + rounds * unroll), 4 * left_out,
          4 * (unroll - k), left_out + (whole == 0 ? unroll + 1 : 0)};
}

// Constants of exp2: method and bounds are `fexpa` of micro/exp2_core.hpp. They stand in the block, which a call needs
// in L1 anyway. K = 2^-delta, |delta| <= 1/128, and K*c0, K*c1 are polynomials of delta. Terms left out: 4e-11 of K;
// 3e-8 of c0 and 2e-5 of c1, which r <= 1/128 makes 2^7 and 2^14 times smaller.
struct Exp2Literals {
  static constexpr double kLn2 = 0.69314718055994530942, kC0 = 0x1.62e485p-1, kC1 = 0x1.ebfbe0p-3;
  float shift = 0x1.803f8p17F;
  float k1 = static_cast<float>(-kLn2), k2_0 = static_cast<float>(kLn2 * kLn2 / 2);
  float k3 = static_cast<float>(-kLn2 * kLn2 * kLn2 / 6);
  float c0_0 = static_cast<float>(kC0), c0_1 = static_cast<float>(-kC0 * kLn2);
  float c0_2 = static_cast<float>(kC0 * kLn2 * kLn2 / 2);
  float c1_0 = static_cast<float>(kC1), c1_1 = static_cast<float>(-kC1 * kLn2);
  float largest = 64000.0F;              // an ordinary maximum (ordinary_row())
  float start = 0x1p20F;                 // above every z
  float least = 0x1.803f8p17F - 126.0F;  // z of -126
};

using Chain = svetune_status (*)(const void* block, const svetune_args* args);  // a ChainBlock

// What does not change from call to call: p[rows x n] = exp2(s[rows x n] * scale - max), then o += p * v, panel by
// panel. Nothing of svetune_args needs an alignment beyond that of a float. The workspace holds the table of exp2's
// constants, then P; best aligned to 64 bytes. The generated code knows the offsets of this and of svetune_args
// (kernels/generator/chain.py).
struct ChainBlock {
  std::int64_t rows, n;     // n: the panels' k
  std::int64_t steps_exp2;  // rows * steps of a row
  std::ptrdiff_t back;      // less the bytes of S of all but the last step of a row
  std::ptrdiff_t p;         // where P begins, and its stride: in bytes, a multiple of a step
  std::ptrdiff_t p_stride;
  std::ptrdiff_t panels;  // where the list of panels begins, from this block
  Chain repeat;           // called where exp2 is refused, see below
  ChainSteps steps;
  Exp2Literals literals;
  std::int64_t columns = 0;  // columns of O, and the workspace's bytes: what ChainKernels::checked compares
  std::int64_t workspace_bytes = 0;
  // Of four rows: PanelCode::behind_exp2 of the first panel of the list; may be null.
  Panel behind_exp2 = nullptr;
};
constexpr ChainBlock chain_block(std::int64_t rows, std::int64_t n, std::int64_t unroll, std::int64_t lanes,
                                 std::int32_t ahead = 0) {
  const std::int64_t step = kExp2StepVectors * lanes, steps = (n + step - 1) / step;
  constexpr auto kFloat = static_cast<std::ptrdiff_t>(sizeof(float));
  return {.rows = rows,
          .n = n,
          .steps_exp2 = rows * steps,
          .back = (1 - steps) * step * kFloat,
          .p = static_cast<std::ptrdiff_t>(exp2_table_bytes(rows)),
          .p_stride = steps * step * kFloat,
          .panels = 0,
          .repeat = nullptr,
          .steps = chain_steps(n, unroll, ahead),
          .literals = {}};
}
// Its rows of P, and their stride in floats.
inline float* chain_p(const ChainBlock& block, const svetune_args& args) {
  return reinterpret_cast<float*>(static_cast<std::byte*>(args.workspace) + block.p);
}
constexpr std::ptrdiff_t chain_ldp(const ChainBlock& block) {
  return block.p_stride / static_cast<std::ptrdiff_t>(sizeof(float));
}
// Enough for any vector length; SIZE_MAX where no memory can hold it.
constexpr std::size_t chain_workspace(std::int64_t rows, std::int64_t n) {
  constexpr std::size_t kStep = kExp2StepVectors * 64;
  const std::size_t stride = (static_cast<std::size_t>(n) * sizeof(float) + kStep - 1) / kStep * kStep;
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<std::size_t>(rows), stride, &bytes)) return SIZE_MAX;
  const std::size_t more = exp2_table_bytes(rows) + kExp2StepsBehind;
  return bytes > SIZE_MAX - more ? SIZE_MAX : bytes + more;
}

static_assert(offsetof(ChainPanel, lanes) == 16 && offsetof(ChainPanel, row) == 24 &&
              offsetof(ChainPanel, next) == 32 && sizeof(ChainPanel) == 48);
static_assert(offsetof(ChainBlock, steps) == 64 && offsetof(ChainBlock, literals) == 96 &&
              offsetof(ChainBlock, columns) == 144 && offsetof(ChainBlock, behind_exp2) == 160 &&
              offsetof(svetune_args, max) == 16 && offsetof(svetune_args, scale) == 24 &&
              offsetof(svetune_args, v) == 48 && offsetof(svetune_args, o) == 64 &&
              offsetof(svetune_args, workspace) == 80);

struct ChainKernels {
  // Method and error of exp2: fexpa of micro/exp2_core.hpp. Where an element is at or below -126 or NaN, or a row is
  // not ordinary (micro/micro_kernels.hpp), o is as it was, nothing of use is in P, and the block's `repeat` is called:
  // it has to make P by Exp2Row, and call `panels`. Returns what that returns, else SVETUNE_OK.
  Chain exp2_and_panels;
  // The same for a PreparedState, whose data begins with the block, and operands as they are given: its `refused` is
  // called where a pointer is null, a stride shorter than its row, or the workspace smaller than the block says.
  Chain checked, checked_four;  // of any number of rows but four; of four
  Chain panels;                 // P is in the workspace; returns SVETUNE_OK
  Panel end;
};

// Generated. The end is no function to be called.
extern "C" svetune_status svetune_chain_exp2(const void* block, const svetune_args* args);
extern "C" svetune_status svetune_chain_call(const void* block, const svetune_args* args);
extern "C" svetune_status svetune_chain_call_four(const void* block, const svetune_args* args);
extern "C" svetune_status svetune_chain_panels(const void* block, const svetune_args* args);
extern "C" void svetune_chain_end();

}  // namespace svetune
