// svetune-exp2-sweep [N]: every method of exp2 against fp64 on 2^N values of [-126, 0] (default 24), evenly spaced with
// a jitter, and on an eighth as many bit patterns of the same range, evenly spaced; once with max = 0 and once with a
// scale and a maximum that is no multiple of 1/64. Then what lies outside: exact 0 below -126, NaN kept. Prints ULPs;
// exit code 1 where a bound is missed.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "micro/chain.hpp"
#include "micro/micro_kernels.hpp"
#include "reference/reference.hpp"
#include "space/problem.hpp"

namespace svetune {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr float kScales[] = {1.0F, 0.18F};
constexpr float kMaxima[] = {0.0F, 1.3F};

struct Tally {
  double worst = 0, sum = 0;
  float worst_s = 0;
  std::uint64_t count = 0, over_half = 0, over_one = 0;

  void add(float s, double ulp) {
    ++count;
    sum += ulp;
    over_half += ulp > 0.5 ? 1 : 0;
    over_one += ulp > 1 ? 1 : 0;
    if (!(ulp <= worst)) {
      worst = ulp;
      worst_s = s;
    }
  }
};

// Value i of 2^bits that cover [-126, 0]; behind them every bit pattern of a step, an eighth as many.
float sample(std::uint64_t i, unsigned bits) {
  const std::uint64_t values = std::uint64_t{1} << bits;
  if (i < values) {
    const std::uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15U;
    const double jitter = static_cast<double>(mixed >> 11) * 0x1p-53;
    return static_cast<float>(-126.0 * (static_cast<double>(i) + jitter) / static_cast<double>(values));
  }
  constexpr std::uint64_t kFirst = 0x80000000U, kPatterns = 0xc2fc0000U - kFirst + 1;  // -0 to -126
  return std::bit_cast<float>(static_cast<std::uint32_t>(kFirst + (i - values) * 8 * kPatterns / values));
}

// Of one method. `kernel` writes p[0..n) from s[0..n) with a scale and a maximum.
template <typename Kernel>
Tally sweep(unsigned bits, const Kernel& kernel) {
  Tally tally;
  std::vector<float> s(kBlock), p(kBlock);
  const std::uint64_t total = (std::uint64_t{1} << bits) + (std::uint64_t{1} << bits) / 8;
  for (std::size_t form = 0; form < 2; ++form) {
    const float scale = kScales[form], max = kMaxima[form];
    for (std::uint64_t first = 0; first < total; first += kBlock) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, total - first));
      for (std::size_t i = 0; i < n; ++i) s[i] = (sample(first + i, bits) + max) / scale;
      kernel(s.data(), p.data(), n, scale, max);
      for (std::size_t i = 0; i < n; ++i) tally.add(s[i], ulp_distance(p[i], reference_exp2(s[i], scale, max)));
    }
  }
  return tally;
}

// Numbers below -126 become exact zeros, NaN stays NaN, in a vector with others.
template <typename Kernel>
bool ends_are_right(const Kernel& kernel) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> s(40, -1.5F);
  const float below[] = {std::nextafter(-126.0F, -kInfinity), -126.5F, -127, -149, -151, -1e4F, -3e38F, -kInfinity};
  std::copy(std::begin(below), std::end(below), s.begin());
  s[20] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> p(s.size(), -1.0F);
  kernel(s.data(), p.data(), s.size(), 1.0F, 0.0F);
  return std::all_of(p.begin(), p.begin() + std::size(below),
                     [](float x) { return std::bit_cast<std::uint32_t>(x) == 0; }) &&
         std::isnan(p[20]) && p[21] > 0.25F && p[21] < 0.5F;
}

bool report(const char* name, const Tally& tally, double bound) {
  const auto share = [&](std::uint64_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(tally.count);
  };
  const bool good = tally.worst <= bound;
  std::printf(
      "%-13s %9llu values: at most %.4g ULP (s = %a), mean %.4g, above 0.5 %.2f %%, above 1 %.4f %%; bound %.4g%s\n",
      name, static_cast<unsigned long long>(tally.count), tally.worst, static_cast<double>(tally.worst_s),
      tally.sum / static_cast<double>(tally.count), share(tally.over_half), share(tally.over_one), bound,
      good ? "" : ": MISSED");
  return good;
}

int run(unsigned bits) {
  const MicroKernels& kernels = *micro_kernels(svetune_vector_bits());
  constexpr const char* kNames[] = {"fexpa", "study", "square", "degree1", "table"};
  bool good = true;
  for (std::size_t method = 0; method < kExp2Methods; ++method) {
    const Exp2Row kernel = kernels.exp2[0][method][2];
    const double bound = 1.2 + accuracy_bound(accuracy_of(static_cast<std::int32_t>(method) + 1)) * 0x1p24;
    good = report(kNames[method], sweep(bits, kernel), bound) && good;
    if (!ends_are_right(kernel)) {
      std::printf("%s: wrong below -126 or for NaN\n", kNames[method]);
      good = false;
    }
  }
  struct {
    ChainBlock block;
    ChainPanel end;
  } chained{{}, {kernels.chain.end, 0, 0, 0, 0, 0, 0, 0}};
  std::vector<float> workspace;
  const auto stream = [&](const float* s, float* p, std::size_t n, float scale, float max) {
    chained.block = chain_block(1, static_cast<std::int64_t>(n), 8, static_cast<std::int64_t>(kernels.lanes));
    chained.block.panels = offsetof(decltype(chained), end);
    chained.block.repeat = [](const void*, const svetune_args*) { return SVETUNE_BAD_SHAPE; };
    workspace.resize(chain_workspace(1, chained.block.n) / sizeof(float));
    svetune_args args{};
    args.s = s;
    args.lds = chained.block.n;
    args.max = &max;
    args.scale = scale;
    args.workspace = workspace.data();
    if (kernels.chain.exp2_and_panels(&chained.block, &args) != SVETUNE_OK)
      kernels.exp2[0][0][2](s, p, n, scale, max);
    else
      std::memcpy(p, chain_p(chained.block, args), n * sizeof(float));
  };
  return report("fexpa, stream", sweep(bits, stream), 1.2) && good ? 0 : 1;
}

}  // namespace
}  // namespace svetune

int main(int count, char** arguments) {
  const long bits = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 24;
  if (count > 2 || bits < 4 || bits > 30) {
    std::fprintf(stderr, "usage: svetune-exp2-sweep [N], 4 <= N <= 30: 2^N values\n");
    return 2;
  }
  return svetune::run(static_cast<unsigned>(bits));
}
