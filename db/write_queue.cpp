#include "db/write_queue.hpp"

#include <utility>

namespace svetune::db {

void WriteQueue::run(const Job& job) {
  Waiting mine{&job, false, nullptr};
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  changed_.wait(lock, [&] { return mine.done || !writing_; });
  if (!mine.done) {  // nobody writes: this thread does, for all that wait
    writing_ = true;
    const auto batch = std::exchange(queue_, {});
    lock.unlock();
    write(batch);
    lock.lock();
    writing_ = false;
    for (Waiting* waiting : batch) waiting->done = true;
    changed_.notify_all();
  }
  if (mine.error) std::rethrow_exception(mine.error);
}

void WriteQueue::write(std::span<Waiting* const> batch) {
  std::vector<const Job*> jobs;
  for (const Waiting* waiting : batch) jobs.push_back(waiting->job);
  try {
    commit_(jobs);
    return;
  } catch (...) {
    if (batch.size() == 1) batch.front()->error = std::current_exception();
  }
  if (batch.size() == 1) return;
  for (Waiting* waiting : batch) write(std::span(&waiting, 1));
}

}  // namespace svetune::db
