// Durable evaluations a second into one database, and the best of a million.
#include "db/store.hpp"

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "db/query.hpp"

namespace svetune::db {
namespace {

const Machine kMachine{"a64fx", 512, 2.2, 64, "clang 19", "-O2"};
const Timer kTimer{"model:a64fx", "1"};

// SVETUNE_BENCH_DIR chooses the disk; /tmp may be memory.
std::filesystem::path fresh_file(const char* name) {
  const char* folder = std::getenv("SVETUNE_BENCH_DIR");
  const auto file = std::filesystem::path(folder == nullptr ? "." : folder) / name;
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  return file;
}

Evaluation row_of(std::int64_t nc, const svetune_config& config, std::size_t i) {
  Evaluation row;
  row.problem = parse_problem("16x" + std::to_string(nc) + "x128");
  row.config = config;
  row.error = 1e-7;
  row.samples = {1000.0 + static_cast<double>(i * 7919 % 100'003)};
  row.when = "2026-11-24T12:00:00.000Z";
  return row;
}

// range(0) threads, each a commit an evaluation: as many workers of a sweep.
void durable_evaluations(benchmark::State& state) {
  const auto space = enumerate({parse_problem("16x128x128"), 512});
  const auto threads = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kRows = 4000;
  std::int64_t nc = 1;
  const auto file = fresh_file("store_benchmark.db");
  Store store(file, Store::Mode::read_write);
  const Session session = store.begin_sweep(kMachine, kTimer, "benchmark", 1);
  for (auto _ : state) {
    std::vector<std::thread> workers;
    ++nc;
    for (std::size_t worker = 0; worker < threads; ++worker) {
      workers.emplace_back([&, worker] {
        for (std::size_t i = worker; i < kRows; i += threads) store.add(session, row_of(nc, space[i], i));
      });
    }
    for (std::thread& worker : workers) worker.join();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}
BENCHMARK(durable_evaluations)->Arg(1)->Arg(2)->Arg(8)->Arg(48)->UseRealTime()->Unit(benchmark::kMillisecond);

// A million evaluations of 250 problems; made once, in some minutes.
const std::filesystem::path& a_million() {
  static const std::filesystem::path file = [] {
    const auto space = enumerate({parse_problem("16x128x128"), 512});
    constexpr std::size_t kProblems = 250, kEach = 4000;
    auto name = fresh_file("million_benchmark.db");
    Store store(name, Store::Mode::read_write);
    const Session session = store.begin_sweep(kMachine, kTimer, "benchmark", 1);
    std::vector<std::thread> workers;
    for (std::size_t worker = 0; worker < 64; ++worker) {
      workers.emplace_back([&, worker] {
        for (std::size_t i = worker; i < kProblems * kEach; i += 64)
          store.add(session, row_of(static_cast<std::int64_t>(1 + i / kEach), space[i % kEach], i));
      });
    }
    for (std::thread& worker : workers) worker.join();
    return name;
  }();
  return file;
}

// The command's question: the ten best for a problem. Opening the database is part of the answer.
void best_of_a_million(benchmark::State& state, const char* problem) {
  const auto& file = a_million();
  for (auto _ : state) {
    const Store store(file, Store::Mode::read_only);
    benchmark::DoNotOptimize(answers(store, parse_problem(problem), {}, 10));
  }
}
BENCHMARK_CAPTURE(best_of_a_million, exact, "16x125x128")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(best_of_a_million, nearest, "17x300x128")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(best_of_a_million, robust_default, "4096x4096x4096")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace svetune::db

BENCHMARK_MAIN();
