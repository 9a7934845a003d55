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
#include "micro/interleaved.hpp"
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
  std::fflush(stdout);
  return good;
}

// n values as so many rows of equal length, the last one filled up with zeros of exp2's argument.
struct Rows {
  Rows(const float* values, std::size_t n, std::int64_t rows, float scale, float max, std::int64_t shortest = 1)
      : length(std::max(static_cast<std::int64_t>(n) / rows + 1, shortest)),
        s(static_cast<std::size_t>(rows * length), max / scale),
        maxima(static_cast<std::size_t>(rows), max) {
    std::copy_n(values, n, s.begin());
    args.s = s.data();
    args.lds = length;
    args.max = maxima.data();
    args.scale = scale;
  }
  // The first n of their P.
  void take(const float* first, std::ptrdiff_t stride, float* p, std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = static_cast<std::ptrdiff_t>(i) / length;
      p[i] = first[row * stride + static_cast<std::ptrdiff_t>(i) % length];
    }
  }

  std::int64_t length;
  std::vector<float> s, maxima;
  svetune_args args{};
};

// exp2 at the head of a chain, or of the careful kernel where that refuses.
void exp2_of_chain(const MicroKernels& kernels, std::int64_t rows, const float* s, float* p, std::size_t n, float scale,
                   float max) {
  struct {
    ChainBlock block;
    ChainPanel end;
  } chained{{}, {kernels.chain.end, 0, 0, 0, 0, 0, 0, 0}};
  Rows x(s, n, rows, scale, max);
  chained.block = chain_block(rows, x.length, 8, static_cast<std::int64_t>(kernels.lanes));
  chained.block.panels = offsetof(decltype(chained), end);
  chained.block.repeat = [](const void*, const svetune_args*) { return SVETUNE_BAD_SHAPE; };
  std::vector<float> workspace(chain_workspace(rows, x.length) / sizeof(float));
  x.args.workspace = workspace.data();
  if (kernels.chain.exp2_and_panels(&chained.block, &x.args) == SVETUNE_OK)
    x.take(chain_p(chained.block, x.args), chain_ldp(chained.block), p, n);
  else
    kernels.exp2[0][0][2](s, p, n, scale, max);
}

// exp2 of a second row block inside the GEMM of a first one, whose operands are zeros.
void exp2_of_tile(const MicroKernels& kernels, const float* s, float* p, std::size_t n, float scale, float max) {
  constexpr std::int64_t kRows = 4, kVectors = 4;
  const auto lanes = static_cast<std::int64_t>(kernels.lanes);
  const Rows second(s, n, kRows, scale, max, lanes + 1);
  Rows x(s, 0, 2 * kRows, scale, max);
  x.length = second.length;
  x.s.assign(static_cast<std::size_t>(kRows * x.length), max / scale);
  x.s.insert(x.s.end(), second.s.begin(), second.s.end());
  x.args.s = x.s.data();
  x.args.lds = x.length;
  InterleavedBlock block = interleaved_block(2 * kRows, x.length, kRows, 2, lanes);
  block.tiles = 1;
  block.columns = kVectors * lanes;
  const auto columns = static_cast<std::size_t>(block.columns);
  std::vector<float> v(columns * static_cast<std::size_t>(x.length)), o(columns * 2 * kRows);
  std::vector<float> workspace(interleaved_workspace(block.rows, block.n, kRows) / sizeof(float) + 1);
  x.args.v = v.data();
  x.args.o = o.data();
  x.args.ldv = x.args.ldo = block.columns;
  x.args.workspace = workspace.data();
  if (!kernels.interleaved.constants(x.args.max, scale, block.rows, workspace.data())) std::abort();
  (*kernels.interleaved.tiles)[kRows][kVectors][0](&block, &x.args);
  const auto kFloat = static_cast<std::ptrdiff_t>(sizeof(float));
  x.take(workspace.data() + (block.p + block.other) / kFloat, block.p_stride / kFloat, p, n);
}

int run(unsigned bits) {
  const MicroKernels& kernels = *micro_kernels(svetune_vector_bits());
  constexpr const char* kNames[] = {"fexpa", "study", "square", "degree1", "table"};
  char name[32];
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
  // Few rows, four, more than a vector has floats.
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{4}, static_cast<std::int64_t>(kernels.lanes) + 3}) {
    const auto stream = [&](const float* s, float* p, std::size_t n, float scale, float max) {
      exp2_of_chain(kernels, rows, s, p, n, scale, max);
    };
    std::snprintf(name, sizeof name, "stream of %d", static_cast<int>(rows));
    good = report(name, sweep(bits, stream), 1.2) && good;
  }
  const auto interleaved = [&](const float* s, float* p, std::size_t n, float scale, float max) {
    exp2_of_tile(kernels, s, p, n, scale, max);
  };
  good = report("interleaved", sweep(bits, interleaved), 1.2) && good;
  if (!ends_are_right(interleaved)) {
    std::printf("interleaved: wrong below -126 or for NaN\n");
    good = false;
  }
  return good ? 0 : 1;
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
