// A short run of a harness without libFuzzer, so that it is compiled and tried wherever the tests are: the seeds, cut
// short and with bytes changed, moved and repeated, the same ones every time. Usage: fuzz_NAME RUNS FOLDER...
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<Bytes> read_seeds(int count, char** folders) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < count; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(folders[i])) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> seeds;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return seeds;
}

void mutate(Bytes& bytes, std::mt19937_64& random) {
  const auto place = [&] { return static_cast<std::ptrdiff_t>(random() % (bytes.size() + 1)); };
  for (std::uint64_t left = 1 + random() % 4; left > 0 && !bytes.empty(); --left) {
    auto first = place(), last = place();
    if (first > last) std::swap(first, last);
    last = std::min(last, first + 64);
    const Bytes part(bytes.begin() + first, bytes.begin() + last);
    switch (random() % 5) {
      case 0:
        bytes.resize(static_cast<std::size_t>(last));
        break;
      case 1:
        bytes.erase(bytes.begin() + first, bytes.begin() + last);
        break;
      case 2:
        bytes.insert(bytes.begin() + place(), part.begin(), part.end());
        break;
      default:
        bytes[static_cast<std::size_t>(first) % bytes.size()] = static_cast<std::uint8_t>(random());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const long runs = argc > 2 ? std::strtol(argv[1], nullptr, 10) : 0;
  const auto seeds = argc > 2 ? read_seeds(argc - 2, argv + 2) : std::vector<Bytes>{};
  if (runs < 1 || seeds.empty()) {
    std::fprintf(stderr, "usage: fuzz_NAME RUNS FOLDER..., folders with a seed\n");
    return 2;
  }
  std::mt19937_64 random(1);
  for (long run = 0; run < runs; ++run) {
    Bytes bytes = seeds[static_cast<std::size_t>(run) % seeds.size()];
    if (run >= static_cast<long>(seeds.size())) mutate(bytes, random);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%ld executions\n", runs);
  return 0;
}
