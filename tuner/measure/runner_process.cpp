#include "measure/runner_process.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "space/problem.hpp"

namespace svetune::measure {
namespace {

constexpr std::size_t kLongestLine = 1 << 20;
constexpr std::size_t kShown = 80;  // characters of a strange line in a message
constexpr auto kGrace = std::chrono::milliseconds(2000);
constexpr std::string_view kProtocol = "1";

enum class LineEnd { complete, end_of_file, timed_out, too_long };

// Takes one line out of `unread`, reading as needed.
LineEnd read_line(int fd, std::string& unread, std::string& line, Deadline deadline) {
  while (true) {
    if (const std::size_t newline = unread.find('\n'); newline != std::string::npos) {
      line = unread.substr(0, newline);
      unread.erase(0, newline + 1);
      return LineEnd::complete;
    }
    if (unread.size() > kLongestLine) return LineEnd::too_long;
    if (wait_readable(fd, deadline) == Readiness::timed_out) return LineEnd::timed_out;
    std::array<char, 65536> buffer{};
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got > 0) {
      unread.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return LineEnd::end_of_file;  // a reset connection is a dead runner as well
    }
  }
}

std::string shown(std::string_view line) {
  std::string text;
  for (const char c : line.substr(0, kShown)) text += c >= ' ' && c <= '~' ? c : '?';
  return '"' + text + (line.size() > kShown ? "...\"" : "\"");
}

}  // namespace

std::string signal_text(int number) {
  const char* name = sigabbrev_np(number);
  const char* meaning = sigdescr_np(number);
  if (name == nullptr || meaning == nullptr) return "signal " + std::to_string(number);
  return std::string("SIG") + name + " (" + meaning + ")";
}

RunnerProcess::RunnerProcess(RunnerCommand command) : command_(std::move(command)) {}
RunnerProcess::~RunnerProcess() = default;
RunnerProcess::RunnerProcess(RunnerProcess&&) noexcept = default;
RunnerProcess& RunnerProcess::operator=(RunnerProcess&&) noexcept = default;

int RunnerProcess::trace_fd() const {
  return child_ ? child_->extra_fd() : -1;
}

double RunnerProcess::cpu_seconds() const {
  return past_cpu_seconds_ + (child_ ? child_->cpu_seconds() : 0.0);
}

void RunnerProcess::send(const Request& request) {
  if (!child_) {
    child_ = std::make_unique<ChildProcess>(command_.words, command_.options);
    unread_.clear();
  }
  const std::string line = request_line(++last_id_, request);
  // A runner that died between two requests is noticed by receive(), as one that dies in the middle of one.
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = ::send(child_->socket_fd(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

Reply RunnerProcess::receive(Deadline deadline) {
  if (!child_) return Failure{db::Status::crashed, "the runner has been stopped"};
  std::string line;
  switch (read_line(child_->socket_fd(), unread_, line, deadline)) {
    case LineEnd::complete:
      break;
    case LineEnd::end_of_file:
      return explain_end();
    case LineEnd::timed_out:
      return give_up(db::Status::timed_out, "no answer within the time limit");
    case LineEnd::too_long:
      return give_up(db::Status::crashed, "the runner's answer has no end");
  }
  auto answer = parse_answer(last_id_, line);
  if (!answer) return give_up(db::Status::crashed, "the runner's answer cannot be read: " + shown(line));
  return std::move(*answer);
}

Reply RunnerProcess::ask(const Request& request, Deadline deadline) {
  send(request);
  return receive(deadline);
}

void RunnerProcess::abandon() {
  if (!child_) return;
  past_cpu_seconds_ += child_->finish(std::chrono::milliseconds(0)).cpu_seconds;
  child_.reset();
}

Failure RunnerProcess::give_up(db::Status status, std::string detail) {
  abandon();
  return {status, std::move(detail)};
}

Failure RunnerProcess::explain_end() {
  const ChildEnd end = child_->finish(kGrace);
  past_cpu_seconds_ += end.cpu_seconds;
  child_.reset();
  std::string detail = end.by_signal   ? signal_text(end.code)
                       : end.code == 0 ? std::string("the runner ended without an answer")
                                       : "the runner ended with exit code " + std::to_string(end.code);
  // The emulator's own line about the signal says nothing more.
  if (!end.diagnostics.empty() && !end.by_signal) detail += ": " + end.diagnostics;
  return {db::Status::crashed, std::move(detail)};
}

Answer describe_runner(RunnerCommand command, Deadline deadline) {
  const std::string words = command.words.size() < 2 ? "" : command.words[command.words.size() - 2];
  ChildProcess child(command.words, command.options);
  std::string unread, line;
  const LineEnd end = read_line(child.socket_fd(), unread, line, deadline);
  if (end != LineEnd::complete) {
    const ChildEnd ended = child.finish(std::chrono::milliseconds(end == LineEnd::end_of_file ? 2000 : 0));
    throw InputError("the runner " + words + " does not describe itself: " +
                     (ended.by_signal ? signal_text(ended.code) : "exit code " + std::to_string(ended.code)) +
                     (ended.diagnostics.empty() ? "" : ", " + ended.diagnostics) +
                     "; build it again with scripts/build");
  }
  auto answer = parse_fields(line);
  if (!answer || answer->text("protocol") != kProtocol) {
    throw InputError("the runner " + words + " speaks another protocol (" + shown(line) + "; expected protocol=" +
                     std::string(kProtocol) + "); build tuner and runner from the same revision");
  }
  return std::move(*answer);
}

}  // namespace svetune::measure
