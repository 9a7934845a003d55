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

// A panel as a function, which the scalar chain calls: the table has room for its address alone.
using ScalarPanel = void (*)(const ChainBlock&, const svetune_args&, const ChainPanel&);

template <std::size_t kRows, std::size_t kVectors>
void panel(const ChainBlock& x, const svetune_args& args, const ChainPanel& place) {
  ASSERT_GE(place.lanes, 1);
  ASSERT_LE(place.lanes, static_cast<std::int64_t>(kLanes));
  const std::ptrdiff_t column = place.column / static_cast<std::ptrdiff_t>(sizeof(float));
  const std::size_t n = (kVectors - 1) * kLanes + static_cast<std::size_t>(place.lanes);
  for (std::ptrdiff_t block = 0; block < place.blocks; ++block) {
    const auto row = place.row + block * static_cast<std::ptrdiff_t>(kRows);
    gemm_tile<kRows, kVectors>(chain_p(x, args) + row * chain_ldp(x), chain_ldp(x), args.v + column, args.ldv,
                               args.o + row * args.ldo + column, args.ldo, static_cast<std::size_t>(x.n), n);
  }
}

void end_of_chain() {}

svetune_status chain_panels(const void* data, const svetune_args* args) {
  const auto* const x = static_cast<const ChainBlock*>(data);
  const auto* place = reinterpret_cast<const ChainPanel*>(reinterpret_cast<const std::byte*>(x) + x->panels);
  for (; place->code != end_of_chain; ++place) reinterpret_cast<ScalarPanel>(place->code)(*x, *args, *place);
  const auto unroll = x->steps.rest / 4 + x->n;  // steps of a round, all of which are accounted for
  EXPECT_TRUE(unroll == 8 || unroll == 16);
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
  for (std::size_t sets = 1; sets <= kMaxPanelSets; ++sets) {
    if (panel_fits(kRows, kVectors, static_cast<int>(sets)))
      table[kRows][kVectors][sets - 1].fill(reinterpret_cast<Panel>(panel<kRows, kVectors>));
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

// Whatever the row, so that calls with one that is not ordinary come here too; those of an even number of rows do not.
bool interleaved_constants(const float* max, float scale, std::int64_t rows, float* table) {
  bool ordinary = true;
  for (std::int64_t i = 0; i < rows; ++i) {
    ordinary = ordinary && ordinary_row(scale, max[i]);
    table[4 * i] = max[i];
  }
  return ordinary || rows % 2 == 1;
}

template <std::size_t kRows, std::size_t kVectors>
void interleaved_tile(const InterleavedBlock* block, const svetune_args* args) {
  constexpr auto kHeight = static_cast<std::int64_t>(kRows);
  constexpr auto kWidth = static_cast<std::int64_t>(kVectors * kLanes);
  const InterleavedBlock& x = *block;
  auto* const table = static_cast<float*>(args->workspace);
  const auto buffer = [&](std::int64_t number) { return table + (x.p + (number & 1) * x.other) / 4; };
  EXPECT_EQ(x.last + kHeight, x.rows);
  EXPECT_EQ(x.whole * static_cast<std::int64_t>(kLanes) + static_cast<std::int64_t>(kLanes) - x.left_out, x.n);
  EXPECT_EQ(x.ragged / 4, x.n % static_cast<std::int64_t>(kLanes));
  EXPECT_GE(x.whole, 1);
  for (std::int64_t b = 0; b < x.blocks; ++b) {
    const std::int64_t row = b * kHeight, next = std::min(row + kHeight, x.last);
    if (row + kHeight < x.rows) {
      for (std::int64_t i = next; i < next + kHeight; ++i)
        exp2_row(args->s + i * args->lds, buffer(b + 1) + (i - next) * x.p_stride / 4, static_cast<std::size_t>(x.n),
                 args->scale, table[4 * i]);
    }
    std::int64_t column = 0;
    for (std::int64_t tile = 0; tile < x.tiles; ++tile) {
      const std::int64_t width = tile < x.tiles - x.narrow ? kWidth : kWidth - static_cast<std::int64_t>(kLanes);
      gemm_tile<kRows, kVectors>(buffer(b), x.p_stride / 4, args->v + column, args->ldv,
                                 args->o + row * args->ldo + column, args->ldo, static_cast<std::size_t>(x.n),
                                 static_cast<std::size_t>(std::min(width, x.columns - column)));
      column += width;
    }
    EXPECT_GE(column, x.columns);
    EXPECT_LT(column - static_cast<std::int64_t>(kLanes), x.columns);
  }
}

template <std::size_t kTile>
void add_interleaved(InterleavedTable& table) {
  constexpr std::size_t kRows = kTile / kMaxInterleavedVectors + 1;
  constexpr std::size_t kVectors = kTile % kMaxInterleavedVectors + 1;
  if constexpr (interleaved_fits(kRows, kVectors, 1)) table[kRows][kVectors].fill(interleaved_tile<kRows, kVectors>);
}

const InterleavedTable& scalar_interleaved() {
  static const InterleavedTable table = [] {
    InterleavedTable result{};
    [&]<std::size_t... kTiles>(std::index_sequence<kTiles...>) {
      (add_interleaved<kTiles>(result), ...);
    }(std::make_index_sequence<static_cast<std::size_t>(kMaxInterleavedRows * kMaxInterleavedVectors)>{});
    return result;
  }();
  return table;
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
  table.chain = {chain_exp2, chain_panels, end_of_chain};
  table.interleaved = {interleaved_constants, &scalar_interleaved()};
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
    const std::size_t step = configs.size() / 60 + 1;  // a coprime walk would see no more
    for (std::size_t i = 0; i < configs.size(); i += step) expect_right(kernels, data, configs[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryStrategy,
                         testing::Values("1x1x1", "4x64x128", "7x10x9", "13x33x29", "5x3x50:ldv=61",
                                         "2x17x4:accuracy=low", "7x10x9:sums", "13x33x29:sums",
                                         "1x1x1:accuracy=medium:sums", "5x77x9:softmax", "1x1x1:softmax",
                                         "13x33x29:softmax:accuracy=low"));

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
