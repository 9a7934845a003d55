#include "measure/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "space/problem.hpp"

namespace svetune::measure {
namespace {

constexpr int kTracePipeBytes = 1 << 20;  // the largest that an ordinary user may ask for: fewer switches of context
constexpr rlim_t kMostErrorBytes = 1 << 20;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Above the standard descriptors, so that dup2 onto 0..3 in the child never meets its own source.
FileDescriptor lift(int fd) {
  if (fd < 0) fail("descriptor");
  const FileDescriptor low(fd);
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
  if (high < 0) fail("fcntl(F_DUPFD_CLOEXEC)");
  return FileDescriptor(high);
}

struct Ends {
  FileDescriptor parent, child;
};

Ends make_socket() {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) fail("socketpair");
  return {lift(fds[0]), lift(fds[1])};
}

Ends make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {lift(fds[0]), lift(fds[1])};
}

// What the child does between fork and exec: only async-signal-safe calls, for other threads may hold any lock.
struct ChildPlan {
  char* const* argv;
  int input, output, errors, extra, failure;
  bool own_streams;
  pid_t parent;
  std::size_t memory_limit;
};

void limit(int resource, rlim_t value) {
  const rlimit limits{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &limits);
}

[[noreturn]] void become_child(const ChildPlan& plan) {
  if (!plan.own_streams) setpgid(0, 0);  // Ctrl-C at the terminal is the tuner's: it finishes the evaluation in hand
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);  // the tuner died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (!plan.own_streams) {
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, kMostErrorBytes);  // its standard error is a file in memory
  }
  if (plan.memory_limit != 0) limit(RLIMIT_DATA, plan.memory_limit);
  if (dup2(plan.input, STDIN_FILENO) >= 0 && dup2(plan.output, STDOUT_FILENO) >= 0 &&
      dup2(plan.errors, STDERR_FILENO) >= 0 && (plan.extra < 0 || dup2(plan.extra, kExtraFd) >= 0)) {
    close_range(kExtraFd + 1, ~0U, CLOSE_RANGE_CLOEXEC);  // what the tuner itself was started with
    if (plan.extra < 0) close_range(kExtraFd, kExtraFd, CLOSE_RANGE_CLOEXEC);
    execvp(plan.argv[0], plan.argv);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(plan.failure, &error, sizeof error);
  _exit(127);
}

std::string last_line(int fd) {
  std::array<char, 4096> buffer{};
  const off_t size = lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(buffer.size()));
  const ssize_t got = pread(fd, buffer.data(), buffer.size(), from);
  std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);  // npos + 1 is 0: the whole text
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  close();
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

void FileDescriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

ChildProcess::ChildProcess(const std::vector<std::string>& command, const ChildOptions& options)
    : leads_group_(!options.own_streams) {
  Ends socket = make_socket(), failure = make_pipe(), extra;
  if (options.extra_pipe) {
    extra = make_pipe();
    fcntl(extra.parent.get(), F_SETPIPE_SZ, kTracePipeBytes);
  }
  errors_ = lift(memfd_create("svetune-runner-stderr", MFD_CLOEXEC));
  std::vector<std::string> words = command;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // Lifted: dup2 onto a standard descriptor must not meet one that is still to be read.
  const FileDescriptor input = options.own_streams ? lift(dup(options.input)) : FileDescriptor();
  const FileDescriptor output = options.own_streams ? lift(dup(options.output)) : FileDescriptor();
  const FileDescriptor error_output = options.own_streams ? lift(dup(options.error)) : FileDescriptor();
  ChildPlan plan{argv.data(),         socket.child.get(), socket.child.get(),
                 errors_.get(),       extra.child.get(),  failure.child.get(),
                 options.own_streams, getpid(),           options.memory_limit_bytes};
  if (options.own_streams) {
    plan.input = input.get();
    plan.output = output.get();
    plan.errors = error_output.get();
  }
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) become_child(plan);
  socket_ = std::move(socket.parent);
  extra_ = std::move(extra.parent);
  failure.child.close();
  int error = 0;
  ssize_t got = 0;
  do got = read(failure.parent.get(), &error, sizeof error);
  while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof error)) {
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    throw InputError("cannot start " + command.front() + ": " + std::strerror(error) +
                     "; check that the file exists and is executable");
  }
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) finish(std::chrono::milliseconds(0));
}

double ChildProcess::cpu_seconds() const {
  clockid_t clock{};
  timespec now{};
  if (pid_ <= 0 || clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &now) != 0) return 0;
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

bool ChildProcess::ended() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
}

ChildEnd ChildProcess::finish(std::chrono::milliseconds grace) {
  const Deadline deadline = Clock::now() + grace;
  while (!ended() && Clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(leads_group_ ? -pid_ : pid_,
       SIGKILL);  // before it is reaped its number cannot be another's; its own children go with it
  int status = 0;
  rusage usage{};
  while (wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  ChildEnd end;
  end.by_signal = WIFSIGNALED(status);
  end.code = end.by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  end.diagnostics = last_line(errors_.get());
  end.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return end;
}

Readiness wait_readable(int fd, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Readiness::timed_out;
    pollfd waiting{fd, POLLIN, 0};
    const int count = poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    if (count > 0) return Readiness::ready;
    if (count < 0 && errno != EINTR) fail("poll");
  }
}

}  // namespace svetune::measure
