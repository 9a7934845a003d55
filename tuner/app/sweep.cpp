#include "app/sweep.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "app/signals.hpp"
#include "search/searcher.hpp"

namespace svetune::app {
namespace {

using measure::Clock;

constexpr auto kTick = std::chrono::milliseconds(20);

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

struct Work {
  Problem problem;
  std::vector<svetune_config> space;
  std::unordered_map<std::string, double> stored;  // canonical text and cost; read when the problem's turn comes
  std::unique_ptr<search::Searcher> searcher;
  std::string searcher_name;
  std::size_t asked = 0;
};

struct Task {
  std::size_t work = 0, candidate = 0;
};

class Sweep {
 public:
  Sweep(const RunChoice& choice, const SweepOptions& options)
      : choice_(choice),
        options_(options),
        store_(options.database, db::Store::Mode::read_write),
        session_(store_.begin_sweep(machine_of(choice), choice.facts.timer, options.command, choice.seed)) {
    for (const Problem& problem : options.problems) add_problem(problem);
  }

  SweepResult run(ProgressView& view) {
    std::vector<std::thread> workers;
    running_ = options_.jobs;
    workers.reserve(options_.jobs);
    for (std::size_t job = 0; job < options_.jobs; ++job) workers.emplace_back([this] { work(); });
    const bool interrupted = watch(view);
    for (std::thread& worker : workers) worker.join();
    view.clear();
    return close(interrupted);
  }

 private:
  void add_problem(const Problem& problem) {
    Work work;
    work.problem = problem;
    work.space = enumerate({problem, choice_.facts.vector_bits}, options_.strategy);
    const auto& budget = options_.stop.evaluations;
    const search::SearcherKind& kind = options_.searcher.empty() ? search::default_searcher(work.space.size(), budget)
                                                                 : search::find_searcher(options_.searcher);
    work.searcher_name = kind.name;
    ProblemProgress progress;
    progress.problem = to_text(problem);
    progress.total = std::min(work.space.size(), budget.value_or(work.space.size()));
    progress_.problems.push_back(progress);
    works_.push_back(std::move(work));
    works_.back().searcher = kind.make(works_.back().space, choice_.seed);  // a moved vector keeps its elements' place
  }

  // Shows progress and waits for signals until the workers are done. True where a signal asked to stop.
  bool watch(ProgressView& view) {
    bool interrupted = false;
    while (running_ > 0) {
      if (signals_.wait(kTick)) {
        if (interrupted) _exit(130);  // nothing is lost: every row is committed; the runners die with us
        interrupted = stop_ = true;
      }
      const std::lock_guard lock(mutex_);
      progress_.seconds = seconds_since(start_);
      view.show(progress_);
    }
    const std::lock_guard lock(mutex_);
    view.show(progress_, true);
    return interrupted;
  }

  // The next candidate that the database does not hold; nothing when all is done or the sweep is to stop.
  std::optional<Task> next() {
    const std::lock_guard lock(mutex_);
    for (std::size_t& current = progress_.current; current < works_.size(); ++current) {
      Work& work = works_[current];
      ProblemProgress& progress = progress_.problems[current];
      if (work.asked == 0) read_stored(work, progress);
      while (!stop_ && !options_.stop.reached(work.asked, Clock::now() - start_)) {
        const auto candidate = work.searcher->ask();
        if (!candidate) break;
        ++work.asked;
        const auto stored = work.stored.find(to_text(work.space[*candidate]));
        if (stored == work.stored.end()) return Task{current, *candidate};
        work.searcher->tell(*candidate, stored->second);
        ++progress.reused;
        ++progress.done;
      }
      if (stop_ || out_of_time()) return std::nullopt;
    }
    return std::nullopt;
  }

  bool out_of_time() const { return options_.stop.time && Clock::now() - start_ >= *options_.stop.time; }

  db::Store::Filter filter(const Problem& problem) const {
    db::Store::Filter filter;
    filter.problem = problem;
    filter.processor = choice_.facts.processor;
    filter.timer = choice_.facts.timer.name;
    return filter;
  }

  void read_stored(Work& work, ProblemProgress& progress) {
    for (const std::string& text : store_.evaluated(session_, work.problem)) work.stored[text] = search::kFailed;
    auto every = filter(work.problem);
    every.winners_only = false;
    for (const db::Evaluation& row : store_.best(every, SIZE_MAX)) {
      const auto stored = work.stored.find(to_text(row.config));
      if (stored != work.stored.end() && row.cycles) stored->second = *row.cycles;
      note_best(progress, row);
    }
  }

  void note_best(ProblemProgress& progress, const db::Evaluation& row) const {
    if (row.status != db::Status::ok || !row.cycles) return;
    const double percent = percent_of_peak(row.problem, *row.cycles, choice_.facts.peak_flop_per_cycle);
    progress.best_percent = std::max(percent, progress.best_percent.value_or(0));
  }

  void work() {
    StageSeconds cpu;
    try {
      Evaluator evaluator(choice_, false);
      while (const auto task = next()) {
        const Work& work = works_[task->work];
        Evaluated result = evaluator.evaluate(work.problem, work.space[task->candidate]);
        result.row.when = utc_now();
        record(*task, result.row);
      }
      cpu = evaluator.cpu_seconds();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stop_ = true;
    }
    const std::lock_guard lock(mutex_);
    cpu_ += cpu;
    --running_;
  }

  void record(const Task& task, const db::Evaluation& row) {
    const std::lock_guard lock(mutex_);
    const auto before = Clock::now();
    const bool added = store_.add(session_, row);  // false: another process was faster
    cpu_.store += seconds_since(before);
    ProblemProgress& progress = progress_.problems[task.work];
    ++progress.done;
    if (added) {
      ++progress_.evaluated;
    } else {
      ++progress.reused;
    }
    if (row.status != db::Status::ok) ++progress.failures[row.status];
    note_best(progress, row);
    works_[task.work].searcher->tell(task.candidate,
                                     row.status == db::Status::ok && row.cycles ? *row.cycles : search::kFailed);
  }

  SweepResult close(bool interrupted) {
    SweepResult result;
    result.outcome = interrupted ? Outcome::interrupted : out_of_time() ? Outcome::out_of_time : Outcome::finished;
    result.seconds = seconds_since(start_);
    if (error_) {
      store_.end_sweep(session_, "failed");
      std::rethrow_exception(error_);
    }
    store_.end_sweep(session_, interrupted ? "interrupted" : "finished");
    result.evaluated = progress_.evaluated;
    result.cpu = cpu_;
    result.peak_flop_per_cycle = choice_.facts.peak_flop_per_cycle;
    for (std::size_t i = 0; i < works_.size(); ++i) {
      SweptProblem swept{
          works_[i].problem, works_[i].space.size(), works_[i].searcher_name, progress_.problems[i], {}, {}};
      for (const auto& [status, count] : store_.counts(works_[i].problem)) swept.counts[status] = count;
      auto best = store_.best(filter(works_[i].problem), 1);
      if (!best.empty()) swept.winner = std::move(best.front());
      result.problems.push_back(std::move(swept));
    }
    return result;
  }

  const RunChoice& choice_;
  const SweepOptions& options_;
  SignalBlock signals_;  // before any thread, which inherits it
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;  // guards everything below while workers run
  db::Store store_;
  db::Session session_;
  std::vector<Work> works_;
  SweepProgress progress_;
  StageSeconds cpu_;
  std::exception_ptr error_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> running_ = 0;
};

}  // namespace

SweepResult sweep(const RunChoice& choice, const SweepOptions& options, ProgressView& view) {
  return Sweep(choice, options).run(view);
}

}  // namespace svetune::app
