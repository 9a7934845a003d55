// The generated header's lookup among 1000 entries of any shape, each at most 100 ns: exact, nearest and default.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "lookup_config.h"

namespace {

struct Shape {
  std::int64_t m, nc, d;
};

void look_up(benchmark::State& state, const std::vector<Shape>& shapes, svetune_rule rule) {
  std::size_t i = 0, others = 0;
  for (auto _ : state) {
    const Shape& shape = shapes[i++ % shapes.size()];
    const svetune_choice choice = svetune_lookup(512, 0x461f0010, 0, 0, shape.m, shape.nc, shape.d);
    benchmark::DoNotOptimize(choice);
    others += choice.rule != rule ? 1 : 0;
  }
  if (others != 0) state.SkipWithError("another rule has answered");
}

std::vector<Shape> random_shapes(unsigned m, int extent) {
  std::mt19937 random(2);
  std::vector<Shape> shapes;
  std::uniform_int_distribution<int> rows(1, static_cast<int>(m)), others(1, extent);
  for (int i = 0; i < 4096; ++i) shapes.push_back({rows(random), others(random), others(random)});
  return shapes;
}

void exact(benchmark::State& state) {
  std::vector<Shape> shapes;
  const svetune_machine& machine = svetune_machines[0];
  for (int i = 0; i < machine.entry_count; ++i) {
    const svetune_entry& entry = machine.entries[i];
    if (entry.m != 0) shapes.push_back({entry.m, entry.nc, entry.d});
  }
  look_up(state, shapes, SVETUNE_RULE_EXACT);
}
BENCHMARK(exact);

void nearest(benchmark::State& state) {
  auto shapes = random_shapes(64, 4096);  // some nc or d are too small for anything to be near
  std::erase_if(shapes, [](const Shape& x) {
    return svetune_lookup(512, 0x461f0010, 0, 0, x.m, x.nc, x.d).rule != SVETUNE_RULE_NEAREST;
  });
  look_up(state, shapes, SVETUNE_RULE_NEAREST);
}
BENCHMARK(nearest);

void far_away(benchmark::State& state) {
  auto shapes = random_shapes(64, 4096);
  for (Shape& shape : shapes) shape.m += 1 << 20;
  look_up(state, shapes, SVETUNE_RULE_DEFAULT);
}
BENCHMARK(far_away);

}  // namespace

BENCHMARK_MAIN();
