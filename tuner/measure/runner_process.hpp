// svetune-runner as an object: requests in, answers or the reason why there is none out. It is started again after a
// failure.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "db/store.hpp"
#include "measure/child_process.hpp"
#include "measure/protocol.hpp"

namespace svetune::measure {

struct RunnerCommand {
  std::vector<std::string> words;  // emulator with its options, runner, mode
  ChildOptions options;
};

// Why a request has no answer: crashed or timed_out.
struct Failure {
  db::Status status = db::Status::crashed;
  std::string detail;
};
using Reply = std::variant<Answer, Failure>;

class RunnerProcess {
 public:
  explicit RunnerProcess(RunnerCommand command);
  ~RunnerProcess();
  RunnerProcess(RunnerProcess&&) noexcept;
  RunnerProcess& operator=(RunnerProcess&&) noexcept;

  // Starts the process where none runs (throws InputError where it cannot start), sends and waits. Every failure is
  // data.
  Reply ask(const Request& request, Deadline deadline);

  // The two halves, for a caller that reads the trace in between.
  void send(const Request& request);
  Reply receive(Deadline deadline);
  // The read end of descriptor 3 of the process that has the last request, or -1.
  int trace_fd() const;
  // Kills the process that has the last request.
  void abandon();

  double cpu_seconds() const;  // of all its processes so far

 private:
  Failure give_up(db::Status status, std::string detail);
  Failure explain_end();

  RunnerCommand command_;
  std::unique_ptr<ChildProcess> child_;
  std::string unread_;
  std::uint64_t last_id_ = 0;
  double past_cpu_seconds_ = 0;
};

// The answer of `describe`. Throws InputError where the runner does not answer, or speaks another protocol.
Answer describe_runner(RunnerCommand command, Deadline deadline);

// "SIGSEGV (segmentation fault)"
std::string signal_text(int number);

}  // namespace svetune::measure
