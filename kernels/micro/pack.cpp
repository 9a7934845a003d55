// V's columns of a panel, row after row without a gap: what every row block of the panel then reads in order.
#include "micro/tables.hpp"
#include "micro/vector.hpp"

namespace svetune {
namespace sve {
namespace {

// Rows that are fetched ahead: those of V are apart, and a panel's part of them is too narrow for a prefetcher.
constexpr std::int64_t kAhead = 8;

template <std::size_t kVectors>
void pack_v(const float* v, std::ptrdiff_t ldv, float* to, std::int64_t rows, std::int64_t lanes) {
  constexpr std::size_t kWidth = kVectors * kLanes;
  const svbool_t all = svptrue_b32(), last = svwhilelt_b32_s64(0, lanes);
  for (std::int64_t row = 0; row < rows; ++row, v += ldv, to += kWidth) {
    const float* const ahead = v + (row + kAhead < rows ? kAhead : 0) * ldv;
    svprfw(all, ahead, SV_PLDL1KEEP);
    if constexpr (kVectors > 1) svprfw(last, ahead + (kVectors - 1) * kLanes, SV_PLDL1KEEP);
    for (std::size_t j = 0; j + 1 < kVectors; ++j) svst1_f32(all, to + j * kLanes, svld1_f32(all, v + j * kLanes));
    // Zeros behind a ragged end.
    svst1_f32(all, to + (kVectors - 1) * kLanes, svld1_f32(last, v + (kVectors - 1) * kLanes));
  }
}

}  // namespace
}  // namespace sve

template <>
constinit const PackTable Tables<sve::kBits>::pack = {nullptr,        sve::pack_v<1>, sve::pack_v<2>, sve::pack_v<3>,
                                                      sve::pack_v<4>, sve::pack_v<5>, sve::pack_v<6>};

}  // namespace svetune
