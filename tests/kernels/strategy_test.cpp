// Every strategy on the host, with scalar micro-kernels in place of the vector ones: the loop nests, tails and strides.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "micro/micro_kernels.hpp"
#include "reference/reference.hpp"
#include "scalar_kernels.hpp"
#include "space/configuration.hpp"

namespace svetune {
namespace {

struct Data {
  explicit Data(const Problem& wanted)
      : problem(wanted),
        lds(wanted.shape.nc + 2),
        ldp(wanted.shape.nc + 1),
        ldv(wanted.v_stride()),
        ldo(wanted.shape.d + 3) {
    const auto& shape = wanted.shape;
    for (std::int64_t i = 0; i < shape.m * lds; ++i) s.push_back(static_cast<float>(i * 37 % 101) * -0.1F);
    for (std::int64_t i = 0; i < shape.nc * ldv; ++i) v.push_back(static_cast<float>(i * 53 % 97) * 0.03F - 1.4F);
    for (std::int64_t i = 0; i < shape.m * ldo; ++i) o.push_back(static_cast<float>(i * 29 % 89) * 0.02F - 0.8F);
    p.resize(static_cast<std::size_t>(shape.m * ldp));
    row_sum.assign(static_cast<std::size_t>(shape.m), 0.5F);
    max.assign(static_cast<std::size_t>(shape.m), 0.3F);
    max[max.size() / 2] = 70000.0F;  // not an ordinary row
    if (s.size() > 3) s[3] = -std::numeric_limits<float>::infinity();
    for (std::int64_t i = 0; i < shape.m; ++i)
      exp2_row(s.data() + i * lds, p.data() + i * ldp, static_cast<std::size_t>(shape.nc), 0.7F,
               max[static_cast<std::size_t>(i)]);
  }
  Problem problem;
  std::ptrdiff_t lds, ldp, ldv, ldo;
  std::vector<float> s, p, v, o, max, row_sum;
};

void expect_right(const MicroKernels& kernels, const Data& input, const svetune_config& config) {
  Data data = input;
  const auto& shape = data.problem.shape;
  const auto* strategy = find_strategy(config.strategy);
  std::vector<float> workspace(strategy->workspace_bytes(shape, config) / sizeof(float), std::nanf(""));
  const svetune_args args{data.s.data(),      data.lds, data.max.data(),  0.7F,
                          data.p.data(),      data.ldp, data.v.data(),    data.ldv,
                          data.o.data(),      data.ldo, workspace.data(), workspace.size() * 4,
                          data.row_sum.data()};
  const auto name = to_text(data.problem) + " " + to_text(config);
  ASSERT_EQ(strategy->run(kernels, shape, config, args), SVETUNE_OK) << name;
  const bool softmax = shape.operation == SVETUNE_SOFTMAX_GEMM;
  const std::vector<float> zeros(input.o.size());
  const Matrix s{input.s.data(), input.lds};
  auto p = softmax ? reference_softmax(shape, s, 0.7F) : reference_p(shape, s, input.max.data(), 0.7F);
  const auto exact = reference_result(shape, std::move(p), {input.v.data(), input.ldv},
                                      {softmax ? zeros.data() : input.o.data(), input.ldo});
  EXPECT_LE(result_error(shape, {data.o.data(), data.ldo}, exact), error_bound(data.problem)) << name;
  if (shape.operation == SVETUNE_EXP2_GEMM_SUMS)
    EXPECT_LE(sum_error(shape.m, data.row_sum.data(), 0.5F, exact), error_bound(data.problem)) << name;
  else
    EXPECT_EQ(data.row_sum, input.row_sum) << name;
  for (std::int64_t i = 0; i < shape.m; ++i) {
    for (std::int64_t j = shape.d; j < data.ldo; ++j) {
      const auto at = static_cast<std::size_t>(i * data.ldo + j);
      ASSERT_EQ(data.o[at], input.o[at]) << name << ": padding";
    }
  }
}

class EveryStrategy : public testing::TestWithParam<const char*> {};

TEST_P(EveryStrategy, MatchesTheReference) {
  const MicroKernels kernels = scalar_kernels();
  const Problem problem = parse_problem(GetParam());
  const Data data(problem);
  for (const auto& strategy : strategies()) {
    const auto configs = enumerate({problem, kernels.vector_bits}, strategy.name);
    const std::size_t step = (configs.size() / 60 + 1) | 1U;  // odd: the last axes have two values
    for (std::size_t i = 0; i < configs.size(); i += step) expect_right(kernels, data, configs[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryStrategy,
                         testing::Values("1x1x1", "4x64x128", "7x10x9", "13x33x29", "5x3x50:ldv=61",
                                         "2x17x4:accuracy=low", "7x10x9:sums", "13x33x29:sums",
                                         "1x1x1:accuracy=medium:sums", "18x64x20", "5x77x9:softmax", "1x1x1:softmax",
                                         "13x33x29:softmax:accuracy=low"));

// Panels of all columns in one chain and in several, columns cut in two ways (64 rows by 5; tall), ragged ends.
TEST(Panels, ReadVWhereItIsPacked) {
  const MicroKernels kernels = scalar_kernels();
  for (const char* problem : {"14x21x99", "14x21x99:sums", "14x21x99:softmax", "64x9x32", "3x40x7:ldv=11"}) {
    const Data data(parse_problem(problem));
    for (const char* tile : {"mr=4 nr=1", "mr=4 nr=5", "mr=5 nr=4 k_split=1", "mr=6 nr=4", "mr=2 nr=6"}) {
      for (const char* columns : {"wide", "even", "tall"}) {
        for (const char* rest : {"0 exp2_unroll=4", "0 exp2_unroll=16", "8 exp2_unroll=16"}) {
          expect_right(kernels, data,
                       parse_configuration("strategy=panels v_pack=1 " + std::string(tile) + " columns=" + columns +
                                           " k_block=" + rest));
        }
      }
    }
  }
}

TEST(Panels, RefuseWhatNoAxisHas) {
  const Target target{parse_problem("4x64x128"), 512};
  const auto broken = [&](const char* axes) {
    const auto* const constraint =
        first_broken_constraint(target, parse_configuration("strategy=panels " + std::string(axes)));
    return constraint == nullptr ? std::string_view() : constraint->name;
  };
  EXPECT_EQ(broken("v_pack=1 prefetch=16"), "");
  EXPECT_EQ(broken("v_pack=2"), "v_pack");
  EXPECT_EQ(broken("prefetch=17"), "prefetch");
  EXPECT_EQ(broken("mr=6 nr=4 fma_order=columns"), "");
  EXPECT_EQ(broken("mr=8 nr=3 fma_order=columns"), "fma_order");  // registers
  EXPECT_EQ(broken("mr=4 nr=3 fma_order=columns"), "fma_order");  // two sets
  EXPECT_EQ(broken("mr=4 nr=3 k_split=1 fma_order=columns"), "");
  EXPECT_EQ(broken("mr=1 nr=6 k_split=1 fma_order=columns"), "fma_order");  // the same as by rows
  EXPECT_EQ(broken("fma_order=none"), "fma_order");
  EXPECT_EQ(broken("mr=6 nr=4 fma_order=zigzag"), "");
  EXPECT_EQ(broken("mr=7 nr=3 fma_order=zigzag"), "fma_order");             // registers
  EXPECT_EQ(broken("mr=4 nr=3 fma_order=zigzag"), "fma_order");             // two sets
  EXPECT_EQ(broken("mr=6 nr=4 k_unroll=8 fma_order=zigzag"), "fma_order");  // no code
  EXPECT_EQ(broken("mr=6 nr=4 prefetch=1 fma_order=zigzag"), "fma_order");  // V's direction
  EXPECT_EQ(broken("mr=6 nr=4 k_block=32 fma_order=zigzag"), "");           // 32 and 32
  EXPECT_EQ(broken("mr=6 nr=4 k_block=48 fma_order=zigzag"), "fma_order");  // 48 and 16: a single round
  EXPECT_EQ(broken("mr=6 nr=4 k_block=40 fma_order=zigzag"), "fma_order");  // no whole rounds
}

TEST(Panels, PackedVHasItsPlaceInTheWorkspace) {
  const svetune_problem problem = parse_problem("64x512x128").shape;
  const Strategy& panels = *find_strategy(SVETUNE_PANELS);
  const auto bytes = [&](const svetune_problem& shape, const std::string& axes) {
    return panels.workspace_bytes(shape, parse_configuration("strategy=panels k_block=64 " + axes));
  };
  const std::size_t v_bytes = 64 * problem.d * sizeof(float);  // of a block
  const std::size_t once = bytes(problem, "mr=4 nr=5 v_pack=1") - bytes(problem, "mr=4 nr=5");
  EXPECT_GE(once, v_bytes);
  EXPECT_LT(once, v_bytes + 512);
  // The last row block would have columns of its own.
  EXPECT_EQ(bytes(problem, "mr=5 nr=4 v_pack=1") - bytes(problem, "mr=5 nr=4"), once);
  constexpr std::int64_t kLargest = 0x7FFFFFFF;
  for (const std::int64_t m : {std::int64_t{1}, kLargest}) {
    svetune_problem large = problem;
    large.m = m;
    large.nc = large.d = kLargest;
    EXPECT_EQ(panels.workspace_bytes(large, parse_configuration("strategy=panels v_pack=1")), SIZE_MAX) << m;
  }
}

TEST(Strategy, RefusesTilesThatDoNotExist) {
  const MicroKernels kernels = scalar_kernels();
  Data data(parse_problem("4x8x8"));
  const svetune_args args{data.s.data(),      data.lds, data.max.data(), 0.7F,     data.p.data(), data.ldp,
                          data.v.data(),      data.ldv, data.o.data(),   data.ldo, nullptr,       0,
                          data.row_sum.data()};
  for (const auto& strategy : strategies()) {
    auto config = parse_configuration("strategy=" + std::string(strategy.name));
    config.mr = 13;
    EXPECT_EQ(strategy.run(kernels, data.problem.shape, config, args), SVETUNE_BAD_CONFIGURATION);
    config.mr = -1;
    EXPECT_EQ(strategy.run(kernels, data.problem.shape, config, args), SVETUNE_BAD_CONFIGURATION);
  }
}

TEST(Reference, Exp2AtTheEdges) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(reference_exp2(-126.0F, 1, 0), 0x1p-126);
  EXPECT_EQ(reference_exp2(std::nextafter(-126.0F, -200.0F), 1, 0), 0);
  EXPECT_EQ(reference_exp2(-kInfinity, 1, -kInfinity), 0);
  EXPECT_TRUE(std::isnan(reference_exp2(std::nanf(""), 1, 0)));
}

TEST(Reference, UlpDistance) {
  EXPECT_EQ(ulp_distance(1.0F, 1.0), 0);
  EXPECT_EQ(ulp_distance(1.0F + 0x1p-23F, 1.0), 1);
  EXPECT_EQ(ulp_distance(0.5F, 0.5 + 0x1p-25), 0.5);
  EXPECT_EQ(ulp_distance(std::nanf(""), std::nan("")), 0);
  EXPECT_TRUE(std::isinf(ulp_distance(std::nanf(""), 1.0)));
}

}  // namespace
}  // namespace svetune
