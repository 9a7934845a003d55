#include "runner/operands.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/reference.hpp"

namespace svetune {
namespace {

// splitmix64: small, seedable, the same everywhere.
struct Random {
  std::uint64_t state;

  double uniform() {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t x = state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1p-53;
  }
  // Sum of uniforms: near enough to normal, and no libm.
  float normal() { return static_cast<float>((uniform() + uniform() + uniform() + uniform() - 2.0) * 1.732); }
};

std::ptrdiff_t stride(std::int64_t columns, Layout layout, std::ptrdiff_t padding) {
  const auto width = static_cast<std::ptrdiff_t>(columns);
  return layout == Layout::kTight ? width + padding : (width + 15) / 16 * 16;
}

GuardedBuffer matrix(std::int64_t rows, std::ptrdiff_t row_stride, std::int64_t columns, Layout layout, Arena* arena) {
  const auto floats = (rows - 1) * row_stride + columns;
  if (arena != nullptr) return {*arena, static_cast<std::size_t>(floats) * sizeof(float)};
  return GuardedBuffer(static_cast<std::size_t>(floats) * sizeof(float), layout == Layout::kTight ? 4 : 256);
}

void fill(Random& random, const GuardedBuffer& buffer) {
  std::generate_n(buffer.floats(), buffer.bytes() / sizeof(float), [&] { return random.normal(); });
}

}  // namespace

Operands::Operands(const Problem& wanted, std::uint64_t seed, Layout layout, Masks masks, Arena* arena)
    : problem(wanted),
      lds(stride(wanted.shape.nc, layout, 3)),
      ldp(stride(wanted.shape.nc, layout, 1)),
      ldo(stride(wanted.shape.d, layout, 5)),
      s(matrix(wanted.shape.m, lds, wanted.shape.nc, layout, arena)),
      max(matrix(1, 0, wanted.shape.m, layout, arena)),
      p(matrix(wanted.shape.m, ldp, wanted.shape.nc, layout, arena)),
      v(matrix(wanted.shape.nc, wanted.v_stride(), wanted.shape.d, layout, arena)),
      o(matrix(wanted.shape.m, ldo, wanted.shape.d, layout, arena)),
      row_sum(matrix(1, 0, wanted.shape.m, layout, arena)) {
  Random random{seed};
  fill(random, s);
  fill(random, v);
  fill(random, o);
  std::fill_n(row_sum.floats(), wanted.shape.m, kFirstSum);
  for (std::int64_t i = 0; i < wanted.shape.m; ++i) {
    float* const row = s.floats() + i * lds;
    const bool masked = layout == Layout::kTight && masks == Masks::kSome && i % 2 == 1;
    float largest = -std::numeric_limits<float>::infinity();
    for (std::int64_t k = 0; k < wanted.shape.nc; ++k) {
      row[k] *= 11.0F;
      if (masked && random.uniform() < 0.04) row[k] = -std::numeric_limits<float>::infinity();
      largest = std::max(largest, row[k] * scale);
    }
    if (!std::isfinite(largest)) largest = 0;
    max.floats()[i] = layout == Layout::kTight && i % 3 == 0 ? std::ceil(largest * 64) / 64 : largest;
    for (std::int64_t k = 0; k < wanted.shape.nc; ++k)
      p.floats()[i * ldp + k] = static_cast<float>(reference_exp2(row[k], scale, max.floats()[i]));
  }
}

svetune_args Operands::args(void* workspace, std::size_t workspace_bytes) const {
  return {s.floats(),      lds, max.floats(), scale,
          p.floats(),      ldp, v.floats(),   static_cast<std::ptrdiff_t>(problem.v_stride()),
          o.floats(),      ldo, workspace,    workspace_bytes,
          row_sum.floats()};
}

}  // namespace svetune
