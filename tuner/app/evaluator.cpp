#include "app/evaluator.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "measure/emulator.hpp"
#include "measure/statistics.hpp"

namespace svetune::app {
namespace {

constexpr auto kDescribeLimit = std::chrono::seconds(30);
constexpr int kKilledAttempts = 24;
// A candidate may take this many times the wall-clock time of the best, and this much for a start of its runners on a
// busy machine.
constexpr double kTimesTheBest = 10, kStartSeconds = 5;
constexpr double kHopeless = 2;  // times the best one's cycles

bool killed(const db::Evaluation& row) {
  return row.status == db::Status::crashed && row.detail.find("SIGKILL") != std::string::npos;
}

db::Status status_of(const measure::Answer& answer) {
  using db::Status;
  for (const Status status : {Status::ok, Status::wrong_result, Status::unsupported, Status::rejected}) {
    if (answer.text("status") == db::to_text(status)) return status;
  }
  return Status::crashed;
}

}  // namespace

StageSeconds& StageSeconds::operator+=(const StageSeconds& other) {
  verify += other.verify;
  trace += other.trace;
  model += other.model;
  store += other.store;
  return *this;
}

Evaluator::Evaluator(const RunChoice& choice, bool time_wrong_results,
                     std::shared_ptr<const measure::KernelImage> image)
    : choice_(choice),
      time_wrong_results_(time_wrong_results),
      image_(std::move(image)),
      verifier_(timing::runner_command(choice.host, choice.facts.vector_bits, "verify")),
      timer_(choice.timer.make(choice.host)) {}

Evaluated Evaluator::evaluate(const Problem& problem, const svetune_config& config, const Best& best) {
  best_ = best;
  Evaluated result = evaluate_once(problem, config);
  // No kernel sends SIGKILL: somebody else did, a person or the system when memory ran out. Only when it comes again
  // and again is it taken for the candidate's fault.
  for (int attempt = 1; attempt < kKilledAttempts && killed(result.row); ++attempt) {
    choice_.log->info("{}: the runner was killed; once more", svetune::to_text(config));
    result = evaluate_once(problem, config);
  }
  if (result.row.status == db::Status::crashed) refuse_vanished_runner();
  return result;
}

void Evaluator::refuse_vanished_runner() const {
  if (access(choice_.host.runner.c_str(), X_OK) == 0) return;
  throw InputError("the runner " + choice_.host.runner.string() +
                   " has vanished; build it again with scripts/build and run the same command to continue");
}

Evaluated Evaluator::evaluate_once(const Problem& problem, const svetune_config& config) {
  Evaluated result;
  db::Evaluation& row = result.row;
  row.problem = problem;
  row.config = config;
  const Target target{problem, choice_.facts.vector_bits};
  if (const Constraint* broken = first_broken_constraint(target, config)) {
    row.status = db::Status::rejected;
    row.detail = std::string(broken->name) + ": " + std::string(broken->why);
    return result;
  }
  const measure::Request request = request_for(problem, config);
  if (image_ != nullptr) {  // until the runner tells which functions it are
    measure::KernelCode code = image_->whole();
    row.kernel_hash = std::move(code.hash);
    row.functions = std::move(code.functions);
  }
  verify(request, row);
  if (row.status == db::Status::ok || (time_wrong_results_ && row.status == db::Status::wrong_result)) {
    time(request, result);
  }
  choice_.log->debug("{} {}: {} {}", request.problem, request.configuration, db::to_text(row.status), row.detail);
  return result;
}

void Evaluator::verify(const measure::Request& request, db::Evaluation& row) {
  const measure::Reply reply = verifier_.ask(request, deadline(row.problem));
  if (const auto* failure = std::get_if<measure::Failure>(&reply)) {
    row.status = failure->status;
    row.detail = "verify: " + failure->detail;
    return;
  }
  const auto& answer = std::get<measure::Answer>(reply);
  row.status = status_of(answer);
  row.detail = answer.text("detail");
  row.error = answer.number("error");
  row.p_ulp = answer.number("p_ulp");
  if (row.status == db::Status::crashed) row.detail = "verify: the runner answered status=" + answer.text("status");
  note_code(answer, row);
}

void Evaluator::note_code(const measure::Answer& answer, db::Evaluation& row) const {
  if (image_ == nullptr) return;
  const auto places = answer.addresses("code");
  const auto call = answer.addresses("call");
  if (places.empty() || call.size() != 1) return;
  auto code = image_->code_of(places, call.front());
  if (!code) throw InputError("the runner's file is not the one that runs; build it again with scripts/build");
  row.kernel_hash = std::move(code->hash);
  row.functions = std::move(code->functions);
}

void Evaluator::time(const measure::Request& request, Evaluated& result) {
  timing::Timed timed = timer_->time(request, {deadline(result.row.problem), kHopeless * best_.cycles, 0});
  result.row.samples = std::move(timed.samples);
  result.row.warnings = std::move(timed.warnings);
  result.report = std::move(timed.report);
  if (timed.status == db::Status::ok && result.row.samples.empty()) {
    timed = {db::Status::crashed, "the timer gave no samples", {}, {}, {}};
  }
  if (timed.status != db::Status::ok) {
    result.row.status = timed.status;
    result.row.detail = choice_.facts.timer.name + ": " + timed.detail;
  } else {
    result.row.cycles = measure::median(result.row.samples);
  }
}

timing::Timed Evaluator::time_again(const Problem& problem, const svetune_config& config, unsigned batches) {
  return timer_->time(request_for(problem, config), {deadline(problem), 0, batches});
}

measure::Request Evaluator::request_for(const Problem& problem, const svetune_config& config) const {
  return {svetune::to_text(problem), svetune::to_text(config), choice_.seed, 0};
}

measure::Deadline Evaluator::deadline(const Problem& problem) const {
  if (choice_.timeout) return measure::Clock::now() + *choice_.timeout;
  // A traced call takes about a microsecond a flop in the worst case; ten seconds cover start-up on a busy machine.
  double seconds = 10.0 + 1e-6 * problem.flop();
  if (best_.seconds > 0) seconds = std::min(seconds, kStartSeconds + kTimesTheBest * best_.seconds);
  const auto limit = std::chrono::duration<double>(seconds);
  return measure::Clock::now() + std::chrono::duration_cast<measure::Clock::duration>(limit);
}

StageSeconds Evaluator::cpu_seconds() const {
  const timing::CpuTime timer = timer_->cpu_time();
  return {verifier_.cpu_seconds(), timer.runner, timer.tuner, 0};
}

namespace {

// What runs the candidates that are timed or traced.
std::string emulator_of(const RunChoice& choice) {
  const auto command = timing::runner_command(choice.host, choice.facts.vector_bits,
                                              choice.timer.kind->takes_machine ? "trace" : choice.timer.kind->name);
  return command.words.front() == choice.host.runner.string() ? "" : measure::emulator_version(command.words.front());
}

}  // namespace

double percent_of_peak(const Problem& problem, double cycles, double peak_flop_per_cycle) {
  return 100.0 * problem.flop() / cycles / peak_flop_per_cycle;
}

Described machine_of(const RunChoice& choice) {
  const timing::TimerFacts& facts = choice.facts;
  const measure::Answer runner = measure::describe_runner(
      timing::runner_command(choice.host, facts.vector_bits, "describe"), measure::Clock::now() + kDescribeLimit);
  if (runner.number("vector_bits") != facts.vector_bits) {
    throw InputError("the runner has a vector length of " + runner.text("vector_bits") + " bits, the timer " +
                     facts.timer.name + " needs " + std::to_string(facts.vector_bits) + "; choose another --timer");
  }
  const std::string emulator = emulator_of(choice);
  const double ghz = emulator.empty() ? runner.number("gigahertz").value_or(0) : facts.clock_ghz;
  return {{facts.processor, facts.vector_bits, facts.clock_ghz, facts.peak_flop_per_cycle, runner.text("compiler"),
           runner.text("flags")},
          {runner.text("revision"), runner.text("midr"), emulator, measure::frequency_governor(), ghz}};
}

}  // namespace svetune::app
