#include "space/problem.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace svetune {
namespace {

constexpr std::string_view kHelp =
    "; write it as MxNCxD[:accuracy=full|high|medium|low][:ldv=N][:sums|:softmax], for example 4x64x128 or "
    "4x64x64:ldv=128";
constexpr std::array<std::string_view, 4> kAccuracies = {"full", "high", "medium", "low"};
constexpr std::array<std::string_view, 3> kOperations = {"exp2_gemm", "exp2_gemm_sums", "softmax_gemm"};
constexpr std::array<std::string_view, 3> kOptions = {"", "sums", "softmax"};  // the same, as options of their own

[[noreturn]] void fail(std::string_view text, std::string_view what) {
  throw InputError("problem \"" + std::string(text) + "\": " + std::string(what) + std::string(kHelp));
}

std::int64_t parse_extent(std::string_view text, std::string_view word, std::string_view name) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value < 1 ||
      value > std::numeric_limits<std::int32_t>::max())
    fail(text, std::string(name) + " must be a whole number from 1 to 2147483647");
  return value;
}

std::string_view take(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto word = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return word;
}

void parse_option(Problem& problem, std::string_view text, std::string_view option, unsigned& seen) {
  const bool has_value = option.find('=') != std::string_view::npos;
  const auto key = take(option, '=');
  unsigned bit = 0;
  if (key == "ldv") {
    bit = 1;
    problem.ldv = parse_extent(text, option, "ldv");
    if (problem.ldv < problem.shape.d) fail(text, "ldv must be at least d");
    if (problem.ldv == problem.shape.d) problem.ldv = 0;
  } else if (key == "accuracy") {
    bit = 2;
    const auto found = std::find(kAccuracies.begin(), kAccuracies.end(), option);
    if (found == kAccuracies.end()) fail(text, "accuracy must be full, high, medium or low");
    problem.shape.accuracy = static_cast<std::int32_t>(found - kAccuracies.begin());
  } else if (key == "operation") {
    bit = 4;
    const auto found = std::find(kOperations.begin(), kOperations.end(), option);
    if (found == kOperations.end()) fail(text, "operation must be exp2_gemm, exp2_gemm_sums or softmax_gemm");
    problem.shape.operation = static_cast<std::int32_t>(found - kOperations.begin());
  } else if (const auto found = std::find(kOptions.begin(), kOptions.end(), key);
             found != kOptions.end() && !key.empty()) {
    bit = 4;
    if (has_value) fail(text, std::string(key) + " takes no value");
    problem.shape.operation = static_cast<std::int32_t>(found - kOptions.begin());
  } else {
    fail(text, "unknown option \"" + std::string(key) + "\"");
  }
  if ((seen & bit) != 0) fail(text, std::string(key) + " is given twice, or against another");
  seen |= bit;
}

}  // namespace

double Problem::flop() const {
  return 2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.nc) * static_cast<double>(shape.d);
}

bool Problem::operator==(const Problem& other) const {
  return shape.operation == other.shape.operation && shape.accuracy == other.shape.accuracy &&
         shape.m == other.shape.m && shape.nc == other.shape.nc && shape.d == other.shape.d &&
         v_stride() == other.v_stride();
}

Problem parse_problem(std::string_view text) {
  Problem problem;
  auto options = text;
  auto extents = take(options, ':');
  const bool dangling = !text.empty() && text.back() == ':';
  problem.shape.m = parse_extent(text, take(extents, 'x'), "m");
  problem.shape.nc = parse_extent(text, take(extents, 'x'), "nc");
  problem.shape.d = parse_extent(text, extents, "d");
  if (dangling) fail(text, "an option is missing at the end");
  for (unsigned seen = 0; !options.empty();) parse_option(problem, text, take(options, ':'), seen);
  return problem;
}

std::string to_text(const Problem& problem) {
  const auto& shape = problem.shape;
  auto text = std::to_string(shape.m) + "x" + std::to_string(shape.nc) + "x" + std::to_string(shape.d);
  if (shape.accuracy != SVETUNE_ACCURACY_FULL)
    text += ":accuracy=" + std::string(kAccuracies.at(static_cast<std::size_t>(shape.accuracy)));
  if (problem.v_stride() != shape.d) text += ":ldv=" + std::to_string(problem.ldv);
  if (shape.operation != SVETUNE_EXP2_GEMM)
    text += ":" + std::string(kOptions.at(static_cast<std::size_t>(shape.operation)));
  return text;
}

double accuracy_bound(std::int32_t accuracy) {
  switch (accuracy) {
    case SVETUNE_ACCURACY_HIGH:
      return 0x1p-21;
    case SVETUNE_ACCURACY_MEDIUM:
      return 0x1p-14;
    case SVETUNE_ACCURACY_LOW:
      return 0x1p-6;
    default:
      return 0;
  }
}

double error_bound(const Problem& problem) {
  const double quotient = problem.shape.operation == SVETUNE_SOFTMAX_GEMM ? 2 : 1;
  return (4 + std::sqrt(static_cast<double>(problem.shape.nc))) * 0x1p-24 +
         quotient * accuracy_bound(problem.shape.accuracy);
}

}  // namespace svetune
