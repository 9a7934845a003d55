// Chains: exp2 of all rows and the GEMM panels of all columns as one piece of generated code (kernels/generator), which
// saves registers once and jumps from panel to panel. Portable; the same code serves every vector length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "micro/panels.hpp"

namespace svetune {

// Scratch of exp2: four constants a row, for a multiple of the floats in a vector.
constexpr std::size_t exp2_table_bytes(std::int64_t rows) {
  return 16 * ((static_cast<std::size_t>(rows) + 15) / 16 * 16);
}

// A panel: a column of tiles down `blocks` row blocks.
struct ChainPanel {
  Panel code;           // the last one of a list: ChainKernels::end, and nothing else
  std::int64_t column;  // bytes from the first column of V and O
  std::int64_t lanes;   // floats in the last of the tile's vectors
  std::int64_t blocks;  // >= 1
  std::int64_t row;     // first row
};

// A block of k >= 1 steps in rounds of `unroll`; the first round may be shorter.
struct ChainSteps {
  std::int64_t whole;    // rounds less one
  std::int64_t skipped;  // bytes of p that the first round leaves out
  std::int64_t rest;     // 4 * (unroll - k)
  std::int64_t first;    // step of the first round that begins; `unroll` + 1 more where there is one round
};
constexpr ChainSteps chain_steps(std::int64_t k, std::int64_t unroll) {
  const std::int64_t whole = (k + unroll - 1) / unroll - 1;
  const std::int64_t left_out = (whole + 1) * unroll - k;
  return {whole, 4 * left_out, 4 * (unroll - k), left_out + (whole == 0 ? unroll + 1 : 0)};
}

// p[rows x n] = exp2(s[rows x n] * scale - max), then o += p * v, panel by panel. Strides in bytes; rows, n >= 1.
// Nothing needs an alignment beyond that of a float; the table is scratch, best aligned to 64 bytes. The generated code
// knows the offsets (kernels/generator/chain.py).
struct ChainOperands {
  const float* s;
  std::ptrdiff_t s_stride;
  const float* max;
  std::int64_t rows;
  void* table;     // exp2_table_bytes(rows)
  std::int64_t n;  // of a row of p: the panels' k
  float* p;
  std::ptrdiff_t p_stride;
  float scale;
  const float* v;
  std::ptrdiff_t v_stride;
  float* o;
  std::ptrdiff_t o_stride;
  const ChainPanel* panels;
  const ChainSteps* steps;
};

struct ChainKernels {
  // Method and error of exp2: fexpa of micro/exp2_core.hpp. Returns 0; or other than 0, with o as it was and nothing of
  // use in p: an element is at or below -126 or NaN, or a row is not ordinary (micro/micro_kernels.hpp). Then P has to
  // be made by Exp2Row, and `panels` called.
  int (*exp2_and_panels)(const ChainOperands*);
  int (*panels)(const ChainOperands*);  // p is given; returns 0
  Panel end;
};

// Generated. The end is no function to be called.
extern "C" int svetune_chain_exp2(const ChainOperands* operands);
extern "C" int svetune_chain_panels(const ChainOperands* operands);
extern "C" void svetune_chain_end();

}  // namespace svetune
