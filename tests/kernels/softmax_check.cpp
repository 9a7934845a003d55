// svetune-softmax-check: softmax_gemm against fp64 for nc from 1 to 8192, between guard pages, with rows that are rare:
// masked whole, from the left, from the right or by -1e30, rising so that every block rescales, with NaN or +inf. O
// holds NaN before the call and max is null. Prints the number of calls and the largest error, or what failed; exit
// code 1 then.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "reference/reference.hpp"
#include "runner/checked_run.hpp"
#include "runner/operands.hpp"

namespace svetune {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::int64_t kKinds = 9;

void make_row(float* s, std::int64_t nc, std::int64_t kind) {
  const auto fill = [s](std::int64_t from, std::int64_t to, float value) { std::fill(s + from, s + to, value); };
  switch (kind % kKinds) {
    case 1:
      return fill(0, nc, -kInfinity);
    case 2:
      return fill(0, nc - nc / 4, -kInfinity);
    case 3:
      return fill(nc / 4 + 1, nc, -kInfinity);
    case 4:
      for (std::int64_t k = 0; k < nc; ++k) s[k] += static_cast<float>(k);  // rises by 5.8 a vector of 32
      return;
    case 5:
      s[nc / 2] = std::nanf("");
      return;
    case 6:
      s[nc - 1] = kInfinity;
      return;
    case 7:
      return fill(0, nc / 2, -1e30F);
    case 8:
      return fill(0, nc, -1e30F);
    default:
      return;
  }
}

struct Tally {
  int calls = 0;
  double largest = 0;  // error over its bound
};

bool right(const std::string& text, const std::string& config_text, float sign, Tally& tally) {
  const Problem problem = parse_problem(text);
  const svetune_config config = parse_configuration(config_text);
  Operands x(problem, static_cast<std::uint64_t>(problem.shape.nc), Layout::kTight, Masks::kNone);
  x.scale *= sign;
  for (std::int64_t i = 0; i < problem.shape.m; ++i) {
    float* const row = x.s.floats() + i * x.lds;
    make_row(row, problem.shape.nc, i);
    for (std::int64_t k = 0; k < problem.shape.nc; ++k) row[k] *= sign;
  }
  x.s.make_read_only();
  std::fill_n(x.o.floats(), x.o.bytes() / sizeof(float), std::nanf(""));
  const std::size_t bytes = svetune_workspace_bytes(&problem.shape, &config);
  const GuardedBuffer workspace(bytes);
  std::memset(workspace.data(), 0xFF, bytes);
  svetune_args args = x.args(workspace.data(), bytes);
  args.max = nullptr;
  args.row_sum = nullptr;
  bool preserved = false;
  const svetune_status status = checked_run(problem.shape, config, args, preserved);
  const std::vector<float> zeros(x.o.bytes() / sizeof(float));
  const Matrix s{x.s.floats(), x.lds}, v{x.v.floats(), static_cast<std::ptrdiff_t>(problem.v_stride())};
  const auto exact =
      reference_result(problem.shape, reference_softmax(problem.shape, s, x.scale), v, {zeros.data(), x.ldo});
  const double error = result_error(problem.shape, {x.o.floats(), x.ldo}, exact);
  ++tally.calls;
  tally.largest = std::max(tally.largest, error / error_bound(problem));
  if (status == SVETUNE_OK && preserved && error <= error_bound(problem)) return true;
  std::printf("%s %s: %s, d8-d15 %s, error %g\n", text.c_str(), config_text.c_str(), svetune_status_text(status),
              preserved ? "preserved" : "lost", error);
  return false;
}

int run() {
  Tally tally;
  std::vector<int> lengths = {63, 64, 65, 127, 128, 129, 255, 500, 1000, 1024, 2049, 4096, 8191, 8192};
  for (int nc = 1; nc <= 40; ++nc) lengths.push_back(nc);
  const char* const blocks[] = {"0", "1", "32", "64", "100", "512"};
  for (const int nc : lengths) {
    for (const char* block : blocks) {
      const int length = std::atoi(block);
      if (length >= nc || (length == 1 && nc > 40)) continue;
      for (const char* unroll : {"4", "16"}) {
        // 21 columns: a ragged tail at every vector length; 131: more than one tile, 9 rows: every kind.
        const std::string d = nc % 2 == 0 ? "131" : "21";
        const std::string text = "9x" + std::to_string(nc) + "x" + d + ":softmax";
        const std::string config = "strategy=panels k_block=" + std::string(block) + " exp2_unroll=" + unroll;
        if (!right(text, config, nc % 3 == 0 ? -1.0F : 1.0F, tally)) return 1;
      }
    }
  }
  std::printf("softmax %d calls, at most %.3f of the bound\n", tally.calls, tally.largest);
  return 0;
}

}  // namespace
}  // namespace svetune

int main() {
  return svetune::run();
}
