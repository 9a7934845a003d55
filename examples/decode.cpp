// A decode step of multi-head attention in C++17: one new token, grouped queries, a cache of keys and values.
//
//   O = softmax(Q * K^T / sqrt(d)) * V     for kKvHeads caches of `context` keys and values, which kGroup heads share
//   each
//
// Q * K^T is a plain loop, as svetune is the other half: softmax_gemm takes the scores as they are, finds their maxima
// and normalises. The step is checked against double precision. Usage: decode [CONTEXT THREADS]
#include <svetune/kernels.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <svetune/spread.hpp>
#include <vector>

#include "svetune_config.h"

namespace {

constexpr std::ptrdiff_t kKvHeads = 3, kGroup = 4, kWidth = 128;
constexpr double kLog2E = 1.4426950408889634;

std::vector<float> numbers(std::mt19937& random, std::ptrdiff_t count, float deviation) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> x(static_cast<std::size_t>(count));
  for (float& value : x) value = normal(random);
  return x;
}

std::vector<float> scores_of(const std::vector<float>& q, const std::vector<float>& keys, std::ptrdiff_t context) {
  std::vector<float> scores;
  for (std::ptrdiff_t row = 0; row < kKvHeads * kGroup; ++row) {
    for (std::ptrdiff_t k = 0; k < context; ++k) {
      float score = 0;
      for (std::ptrdiff_t j = 0; j < kWidth; ++j)
        score += q[static_cast<std::size_t>(row * kWidth + j)] *
                 keys[static_cast<std::size_t>((row / kGroup * context + k) * kWidth + j)];
      scores.push_back(score);
    }
  }
  return scores;
}

// The largest |O - exact| / sum |P V| of one query; its weights P sum to 1.
double error_of(const float* scores, double scale, const float* v, std::ptrdiff_t context, const float* o) {
  std::vector<double> p(static_cast<std::size_t>(context));
  double max = -INFINITY, sum = 0, worst = 0;
  for (std::ptrdiff_t k = 0; k < context; ++k) max = std::fmax(max, static_cast<double>(scores[k]) * scale);
  for (std::ptrdiff_t k = 0; k < context; ++k)
    sum += p[static_cast<std::size_t>(k)] = std::exp2(static_cast<double>(scores[k]) * scale - max);
  for (std::ptrdiff_t j = 0; j < kWidth; ++j) {
    double exact = 0, size = 0;
    for (std::ptrdiff_t k = 0; k < context; ++k) {
      const double term = p[static_cast<std::size_t>(k)] / sum * static_cast<double>(v[k * kWidth + j]);
      exact += term;
      size += std::fabs(term);
    }
    const double error = std::fabs(static_cast<double>(o[j]) - exact) / size;
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

}  // namespace

int main(int argc, char** argv) {
  const std::ptrdiff_t context = argc == 3 ? std::atol(argv[1]) : 1000;
  const int threads = argc == 3 ? std::atoi(argv[2]) : 3;
  if (context < 1 || threads < 1) {
    std::fprintf(stderr, "usage: decode [CONTEXT THREADS], both at least 1\n");
    return 2;
  }
  std::mt19937 random(1);
  const auto q = numbers(random, kKvHeads * kGroup * kWidth, 2);
  const auto keys = numbers(random, kKvHeads * context * kWidth, 1);
  const auto values = numbers(random, kKvHeads * context * kWidth, 1);
  const auto scores = scores_of(q, keys, context);
  std::vector<float> o(q.size());

  const svetune_problem problem{SVETUNE_SOFTMAX_GEMM, SVETUNE_ACCURACY_FULL, kGroup, context, kWidth};
  svetune_config config{};
  if (svetune_configure(&problem, &config).rule == SVETUNE_RULE_NONE) {
    std::fprintf(stderr, "the header has nothing for softmax with vectors of %u bits\n", svetune_vector_bits());
    return 2;
  }
  svetune_args args{};
  args.s = scores.data(), args.lds = context;
  args.scale = static_cast<float>(kLog2E / std::sqrt(static_cast<double>(kWidth)));  // exp2, not exp
  args.v = values.data(), args.ldv = kWidth, args.o = o.data(), args.ldo = kWidth;
  args.workspace_bytes = svetune_batch_workspace_bytes(&problem, &config, threads);
  std::vector<char> workspace(args.workspace_bytes);
  args.workspace = workspace.data();
  svetune_batch batch{};
  batch.count = kKvHeads, batch.s = kGroup * context, batch.v = context * kWidth, batch.o = kGroup * kWidth;
  const svetune_status status =
      svetune_run_batch(&problem, &config, &args, &batch, threads, svetune::spread_threads, nullptr);
  if (status != SVETUNE_OK) {
    std::fprintf(stderr, "%s\n", svetune_status_text(status));
    return 1;
  }

  double worst = 0;
  for (std::ptrdiff_t row = 0; row < kKvHeads * kGroup; ++row) {
    const float* const v = values.data() + row / kGroup * context * kWidth;
    worst = std::fmax(worst, error_of(scores.data() + row * context, static_cast<double>(args.scale), v, context,
                                      o.data() + row * kWidth));
  }
  const double bound = (4 + std::sqrt(static_cast<double>(context))) / 16777216;
  std::printf("%td heads, context %td, %d threads: error %.2e of %.2e\n", kKvHeads * kGroup, context, threads, worst,
              bound);
  return worst <= bound ? 0 : 1;
}
