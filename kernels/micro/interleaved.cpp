// What goes before interleaved tiles: the constants of all rows, a row a lane.
#include "micro/interleaved.hpp"

#include "micro/exp2_core.hpp"
#include "micro/tables.hpp"

namespace svetune {
namespace sve {
namespace {

inline constexpr float kLn2 = 0x1.62e43p-1F;

// As row_constants() has them, but for a maximum between two multiples of 1/64: either will do.
bool constants(const float* max, float scale, std::int64_t rows, float* table) {
  svbool_t strange = svpfalse_b();
  const auto all = everywhere();
  const auto end = static_cast<std::size_t>(rows);
  for (std::size_t i = 0; i < end; i += kLanes) {
    const svbool_t lanes = svwhilelt_b32_u64(i, end);
    const Vector m = svld1_f32(lanes, max + i);
    strange = svorr_b_z(all, strange, svnot_b_z(all, svacle_n_f32(all, m, kLargestMax)));
    const Vector bias = svsubr_n_f32_x(all, m, kShift);
    const Vector delta = svsub_f32_x(all, m, svsubr_n_f32_x(all, bias, kShift));
    const Vector t = svmul_n_f32_x(all, delta, -kLn2);
    Vector k = svmla_f32_x(all, svdup_f32(0.5F), t, svdup_f32(0x1.555556p-3F));
    k = svmla_f32_x(all, t, svmul_f32_x(all, t, t), k);
    const Vector c0 = svmla_f32_x(all, svdup_f32(kC0), k, svdup_f32(kC0));
    const Vector c1 = svmla_f32_x(all, svdup_f32(kC1), k, svdup_f32(kC1));
    float* const here = table + kInterleavedConstants * i;
    const auto store = [&](int place, Vector constant) {
      svst1_scatter_s32index_f32(all, here + place, svindex_s32(0, kInterleavedConstants), constant);
    };
    store(0, bias);
    store(1, c0);
    store(2, c1);
    store(3, k);
    store(4, delta);
  }
  return scale - scale == 0.0F && !svptest_any(all, strange);
}

}  // namespace
}  // namespace sve

template <>
constinit const InterleavedKernels Tables<sve::kBits>::interleaved = {sve::constants,
                                                                      sve::kBits == 128   ? &kInterleaved128
                                                                      : sve::kBits == 256 ? &kInterleaved256
                                                                                          : &kInterleaved512};

}  // namespace svetune
