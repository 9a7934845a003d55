// A child process with a socket on its standard input and output; it never outlives this object nor the thread that
// made it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace svetune::measure {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  int get() const { return fd_; }
  void close();

 private:
  int fd_ = -1;
};

struct ChildOptions {
  std::size_t memory_limit_bytes = 0;  // of private writable memory (RLIMIT_DATA); 0: no limit
  bool extra_pipe = false;             // descriptor 3 of the child is a pipe that extra_fd() reads
  // A user's program: it has the streams below and shares our process group (it may read the terminal, Ctrl-C is its
  // own as well) and limits; there is no socket, and no diagnostics at its end.
  bool own_streams = false;
  int input = 0, output = 1, error = 2;
};
constexpr int kExtraFd = 3;

struct ChildEnd {
  bool by_signal = false;
  int code = 0;             // signal number or exit code
  std::string diagnostics;  // last line of its standard error
  double cpu_seconds = 0;
};

class ChildProcess {
 public:
  // Throws InputError where the program cannot be started.
  ChildProcess(const std::vector<std::string>& command, const ChildOptions& options);
  ~ChildProcess();  // kills its whole process group; one with own_streams: it alone
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int socket_fd() const { return socket_.get(); }
  int extra_fd() const { return extra_.get(); }
  pid_t pid() const { return pid_; }
  bool ended() const;          // not yet reaped
  double cpu_seconds() const;  // user and system time so far, while it lives

  // Waits for its end, kills it after the grace period, and reaps it.
  ChildEnd finish(std::chrono::milliseconds grace);

 private:
  pid_t pid_ = -1;
  bool leads_group_ = true;
  FileDescriptor socket_, extra_, errors_;
};

enum class Readiness { ready, timed_out };
// Until the descriptor can be read (end of file included) or the deadline has passed.
Readiness wait_readable(int fd, Deadline deadline);

}  // namespace svetune::measure
