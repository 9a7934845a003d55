// study: the published study's approaches with its own kernels (micro/study.cpp), called as it called them. They stand
// beside its measured cycles in `svetune reproduce`; `separate`, `two_pass` and `fused` are what competes.
#include "micro/study.hpp"

#include "strategies/common.hpp"
#include "strategies/strategies.hpp"

namespace svetune {
namespace {

constexpr std::int64_t kHeight = 4, kWidth = 64;

Values approaches(const Target&) {
  return {SVETUNE_APPROACH_SEPARATE, SVETUNE_APPROACH_FUSED, SVETUNE_APPROACH_TWO_PASS};
}

bool approach_holds(const Target&, const svetune_config& config) {
  return config.approach >= SVETUNE_APPROACH_SEPARATE && config.approach <= SVETUNE_APPROACH_TWO_PASS;
}

bool whole_tiles(const svetune_problem& problem) {
  return problem.m % kHeight == 0 && problem.nc % kWidth == 0 && problem.d % kWidth == 0;
}

bool tiles_hold(const Target& target, const svetune_config&) {
  return target.vector_bits == 512 && whole_tiles(target.problem.shape);
}

bool low_accuracy(const Target& target, const svetune_config&) {
  return target.problem.shape.accuracy == SVETUNE_ACCURACY_LOW;
}

constexpr AxisUse kAxes[] = {{"approach", approaches, SVETUNE_APPROACH_SEPARATE}};
constexpr Constraint kTiles = {"tiles", "the study's kernels take m in fours, nc and d in 64s, and vectors of 512 bits",
                               tiles_hold};
constexpr Constraint kAccuracyLow = {"accuracy", "the study's exp2 needs accuracy=low", low_accuracy};
constexpr Constraint kApproach = {"approach", "separate, fused or two_pass", approach_holds};
constexpr Constraint kConstraints[] = {kAccuracyLow, kTiles, kApproach};
constexpr Constraint kGemmConstraints[] = {kTiles};

[[gnu::section(".svetune_text")]] std::size_t workspace(const svetune_problem& problem, const svetune_config&) {
  return workspace_size(problem.m, problem.nc);
}

[[gnu::section(".svetune_text")]] std::size_t no_workspace(const svetune_problem&, const svetune_config&) {
  return 0;
}

[[gnu::section(".svetune_text")]] void gemm_from(const StudyKernels& kernels, std::int64_t column,
                                                 const svetune_problem& problem, const svetune_args& args,
                                                 const float* p, std::ptrdiff_t ldp) {
  if (problem.m == kHeight && problem.d == column + kWidth) {  // one tile: the kernel's call itself was timed
    kernels.gemm(p, ldp, args.v + column, args.ldv, args.o + column, args.ldo, static_cast<std::size_t>(problem.nc));
    return;
  }
  for (std::int64_t i = 0; i < problem.m; i += kHeight) {
    const auto tile = [&, i](std::int64_t j) {
      kernels.gemm(p + i * ldp, ldp, args.v + j, args.ldv, args.o + i * args.ldo + j, args.ldo,
                   static_cast<std::size_t>(problem.nc));
    };
    // The study wrote its two tiles one after the other; a loop's exit would be mispredicted at the second.
    if (column < problem.d) tile(column);
    if (column + kWidth < problem.d) tile(column + kWidth);
    for (std::int64_t j = column + 2 * kWidth; j < problem.d; j += kWidth) tile(j);
  }
}

// The fused pass over the first `columns` columns.
[[gnu::section(".svetune_text")]] void fused_until(const StudyKernels& kernels, std::int64_t columns,
                                                   const svetune_problem& problem, const svetune_args& args, float* p,
                                                   std::ptrdiff_t ldp) {
  for (std::int64_t i = 0; i < problem.m; i += kHeight) {
    for (std::int64_t j = 0; j < columns; j += kWidth)
      kernels.fused({args.s + i * args.lds, args.lds, args.max + i, args.scale, p + i * ldp, ldp, args.v + j, args.ldv,
                     args.o + i * args.ldo + j, args.ldo, static_cast<std::size_t>(problem.nc)});
  }
}

[[gnu::section(".svetune_text")]] svetune_status run(const MicroKernels& kernels, const svetune_problem& problem,
                                                     const svetune_config& config, const svetune_args& args) {
  if (kernels.study == nullptr || !whole_tiles(problem)) return SVETUNE_BAD_CONFIGURATION;
  auto* const p = static_cast<float*>(args.workspace);
  const std::ptrdiff_t ldp = workspace_stride(problem.nc);
  if (config.approach == SVETUNE_APPROACH_FUSED) {
    fused_until(*kernels.study, problem.d, problem, args, p, ldp);
  } else if (config.approach == SVETUNE_APPROACH_TWO_PASS) {
    fused_until(*kernels.study, kWidth, problem, args, p, ldp);
    gemm_from(*kernels.study, kWidth, problem, args, p, ldp);
  } else {
    for (std::int64_t i = 0; i < problem.m; ++i)
      kernels.study->exp2_row(args.s + i * args.lds, p + i * ldp, static_cast<std::size_t>(problem.nc), args.scale,
                              args.max[i]);
    gemm_from(*kernels.study, 0, problem, args, p, ldp);
  }
  return SVETUNE_OK;
}

[[gnu::section(".svetune_text")]] svetune_status run_gemm(const MicroKernels& kernels, const svetune_problem& problem,
                                                          const svetune_config&, const svetune_args& args) {
  if (kernels.study == nullptr || !whole_tiles(problem)) return SVETUNE_BAD_CONFIGURATION;
  gemm_from(*kernels.study, 0, problem, args, args.p, args.ldp);
  return SVETUNE_OK;
}

}  // namespace

constinit const Strategy study_strategy = {.id = SVETUNE_STUDY,
                                           .name = "study",
                                           .summary = "the study's kernels, for comparison with its measured cycles",
                                           .may_win = false,
                                           .published = true,
                                           .axes = kAxes,
                                           .constraints = kConstraints,
                                           .workspace_bytes = workspace,
                                           .run = run};

constinit const Strategy study_gemm_strategy = {.id = SVETUNE_STUDY_GEMM,
                                                .name = "study_gemm",
                                                .summary = "the study's GEMM tile alone, P given",
                                                .may_win = false,
                                                .p_given = true,
                                                .published = true,
                                                .axes = {},
                                                .constraints = kGemmConstraints,
                                                .workspace_bytes = no_workspace,
                                                .run = run_gemm};

}  // namespace svetune
