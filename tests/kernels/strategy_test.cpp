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
#include "space/configuration.hpp"

namespace svetune {
namespace {

constexpr std::size_t kLanes = 4;

float exp2_row(const float* s, float* p, std::size_t n, float scale, float max) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += p[i] = static_cast<float>(reference_exp2(s[i], scale, max));
  return static_cast<float>(sum);
}

template <std::size_t kRows, std::size_t kVectors>
void gemm_tile(const float* p, std::ptrdiff_t ldp, const float* v, std::ptrdiff_t ldv, float* o, std::ptrdiff_t ldo,
               std::size_t k, std::size_t n) {
  ASSERT_LE(n, kVectors * kLanes);
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(kRows); ++i) {
    for (std::ptrdiff_t j = 0; j < static_cast<std::ptrdiff_t>(n); ++j) {
      for (std::ptrdiff_t l = 0; l < static_cast<std::ptrdiff_t>(k); ++l)
        o[i * ldo + j] += p[i * ldp + l] * v[l * ldv + j];
    }
  }
}

template <std::size_t kRows, std::size_t kVectors>
void fused_tile(const FusedOperands& x) {
  ASSERT_EQ(x.k % kLanes, 0U);
  std::vector<float> p(kRows * x.k);
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto row = static_cast<std::ptrdiff_t>(i);
    const float sum = exp2_row(x.s + row * x.lds, p.data() + i * x.k, x.k, x.scale, x.max[i]);
    if (x.row_sum != nullptr) x.row_sum[i] += sum;
    if (x.p != nullptr) std::copy_n(p.data() + i * x.k, x.k, x.p + row * x.ldp);
  }
  gemm_tile<kRows, kVectors>(p.data(), static_cast<std::ptrdiff_t>(x.k), x.v, x.ldv, x.o, x.ldo, x.k, x.n);
}

// A panel as a function, which the scalar chain calls with V where this panel has it: the table has room for its
// address alone.
using ScalarPanel = void (*)(const ChainBlock&, const svetune_args&, const ChainPanel&);

template <std::size_t kRows, std::size_t kVectors>
void panel(const ChainBlock& x, const svetune_args& args, const ChainPanel& place) {
  ASSERT_GE(place.lanes, 1);
  ASSERT_LE(place.lanes, static_cast<std::int64_t>(kLanes));
  const std::ptrdiff_t column = place.column / static_cast<std::ptrdiff_t>(sizeof(float));
  const std::size_t n = (kVectors - 1) * kLanes + static_cast<std::size_t>(place.lanes);
  for (std::ptrdiff_t block = 0; block < place.blocks; ++block) {
    const auto row = place.row + block * static_cast<std::ptrdiff_t>(kRows);
    gemm_tile<kRows, kVectors>(chain_p(x, args) + row * chain_ldp(x), chain_ldp(x), args.v, args.ldv,
                               args.o + row * args.ldo + column, args.ldo, static_cast<std::size_t>(x.n), n);
  }
}

void end_of_chain() {}

svetune_status chain_panels(const void* data, const svetune_args* args) {
  const auto* const x = static_cast<const ChainBlock*>(data);
  const auto* place = reinterpret_cast<const ChainPanel*>(reinterpret_cast<const std::byte*>(x) + x->panels);
  svetune_args here = *args;
  for (; place->code != end_of_chain; ++place) {
    here.ldv += place->ldv / static_cast<std::ptrdiff_t>(sizeof(float));
    reinterpret_cast<ScalarPanel>(place->code)(*x, here, *place);
    EXPECT_EQ(place->next, std::int64_t{place[1].row} << 32 | place[1].column);
    here.v += place->next_v / static_cast<std::ptrdiff_t>(sizeof(float));
  }
  const auto unroll = x->steps.rest / 4 + x->n;  // steps of a round, all of which are accounted for
  EXPECT_TRUE(unroll == 8 || unroll == 16);
  EXPECT_TRUE(x->steps.ahead >= 0 && x->steps.ahead <= 16);
  EXPECT_EQ((x->steps.whole + 1) * unroll - x->steps.skipped / 4, x->n);
  EXPECT_EQ(x->steps.first, x->steps.skipped / 4 + (x->steps.whole == 0 ? unroll + 1 : 0));
  return SVETUNE_OK;
}

// Leaves rows to the careful kernel as the generated one does.
svetune_status chain_exp2(const void* data, const svetune_args* args) {
  const auto* const x = static_cast<const ChainBlock*>(data);
  constexpr auto kStep = static_cast<std::ptrdiff_t>(kExp2StepVectors * kLanes);
  const std::ptrdiff_t steps = (x->n + kStep - 1) / kStep;
  EXPECT_EQ(x->steps_exp2, x->rows * steps);
  EXPECT_EQ(x->back, (1 - steps) * kStep * 4);
  EXPECT_EQ(x->p_stride, steps * kStep * 4);
  bool left = false;
  for (std::ptrdiff_t i = 0; i < x->rows; ++i) {
    float* const p = chain_p(*x, *args) + i * chain_ldp(*x);
    exp2_row(args->s + i * args->lds, p, static_cast<std::size_t>(x->n), args->scale, args->max[i]);
    std::fill(p + x->n, p + chain_ldp(*x), std::nanf(""));
    if (!ordinary_row(args->scale, args->max[i]) || std::count(p, p + x->n, 0.0F) != 0) {
      std::fill_n(p, x->n, std::nanf(""));
      left = true;
    }
  }
  std::fill_n(static_cast<std::byte*>(args->workspace), exp2_table_bytes(x->rows), std::byte{0xFF});
  std::fill_n(reinterpret_cast<std::byte*>(chain_p(*x, *args) + x->rows * chain_ldp(*x)), kExp2StepsBehind,
              std::byte{0xFF});
  return left ? x->repeat(x, args) : chain_panels(x, args);
}

template <std::size_t kTile>
void add_panel(PanelTable& table) {
  constexpr std::size_t kRows = kTile / kMaxPanelVectors + 1;
  constexpr std::size_t kVectors = kTile % kMaxPanelVectors + 1;
  const auto scalar = reinterpret_cast<Panel>(panel<kRows, kVectors>);
  for (std::size_t sets = 1; sets <= kMaxPanelSets; ++sets) {
    if (panel_fits(kRows, kVectors, static_cast<int>(sets)))
      table[kRows][kVectors][sets - 1].fill(
          {scalar, panel_has_columns(kRows, kVectors, static_cast<int>(sets)) ? scalar : nullptr});
  }
}

const PanelTable& scalar_panels() {
  static const PanelTable table = [] {
    PanelTable result{};
    [&]<std::size_t... kTiles>(std::index_sequence<kTiles...>) {
      (add_panel<kTiles>(result), ...);
    }(std::make_index_sequence<static_cast<std::size_t>(kMaxPanelRows * kMaxPanelVectors)>{});
    return result;
  }();
  return table;
}

template <std::size_t kVectors>
void pack_v(const float* v, std::ptrdiff_t ldv, float* to, std::int64_t rows, std::int64_t lanes) {
  ASSERT_GE(lanes, 1);
  ASSERT_LE(lanes, static_cast<std::int64_t>(kLanes));
  for (std::int64_t row = 0; row < rows; ++row, v += ldv, to += kVectors * kLanes)
    std::copy_n(v, (kVectors - 1) * kLanes + static_cast<std::size_t>(lanes), to);
}

void begin_softmax(const SoftmaxRows& x) {
  std::fill_n(x.sum, x.rows, 0.0F);
  for (std::int64_t i = 0; i < x.rows; ++i) std::fill_n(x.o + i * x.ldo, x.d, 0.0F);
}

void raise_softmax(const SoftmaxRows& x) {
  for (std::int64_t i = 0; i < x.rows; ++i) {
    float top = -std::numeric_limits<float>::infinity();
    for (std::size_t k = 0; k < x.n; ++k)
      top = std::max(top, std::ceil(x.s[i * x.lds + static_cast<std::ptrdiff_t>(k)] * x.scale));
    const float old = x.sum[i] == 0 ? -std::numeric_limits<float>::infinity() : x.max[i];
    x.max[i] = std::max(old, top);
    if (std::isinf(x.max[i])) x.max[i] = 0;
    const float factor = std::exp2(std::min(old - x.max[i], 0.0F));
    x.sum[i] *= factor;
    for (std::size_t j = 0; j < x.d; ++j) x.o[i * x.ldo + static_cast<std::ptrdiff_t>(j)] *= factor;
  }
}

void add_sums(const float* p, std::ptrdiff_t ldp, std::int64_t rows, std::size_t n, float* sum) {
  for (std::int64_t i = 0; i < rows; ++i) sum[i] = std::accumulate(p + i * ldp, p + i * ldp + n, sum[i]);
}

void normalise_softmax(const SoftmaxRows& x) {
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < x.d; ++j) {
      float& o = x.o[i * x.ldo + static_cast<std::ptrdiff_t>(j)];
      o = x.sum[i] == 0 ? 0 : o / x.sum[i];
    }
  }
}

template <std::size_t kTile>
void add_tile(MicroKernels& table) {
  constexpr std::size_t kRows = kTile / kMaxTileVectors + 1;
  constexpr std::size_t kVectors = kTile % kMaxTileVectors + 1;
  if constexpr (gemm_tile_fits(kRows, kVectors)) table.gemm[kRows][kVectors].fill(gemm_tile<kRows, kVectors>);
  if constexpr (fused_tile_fits(kRows, kVectors)) {
    for (auto& method : table.fused) method[kRows][kVectors] = fused_tile<kRows, kVectors>;
  }
}

MicroKernels scalar_kernels() {
  MicroKernels table;
  table.vector_bits = 32 * kLanes;
  table.lanes = kLanes;
  for (auto& methods : table.exp2) {
    for (auto& method : methods) method.fill(exp2_row);
  }
  table.panels = &scalar_panels();
  table.softmax = {begin_softmax, raise_softmax, add_sums, normalise_softmax};
  table.pack = {nullptr, pack_v<1>, pack_v<2>, pack_v<3>, pack_v<4>, pack_v<5>, pack_v<6>};
  table.chain = {chain_exp2, chain_panels, end_of_chain};
  [&]<std::size_t... kTiles>(std::index_sequence<kTiles...>) {
    (add_tile<kTiles>(table), ...);
  }(std::make_index_sequence<static_cast<std::size_t>(kMaxTileRows * kMaxTileVectors)>{});
  return table;
}

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
                                         "1x1x1:accuracy=medium:sums", "5x77x9:softmax", "1x1x1:softmax",
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
