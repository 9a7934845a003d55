// Group commit: whatever waits to be written goes into one transaction. A commit costs a wait for the disk; threads
// that wait at the same time share it.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

namespace svetune::db {

class WriteQueue {
 public:
  using Job = std::function<void()>;
  // `commit` runs the jobs in one transaction; where it throws, nothing of them has happened.
  explicit WriteQueue(std::function<void(std::span<const Job* const>)> commit) : commit_(std::move(commit)) {}

  // Returns when the job has been committed; throws what the job or the commit threw. The failure of one job does not
  // harm those that shared its transaction: each of them is tried again alone. A job may therefore run twice.
  void run(const Job& job);

 private:
  struct Waiting {
    const Job* job = nullptr;
    bool done = false;
    std::exception_ptr error;
  };
  void write(std::span<Waiting* const> batch);

  std::function<void(std::span<const Job* const>)> commit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting*> queue_;
  bool writing_ = false;
};

}  // namespace svetune::db
