// The loops over rows and register tiles; all of it runs within svetune_run.
#include "strategies/common.hpp"

namespace svetune {
namespace {

constexpr std::int64_t smaller(std::int64_t a, std::int64_t b) {
  return a < b ? a : b;
}

[[gnu::section(".svetune_text")]] void gemm_tile_at(const MicroKernels& kernels, int unroll, const GemmOperands& x,
                                                    std::int64_t row, std::int64_t rows, std::int64_t column,
                                                    std::int64_t n) {
  const auto lanes = static_cast<std::int64_t>(kernels.lanes);
  // At most six vectors: counting them costs less than a division.
  std::size_t vectors = 1;
  for (std::int64_t covered = lanes; covered < n; covered += lanes) ++vectors;
  kernels.gemm[static_cast<std::size_t>(rows)][vectors][static_cast<std::size_t>(unroll)](
      x.p + row * x.ldp, x.ldp, x.v + column, x.ldv, x.o + row * x.ldo + column, x.ldo, static_cast<std::size_t>(x.k),
      static_cast<std::size_t>(n));
}

[[gnu::section(".svetune_text")]] bool every_row_ordinary(const svetune_args& args, const FusedPlace& place) {
  for (std::int64_t i = 0; i < place.rows; ++i) {
    if (!ordinary_row(args.scale, args.max[place.row + i])) return false;
  }
  return true;
}

}  // namespace

[[gnu::section(".svetune_text")]] Exp2Row find_exp2(const MicroKernels& kernels, const svetune_problem& problem,
                                                    const svetune_config& config) {
  const int unroll = unroll_index(config.exp2_unroll);
  if (unroll < 0 || config.exp2 < SVETUNE_EXP2_FEXPA || config.exp2 > SVETUNE_EXP2_TABLE) return nullptr;
  const bool sums = problem.operation != SVETUNE_EXP2_GEMM;
  return kernels.exp2[sums ? 1 : 0][static_cast<std::size_t>(config.exp2 - 1)][static_cast<std::size_t>(unroll)];
}

[[gnu::section(".svetune_text")]] bool has_gemm(const MicroKernels& kernels, const svetune_config& config) {
  const int unroll = unroll_index(config.k_unroll);
  return gemm_tile_fits(config.mr, config.nr) && unroll >= 0 && unroll <= 2 &&
         (config.order == SVETUNE_ORDER_ROWS || config.order == SVETUNE_ORDER_COLUMNS) &&
         kernels.gemm[static_cast<std::size_t>(config.mr)][static_cast<std::size_t>(config.nr)]
                     [static_cast<std::size_t>(unroll)] != nullptr;
}

[[gnu::section(".svetune_text")]] bool has_fused(const MicroKernels& kernels, const svetune_config& config) {
  return fused_tile_fits(config.mr, config.nr) && config.exp2 >= SVETUNE_EXP2_FEXPA &&
         config.exp2 <= SVETUNE_EXP2_TABLE &&
         (config.order == SVETUNE_ORDER_ROWS || config.order == SVETUNE_ORDER_COLUMNS) &&
         kernels.fused[static_cast<std::size_t>(config.exp2 - 1)][static_cast<std::size_t>(config.mr)]
                      [static_cast<std::size_t>(config.nr)] != nullptr;
}

[[gnu::section(".svetune_text")]] void exp2_rows(Exp2Row exp2, const Exp2Operands& x, std::int64_t rows,
                                                 std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i) {
    const float sum = exp2(x.s + i * x.lds, x.p + i * x.ldp, static_cast<std::size_t>(n), x.scale, x.max[i]);
    if (x.row_sum != nullptr) x.row_sum[i] += sum;
  }
}

[[gnu::section(".svetune_text")]] void gemm_tiles(const MicroKernels& kernels, const svetune_config& config,
                                                  const GemmOperands& x) {
  const std::int64_t width = config.nr * static_cast<std::int64_t>(kernels.lanes);
  const std::int64_t height = config.mr;
  const int unroll = unroll_index(config.k_unroll);
  if (config.order == SVETUNE_ORDER_ROWS) {
    for (std::int64_t i = 0; i < x.m; i += height) {
      for (std::int64_t j = 0; j < x.n; j += width)
        gemm_tile_at(kernels, unroll, x, i, smaller(height, x.m - i), j, smaller(width, x.n - j));
    }
  } else {
    for (std::int64_t j = 0; j < x.n; j += width) {
      for (std::int64_t i = 0; i < x.m; i += height)
        gemm_tile_at(kernels, unroll, x, i, smaller(height, x.m - i), j, smaller(width, x.n - j));
    }
  }
}

[[gnu::section(".svetune_text")]] void fused_tile(const MicroKernels& kernels, const svetune_config& config,
                                                  const svetune_problem& problem, const svetune_args& args,
                                                  const FusedPlace& place) {
  const auto lanes = static_cast<std::int64_t>(kernels.lanes);
  const auto method = static_cast<std::size_t>(config.exp2 - 1);
  const auto rows = static_cast<std::size_t>(place.rows);
  std::size_t vectors = 1;
  for (std::int64_t covered = lanes; covered < place.n; covered += lanes) ++vectors;

  // The first column of tiles adds the sums: once a row.
  const bool sums = problem.operation == SVETUNE_EXP2_GEMM_SUMS && place.column == 0;
  const float* const s = args.s + place.row * args.lds;
  const float* const max = args.max + place.row;
  const float* const v = args.v + place.column;
  float* const o = args.o + place.row * args.ldo + place.column;
  const auto n = static_cast<std::size_t>(place.n);
  const std::int64_t whole = every_row_ordinary(args, place) ? problem.nc & -lanes : 0;
  if (whole != 0) {
    float* const row_sum = sums ? args.row_sum + place.row : nullptr;
    float* const stored = place.store ? place.p : nullptr;
    kernels.fused[method][rows][vectors]({s, args.lds, max, args.scale, stored, place.ldp, v, args.ldv, o, args.ldo,
                                          static_cast<std::size_t>(whole), n, row_sum, place.partial});
  }
  // What is left, less than a vector as a rule: by way of memory.
  for (std::int64_t k = whole; k < problem.nc; k += lanes) {
    const std::int64_t length = smaller(lanes, problem.nc - k);
    float* const p = place.store ? place.p + k : place.p;
    exp2_rows(kernels.exp2[sums ? 1 : 0][method][0],
              {s + k, args.lds, max, args.scale, p, place.ldp, sums ? args.row_sum + place.row : nullptr}, place.rows,
              length);
    kernels.gemm[rows][vectors][0](p, place.ldp, v + k * args.ldv, args.ldv, o, args.ldo,
                                   static_cast<std::size_t>(length), n);
  }
}

}  // namespace svetune
