// Many heads in one call in C++17: the configuration is looked up once, the batch is spread over std::thread, and every
// head's result is the same, bit by bit, as that of a call of its own. Usage: heads [HEADS THREADS]
#include <svetune/kernels.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <svetune/spread.hpp>
#include <vector>

#include "svetune_config.h"

int main(int argc, char** argv) {
  const int heads = argc == 3 ? std::atoi(argv[1]) : 7, threads = argc == 3 ? std::atoi(argv[2]) : 3;
  const svetune_problem problem{SVETUNE_EXP2_GEMM, SVETUNE_ACCURACY_FULL, 4, 64, 128};
  const std::ptrdiff_t m = 4, nc = 64, d = 128;
  svetune_config config{};
  if (svetune_configure(&problem, &config).rule == SVETUNE_RULE_NONE) {
    std::fprintf(stderr, "the header has nothing for vectors of %u bits\n", svetune_vector_bits());
    return 2;
  }
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto numbers = [&](std::ptrdiff_t count) {
    std::vector<float> x(static_cast<std::size_t>(count));
    for (float& value : x) value = uniform(random);
    return x;
  };
  const auto s = numbers(heads * m * nc), v = numbers(heads * nc * d), before = numbers(heads * m * d);
  const std::vector<float> max(static_cast<std::size_t>(heads * m), 1.0F);
  std::vector<float> o = before, alone = before;

  svetune_args args{};
  args.s = s.data(), args.lds = nc, args.max = max.data(), args.scale = 1.0F;
  args.v = v.data(), args.ldv = d, args.o = o.data(), args.ldo = d;
  args.workspace_bytes = svetune_batch_workspace_bytes(&problem, &config, threads);
  std::vector<char> workspace(args.workspace_bytes);
  args.workspace = workspace.data();
  svetune_batch batch{};
  batch.count = heads, batch.s = m * nc, batch.max = m, batch.v = nc * d, batch.o = m * d;
  const svetune_status status =
      svetune_run_batch(&problem, &config, &args, &batch, threads, svetune::spread_threads, nullptr);
  if (status != SVETUNE_OK) {
    std::fprintf(stderr, "%s\n", svetune_status_text(status));
    return 1;
  }
  for (int head = 0; head < heads; ++head) {
    svetune_args one = args;
    one.s += head * m * nc, one.max += head * m, one.v += head * nc * d;
    one.o = alone.data() + head * m * d;
    if (svetune_run(&problem, &config, &one) != SVETUNE_OK) return 1;
  }
  const bool same = std::memcmp(o.data(), alone.data(), o.size() * sizeof(float)) == 0;
  const bool changed = std::memcmp(o.data(), before.data(), o.size() * sizeof(float)) != 0;
  std::printf("%d heads on %d threads: %s\n", heads, threads, same && changed ? "the same bits as alone" : "differ");
  return same && changed ? 0 : 1;
}
