// verify: O against fp64, then P alone (V the identity, O zero), both in guarded memory.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "reference/reference.hpp"
#include "runner/checked_run.hpp"
#include "runner/footprint.hpp"
#include "runner/modes.hpp"
#include "runner/operands.hpp"

namespace svetune {
namespace {

// P is looked at in a corner of the problem that has its ragged ends: more would only cost time.
constexpr std::int64_t kRowsOfP = 16;
constexpr std::int64_t kColumnsOfP = 128;
constexpr double kLargestUlp = 1.2;  // what micro/exp2_core.hpp promises

std::int64_t corner(std::int64_t extent, std::int64_t largest) {
  return extent <= largest || extent % 16 == 0 ? std::min(extent, largest) : largest - 16 + extent % 16;
}

svetune_problem corner_of(svetune_problem shape) {
  shape.m = corner(shape.m, kRowsOfP);
  shape.nc = shape.d = corner(shape.nc, kColumnsOfP);
  return shape;
}

// All that candidates of one problem and seed share.
struct Case {
  Case(const Problem& wanted, std::uint64_t seed, Masks masks)
      : operands(wanted, seed, Layout::kTight, masks),
        start(operands.o.floats(), operands.o.floats() + operands.o.bytes() / sizeof(float)),
        timed(wanted, seed, Layout::kAligned, Masks::kNone),
        p_shape(corner_of(wanted.shape)),
        identity_stride(p_shape.nc),
        plain({p_shape, 0}, seed, Layout::kTight, Masks::kNone),
        plain_p(exact_p(plain)),
        identity(static_cast<std::size_t>(identity_stride * identity_stride) * sizeof(float)),
        p_out(static_cast<std::size_t>(p_shape.m * identity_stride) * sizeof(float)) {
    std::memset(identity.data(), 0, identity.bytes());
    for (std::int64_t k = 0; k < identity_stride; ++k) identity.floats()[k * (identity_stride + 1)] = 1;
    for (auto* input : {&operands.s, &operands.max, &operands.p, &operands.v, &plain.s, &plain.max, &identity})
      input->make_read_only();
  }

  const Reference& reference(bool p_given) {
    auto& wanted = p_given ? with_given_p : with_s;
    if (!wanted) {
      const auto& shape = operands.problem.shape;
      const Matrix v{operands.v.floats(), static_cast<std::ptrdiff_t>(operands.problem.v_stride())};
      const bool added = shape.operation != SVETUNE_SOFTMAX_GEMM;
      const std::vector<float> zeros(added ? 0 : start.size());
      wanted = reference_result(shape, p_given ? given_p() : exact_p(operands), v,
                                {added ? start.data() : zeros.data(), operands.ldo});
    }
    return *wanted;
  }

  static std::vector<double> exact_p(const Operands& x) {
    const Matrix s{x.s.floats(), x.lds};
    if (x.problem.shape.operation == SVETUNE_SOFTMAX_GEMM) return reference_softmax(x.problem.shape, s, x.scale);
    return reference_p(x.problem.shape, s, x.max.floats(), x.scale);
  }

  std::vector<double> given_p() const {
    const auto& shape = operands.problem.shape;
    std::vector<double> p;
    for (std::int64_t i = 0; i < shape.m; ++i)
      p.insert(p.end(), operands.p.floats() + i * operands.ldp, operands.p.floats() + i * operands.ldp + shape.nc);
    return p;
  }

  Operands operands;
  std::vector<float> start;  // O before the call, padding included
  Operands timed;            // as the modes that time have them
  svetune_problem p_shape;
  std::ptrdiff_t identity_stride;
  Operands plain;  // of p_shape, without masked elements: what kernels do with rows that need no care
  std::vector<double> plain_p;
  GuardedBuffer identity, p_out;
  std::optional<Reference> with_s, with_given_p;
};

struct Outcome {
  std::string detail;  // empty: nothing wrong
  double error = 0, p_ulp = 0;
};

// Calls the kernel; the workspace holds NaN before the call.
std::string run(const svetune_problem& shape, const svetune_config& config, svetune_args args) {
  const std::size_t bytes = svetune_workspace_bytes(&shape, &config);
  const GuardedBuffer workspace(bytes);
  std::memset(workspace.data(), 0xFF, bytes);
  args.workspace = workspace.data();
  args.workspace_bytes = bytes;
  bool preserved = false;
  const svetune_status status = checked_run(shape, config, args, preserved);
  if (status != SVETUNE_OK) return svetune_status_text(status);
  return preserved ? "" : "d8-d15 are not preserved";
}

bool padding_intact(const Case& item) {
  const auto& shape = item.operands.problem.shape;
  const float* const now = item.operands.o.floats();
  for (std::int64_t i = 0; i + 1 < shape.m; ++i) {
    const auto from = i * item.operands.ldo + shape.d;
    const auto length = static_cast<std::size_t>(item.operands.ldo - shape.d) * sizeof(float);
    if (std::memcmp(now + from, item.start.data() + from, length) != 0) return false;
  }
  return true;
}

// Sums are compared as O is, and a problem without them leaves them alone.
void check_sums(Case& item, Outcome& outcome) {
  const auto& shape = item.operands.problem.shape;
  const float* const sums = item.operands.row_sum.floats();
  if (shape.operation != SVETUNE_EXP2_GEMM_SUMS) {
    if (std::any_of(sums, sums + shape.m, [](float sum) { return sum != kFirstSum; }))
      outcome.detail = "wrote row sums that were not asked for";
    return;
  }
  const double error = sum_error(shape.m, sums, kFirstSum, item.reference(false));
  outcome.error = std::max(outcome.error, error);
  if (!(error <= error_bound(item.operands.problem))) outcome.detail = "a row sum is off by " + std::to_string(error);
}

void check_o(Case& item, const svetune_config& config, Outcome& outcome) {
  auto& operands = item.operands;
  std::copy(item.start.begin(), item.start.end(), operands.o.floats());
  std::fill_n(operands.row_sum.floats(), operands.problem.shape.m, kFirstSum);
  outcome.detail = run(operands.problem.shape, config, operands.args(nullptr, 0));
  if (!outcome.detail.empty()) return;
  outcome.error = result_error(operands.problem.shape, {operands.o.floats(), operands.ldo},
                               item.reference(find_strategy(config.strategy)->p_given));
  if (!(outcome.error <= error_bound(operands.problem)))
    outcome.detail = "O is off by more than " + std::to_string(error_bound(operands.problem) * 0x1p24) + " * 2^-24";
  else if (!padding_intact(item))
    outcome.detail = "wrote between the rows of O";
  if (outcome.detail.empty()) check_sums(item, outcome);
}

// P of `operands`, whose rows have `columns` elements in `exact`.
void check_p(Case& item, const svetune_config& config, const Operands& operands, const std::vector<double>& exact,
             std::int64_t columns, Outcome& outcome) {
  std::memset(item.p_out.data(), 0, item.p_out.bytes());
  auto args = operands.args(nullptr, 0);
  args.v = item.identity.floats();
  args.o = item.p_out.floats();
  args.ldv = args.ldo = item.identity_stride;
  outcome.detail = run(item.p_shape, config, args);
  for (std::int64_t i = 0; i < item.p_shape.m; ++i) {
    for (std::int64_t k = 0; k < item.p_shape.nc; ++k)
      outcome.p_ulp = std::max(outcome.p_ulp, ulp_distance(item.p_out.floats()[i * item.identity_stride + k],
                                                           exact[static_cast<std::size_t>(i * columns + k)]));
  }
  // Weights of softmax are quotients: with the identity for V, O itself.
  const bool quotients = item.p_shape.operation == SVETUNE_SOFTMAX_GEMM;
  const double bound = quotients ? error_bound({item.p_shape, 0}) * 0x1p24
                                 : kLargestUlp + accuracy_bound(item.p_shape.accuracy) * 0x1p24;
  if (outcome.detail.empty() && !(outcome.p_ulp <= bound))
    outcome.detail = "P is off by more than " + std::to_string(bound) + " ULP";
}

void check_p(Case& item, const svetune_config& config, Outcome& outcome) {
  if (item.p_shape.operation != SVETUNE_SOFTMAX_GEMM) {  // there, what is left of a row has other weights
    check_p(item, config, item.operands, item.reference(false).p, item.operands.problem.shape.nc, outcome);
    if (!outcome.detail.empty()) return;
  }
  check_p(item, config, item.plain, item.plain_p, item.p_shape.nc, outcome);
}

class Verify : public Mode {
 public:
  std::string answer(const Request& request) override {
    if (auto refused = refusal(request); !refused.empty()) return refused;
    const Masks masks = find_strategy(request.config.strategy)->published ? Masks::kNone : Masks::kSome;
    const auto key = request.problem_text + (masks == Masks::kSome ? "/" : "/unmasked/") + std::to_string(request.seed);
    if (!case_ || key != key_) {
      case_.reset();
      case_.emplace(request.problem, request.seed, masks);
      key_ = key;
    }
    Outcome outcome;
    check_o(*case_, request.config, outcome);
    if (outcome.detail.empty() && !find_strategy(request.config.strategy)->p_given)
      check_p(*case_, request.config, outcome);
    return field("status", outcome.detail.empty() ? "ok" : "wrong_result") + field("error", outcome.error) +
           field("p_ulp", outcome.p_ulp) + (outcome.detail.empty() ? "" : field("detail", outcome.detail)) +
           field("code", address_list(footprint(request.config))) +
           field("call", address_list({reinterpret_cast<std::uintptr_t>(&svetune_call)}));
  }

 private:
  // The code of what was verified and of what is timed: operands without masked elements may take another path.
  std::vector<std::uintptr_t> footprint(const svetune_config& config) {
    const svetune_problem& shape = case_->operands.problem.shape;
    const GuardedBuffer workspace(svetune_workspace_bytes(&shape, &config), 256);
    if (!footprint_) footprint_.emplace(*micro_kernels(svetune_vector_bits()));
    std::set<std::uintptr_t> places;
    for (const Operands* operands : {&case_->operands, &case_->timed}) {
      const auto reached = footprint_->record(shape, config, operands->args(workspace.data(), workspace.bytes()));
      places.insert(reached.begin(), reached.end());
    }
    return {places.begin(), places.end()};
  }

  std::optional<Footprint> footprint_;
  std::optional<Case> case_;
  std::string key_;
};

}  // namespace

std::unique_ptr<Mode> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace svetune
