#include "app/sweep.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "app/final_round.hpp"
#include "app/reference_watch.hpp"
#include "app/signals.hpp"
#include "app/staleness.hpp"
#include "app/sweep_work.hpp"
#include "db/distance.hpp"
#include "measure/warnings.hpp"
#include "search/searcher.hpp"

namespace svetune::app {
namespace {

using measure::Clock;

constexpr auto kTick = std::chrono::milliseconds(20);
// Within a limited time problems take turns of this many candidates: a runner keeps the operands of the last problem.
constexpr std::size_t kTurn = 16;
constexpr std::size_t kNeighbours = 3, kWinnersOfEach = 3;  // whose configurations a new problem starts from

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Sweep {
 public:
  Sweep(const RunChoice& choice, const SweepOptions& options)
      : choice_(choice),
        options_(options),
        described_(machine_of(choice)),  // no runner, no emulator: known before a database is made
        image_(measure::KernelImage::read(choice.host.runner)),
        store_(options.database, db::Store::Mode::read_write),
        staleness_(store_, image_),
        session_(store_.begin_sweep(described_.machine, choice.facts.timer, options.command, choice.seed,
                                    described_.provenance)) {
    for (std::size_t i = 0; i < options.problems.size(); ++i) {
      add_problem(options.problems[i], options.weights.empty() ? 1.0 : options.weights[i]);
    }
  }

  SweepResult run(ProgressView& view) {
    std::vector<std::thread> workers;
    running_ = options_.jobs;
    workers.reserve(options_.jobs);
    for (std::size_t job = 0; job < options_.jobs; ++job) workers.emplace_back([this] { work(); });
    const bool interrupted = watch(view);
    for (std::thread& worker : workers) worker.join();
    view.clear();
    return close(error_ || interrupted ? interrupted : !final_rounds(view));
  }

 private:
  // Where times vary the best of every problem run once more, in turns. False where a signal asked to stop.
  bool final_rounds(ProgressView& view) {
    if (choice_.timer.kind->takes_machine) return true;
    view.note("svetune: the best ones once more, in turns");
    Evaluator evaluator(choice_, false, image_);
    const auto stop = [&] { return signals_.wait(std::chrono::milliseconds(0)); };
    for (std::size_t i = 0; i < works_.size(); ++i) {
      const ProblemProgress& progress = progress_.problems[i];
      if (!final_round(store_, session_, staleness_, evaluator, works_[i].problem, progress.done > progress.reused,
                       stop))
        return false;
    }
    return true;
  }

  void add_problem(const Problem& problem, double weight) {
    Work work;
    work.problem = problem;
    work.weight = weight;
    work.space = enumerate_allowed({problem, choice_.facts.vector_bits}, options_.rules);
    work.started.resize(work.space.size());
    const auto& budget = options_.stop.evaluations;
    const search::SearcherKind& kind = options_.searcher.empty()
                                           ? search::default_searcher(work.space.size(), budget, limited_time())
                                           : search::find_searcher(options_.searcher);
    work.searcher_name = kind.name;
    ProblemProgress progress;
    progress.problem = to_text(problem);
    progress.default_config = default_configuration(work.space);
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
        changed_.notify_all();
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
    std::unique_lock lock(mutex_);
    while (!stop_ && !out_of_time() && choose_problem()) {
      Work& work = works_[progress_.current];
      ProblemProgress& progress = progress_.problems[progress_.current];
      if (!work.opened) {
        // Its starts are the final winners of the problems before it, so that a continued sweep starts from the same.
        if (!limited_time() && in_hand_ > 0) {
          changed_.wait(lock);
          continue;
        }
        read_stored(work, progress);
        continue;
      }
      const auto candidate = ask(work);
      if (!candidate) {
        work.exhausted = true;
        continue;
      }
      ++work.asked;
      const auto stored = work.stored.find(to_text(work.space[*candidate]));
      if (stored == work.stored.end()) {
        ++in_hand_;
        ++work.evaluated;
        return Task{progress_.current, *candidate};
      }
      work.searcher->tell(*candidate, stored->second);
    }
    return std::nullopt;
  }

  // One problem after the other; within a limited time the one that has had the least of its share, in turns.
  bool choose_problem() {
    const auto over = [&](const Work& work) {
      return work.exhausted || options_.stop.reached(work.evaluated, std::chrono::seconds(0));
    };
    const Work& current = works_[progress_.current];
    if (!over(current) && (!limited_time() || current.asked % kTurn != 0)) return true;
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < works_.size(); ++i) {
      if (over(works_[i])) continue;
      if (!chosen || (limited_time() && share(works_[i]) < share(works_[*chosen]))) chosen = i;
    }
    if (chosen) progress_.current = *chosen;
    return chosen.has_value();
  }

  static double share(const Work& work) { return static_cast<double>(work.asked) / work.weight; }
  bool limited_time() const { return options_.stop.time.has_value(); }

  std::optional<std::size_t> ask(Work& work) {
    while (!work.starts.empty()) {
      const std::size_t start = work.starts.back();
      work.starts.pop_back();
      work.started[start] = true;
      return start;
    }
    auto candidate = work.searcher->ask();
    while (candidate && work.started[*candidate]) candidate = work.searcher->ask();  // its result is not told yet
    return candidate;
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
    std::unordered_set<std::string> stale;  // of changed kernels: to be measured again
    for (const db::Stored& stored : store_.evaluated(session_, work.problem)) {
      if (staleness_.kernel_changed(stored.kernel_hash)) {
        stale.insert(stored.config);
      } else {
        work.stored[stored.config] = search::kFailed;
      }
    }
    auto every = filter(work.problem);
    every.winners_only = false;
    std::vector<std::string> once_best;
    for (const db::Evaluation& row : store_.best(every, SIZE_MAX)) {
      const std::string text = to_text(row.config);
      if (stale.contains(text) && once_best.size() < kWinnersOfEach) once_best.push_back(text);
      const auto stored = work.stored.find(text);
      if (stored == work.stored.end()) continue;
      if (row.cycles) stored->second = *row.cycles;
      note_best(progress, row);
    }
    work.evaluated = static_cast<std::size_t>(std::ranges::count_if(
        work.space, [&](const svetune_config& config) { return work.stored.contains(to_text(config)); }));
    progress.reused = progress.done = work.evaluated;
    progress.stale = static_cast<std::size_t>(std::ranges::count_if(
        work.space, [&](const svetune_config& config) { return stale.contains(to_text(config)); }));
    work.opened = true;
    find_starts(work, once_best);
  }

  // Is it this problem, or a later one of this sweep?
  bool follows(const Problem& other) const {
    const auto at = std::ranges::find(options_.problems, other) - options_.problems.begin();
    return static_cast<std::size_t>(at) >= progress_.current && static_cast<std::size_t>(at) < options_.problems.size();
  }

  // Configurations to begin with: the default, this problem's best ones before its kernels changed, then the best of
  // the nearest problems, timed by this timer, that this space has.
  void find_starts(Work& work, const std::vector<std::string>& once_best) {
    std::vector<std::pair<std::int32_t, Problem>> near;
    for (const Problem& other : store_.problems()) {
      const std::int32_t apart = db::distance(other.shape, work.problem.shape);
      if (other.shape.operation == work.problem.shape.operation && !follows(other) && apart <= db::kFarthest) {
        near.emplace_back(apart, other);
      }
    }
    std::ranges::stable_sort(near, {}, [](const auto& item) { return item.first; });
    std::unordered_map<std::string, std::size_t> place;
    for (std::size_t i = 0; i < work.space.size(); ++i) place.emplace(to_text(work.space[i]), i);
    if (const auto found = place.find(progress_.problems[progress_.current].default_config); found != place.end())
      work.starts.push_back(found->second);
    for (const std::string& text : once_best) {
      if (const auto found = place.find(text); found != place.end()) work.starts.push_back(found->second);
    }
    std::size_t used = 0;
    for (const auto& [apart, other] : near) {
      const auto best = store_.best(filter(other), kWinnersOfEach);
      if (best.empty()) continue;
      for (const db::Evaluation& row : best) {
        const auto found = place.find(to_text(row.config));
        if (found == place.end() || std::ranges::find(work.starts, found->second) != work.starts.end()) continue;
        work.starts.push_back(found->second);
      }
      if (++used == kNeighbours) break;
    }
    std::ranges::reverse(work.starts);
  }

  void note_best(ProblemProgress& progress, const db::Evaluation& row) const {
    if (row.status != db::Status::ok || !row.cycles) return;
    const double percent = percent_of_peak(row.problem, *row.cycles, choice_.facts.peak_flop_per_cycle);
    if (to_text(row.config) == progress.default_config) progress.default_cycles = row.cycles;
    if (percent <= progress.best_percent.value_or(0)) return;
    progress.best_percent = percent;
    progress.best_cycles = row.cycles;
    progress.best_at = progress.done;
  }

  void work() {
    StageSeconds cpu;
    try {
      Evaluator evaluator(choice_, false, image_);
      ReferenceWatch reference(choice_, evaluator, works_.front().problem, progress_.problems.front().default_config);
      while (const auto task = next()) {
        const Work& work = works_[task->work];
        const auto before = Clock::now();
        Evaluated result = evaluator.evaluate(work.problem, work.space[task->candidate], best(*task));
        if (reference.has_drifted()) result.row.warnings.emplace_back(measure::warning::kDrift);
        record(*task, result.row, seconds_since(before));
      }
      cpu = evaluator.cpu_seconds();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stop_ = true;
      changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    cpu_ += cpu;
    --running_;
  }

  Best best(const Task& task) {
    const std::lock_guard lock(mutex_);
    const Work& work = works_[task.work];
    return work.best_cycles < search::kFailed ? Best{work.best_cycles, work.best_seconds} : Best{};
  }

  void record(const Task& task, const db::Evaluation& row, double seconds) {
    const auto before = Clock::now();
    const bool added = store_.add(session_, row);  // waits for the disk; false: another process was faster
    const std::lock_guard lock(mutex_);
    cpu_.store += seconds_since(before);
    ProblemProgress& progress = progress_.problems[task.work];
    ++progress.done;
    if (added) {
      ++progress_.evaluated;
    } else {
      ++progress.reused;
    }
    if (row.status != db::Status::ok) ++progress.failures[row.status];
    for (const std::string& warning : row.warnings) ++warnings_[warning];
    note_best(progress, row);
    Work& work = works_[task.work];
    const double cost = row.status == db::Status::ok && row.cycles ? *row.cycles : search::kFailed;
    if (cost < work.best_cycles) {
      work.best_cycles = cost;
      work.best_seconds = seconds;
    }
    work.searcher->tell(task.candidate, cost);
    --in_hand_;
    changed_.notify_all();
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
    result.warnings = warnings_;
    result.peak_flop_per_cycle = choice_.facts.peak_flop_per_cycle;
    for (std::size_t i = 0; i < works_.size(); ++i) {
      SweptProblem swept{
          works_[i].problem, works_[i].space.size(), works_[i].searcher_name, progress_.problems[i], {}, {}};
      for (const auto& [status, count] : store_.counts(works_[i].problem)) swept.counts[status] = count;
      swept.winner = winner(works_[i].problem);
      result.problems.push_back(std::move(swept));
    }
    return result;
  }

  // The fastest that is not stale.
  std::optional<db::Evaluation> winner(const Problem& problem) const {
    for (const std::size_t top : {std::size_t{1}, SIZE_MAX}) {
      for (db::Evaluation& row : store_.best(filter(problem), top)) {
        if (!staleness_.kernel_changed(row.kernel_hash)) return std::move(row);
      }
    }
    return std::nullopt;
  }

  const RunChoice& choice_;
  const SweepOptions& options_;
  SignalBlock signals_;  // before any thread, which inherits it
  const Clock::time_point start_ = Clock::now();
  const Described described_;
  const std::shared_ptr<const measure::KernelImage> image_;
  std::mutex mutex_;  // guards everything below while workers run
  db::Store store_;
  const Staleness staleness_;
  db::Session session_;
  std::vector<Work> works_;
  SweepProgress progress_;
  StageSeconds cpu_;
  std::map<std::string, std::size_t> warnings_;
  std::exception_ptr error_;
  std::size_t in_hand_ = 0;          // tasks that workers have
  std::condition_variable changed_;  // in_hand_, stop_
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> running_ = 0;
};

}  // namespace

SweepResult sweep(const RunChoice& choice, const SweepOptions& options, ProgressView& view) {
  return Sweep(choice, options).run(view);
}

}  // namespace svetune::app
