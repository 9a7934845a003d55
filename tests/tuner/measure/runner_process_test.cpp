// The runner as a process, with shell scripts in its place: everything that can go wrong between two processes.
#include "measure/runner_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "space/problem.hpp"

namespace svetune::measure {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

RunnerCommand script(const std::string& text) {
  return {{"/bin/sh", "-c", text}, {}};
}

Reply ask(RunnerProcess& runner, std::chrono::milliseconds limit = 10s) {
  return runner.ask({"4x64x128", "strategy=separate", 1}, Clock::now() + limit);
}

Failure failure_of(const std::string& text, std::chrono::milliseconds limit = 10s) {
  RunnerProcess runner(script(text));
  const Reply reply = ask(runner, limit);
  EXPECT_TRUE(std::holds_alternative<Failure>(reply)) << text;
  return std::holds_alternative<Failure>(reply) ? std::get<Failure>(reply) : Failure{};
}

// Answers every request.
const std::string kEcho = "while read -r id rest; do printf '%s\\tstatus=ok\\tpid=%s\\n' \"$id\" $$; done";

TEST(RunnerProcess, AnswersManyRequestsWithOneProcess) {
  RunnerProcess runner(script(kEcho));
  const Reply first = ask(runner), second = ask(runner);
  ASSERT_TRUE(std::holds_alternative<Answer>(first));
  ASSERT_TRUE(std::holds_alternative<Answer>(second));
  EXPECT_EQ(std::get<Answer>(first).text("status"), "ok");
  EXPECT_EQ(std::get<Answer>(first).text("pid"), std::get<Answer>(second).text("pid"));
}

TEST(RunnerProcess, AnswerInPiecesIsOneAnswer) {
  RunnerProcess runner(script("read -r l; printf '1\\tstat'; sleep 0.1; printf 'us=ok\\n'; read -r l"));
  const Reply reply = ask(runner);
  ASSERT_TRUE(std::holds_alternative<Answer>(reply));
  EXPECT_EQ(std::get<Answer>(reply).text("status"), "ok");
}

TEST(RunnerProcess, DeathBySignalNamesTheSignal) {
  const Failure crash = failure_of("read -r l; kill -SEGV $$");
  EXPECT_EQ(crash.status, db::Status::crashed);
  EXPECT_THAT(crash.detail, StartsWith("SIGSEGV"));
  EXPECT_THAT(failure_of("read -r l; kill -ILL $$").detail, StartsWith("SIGILL"));
  EXPECT_THAT(failure_of("read -r l; kill -BUS $$").detail, StartsWith("SIGBUS"));
}

TEST(RunnerProcess, DeathByExitCodeShowsTheLastLineOfStandardError) {
  const Failure crash = failure_of("read -r l; echo first >&2; echo 'no such library' >&2; exit 3");
  EXPECT_EQ(crash.status, db::Status::crashed);
  EXPECT_EQ(crash.detail, "the runner ended with exit code 3: no such library");
}

TEST(RunnerProcess, HalfALineAndSilentEndAreCrashes) {
  EXPECT_EQ(failure_of("read -r l; printf '1\\tstatus=o'").detail, "the runner ended without an answer");
  EXPECT_EQ(failure_of("exit 0").status, db::Status::crashed);
}

TEST(RunnerProcess, GarbageIsACrashThatQuotesIt) {
  for (const std::string garbage : {"hello world", "2\\tstatus=ok", "1\\tstatus", "\\001\\002"}) {
    const Failure crash = failure_of("read -r l; printf '" + garbage + "\\n'; sleep 60");
    EXPECT_EQ(crash.status, db::Status::crashed);
    EXPECT_THAT(crash.detail, HasSubstr("cannot be read"));
  }
}

TEST(RunnerProcess, EndlessLineDoesNotFillTheMemory) {
  EXPECT_THAT(failure_of("read -r l; tr '\\0' x </dev/zero").detail, HasSubstr("no end"));
}

TEST(RunnerProcess, EndlessStandardErrorDoesNotFillTheMemory) {
  const Failure crash = failure_of("read -r l; exec yes >&2");
  EXPECT_EQ(crash.status, db::Status::crashed);
}

TEST(RunnerProcess, SilenceIsATimeoutAndTheWholeGroupDies) {
  const std::string file = testing::TempDir() + "silent-runner." + std::to_string(getpid());
  const auto before = Clock::now();
  const Failure timeout = failure_of("read -r l; sleep 60 & echo $! >" + file + "; sleep 60", 300ms);
  EXPECT_EQ(timeout.status, db::Status::timed_out);
  EXPECT_LT(Clock::now() - before, 20s);
  pid_t grandchild = 0;
  std::ifstream(file) >> grandchild;
  ASSERT_GT(grandchild, 1);
  // Killed with the group; it is reaped by whoever inherits it, which may take a moment.
  for (int i = 0; i < 200 && kill(grandchild, 0) == 0; ++i) std::this_thread::sleep_for(10ms);
  std::string name, state = "Z";
  std::ifstream(std::filesystem::path("/proc") / std::to_string(grandchild) / "stat") >> name >> name >> state;
  EXPECT_EQ(state, "Z");
}

TEST(RunnerProcess, IsStartedAgainAfterAFailure) {
  const std::string mark = testing::TempDir() + "restarted-runner." + std::to_string(getpid());
  std::filesystem::remove(mark);
  RunnerProcess runner(script("[ -e " + mark + " ] || { : >" + mark + "; kill -SEGV $$; }; n=1; " +
                              "while read -r id rest; do printf '%s\\tstatus=ok\\n' \"$id\"; done"));
  EXPECT_TRUE(std::holds_alternative<Failure>(ask(runner)));
  EXPECT_TRUE(std::holds_alternative<Answer>(ask(runner)));
  std::filesystem::remove(mark);
}

TEST(RunnerProcess, CannotStartIsAnInputError) {
  RunnerProcess runner({{"/nowhere/svetune-runner", "verify"}, {}});
  EXPECT_THROW(ask(runner), InputError);
}

TEST(RunnerProcess, MemoryLimitHolds) {
  RunnerCommand command = script("read -r l; x=$(head -c 300000000 /dev/zero | tr '\\0' x); printf '1\\tstatus=ok\\n'");
  command.options.memory_limit_bytes = 64U << 20U;
  RunnerProcess runner(std::move(command));
  const Reply reply = ask(runner, 30s);
  ASSERT_TRUE(std::holds_alternative<Failure>(reply));
  EXPECT_EQ(std::get<Failure>(reply).status, db::Status::crashed);
}

TEST(RunnerProcess, CountsCpuTimeOfAllItsProcesses) {
  RunnerProcess runner(script("read -r l; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 1"));
  ask(runner);
  const double first = runner.cpu_seconds();
  EXPECT_GT(first, 0.001);
  ask(runner);
  EXPECT_GT(runner.cpu_seconds(), 1.5 * first);
}

TEST(RunnerProcess, OnlyTheStandardDescriptorsAndTheTraceAreInherited) {
  RunnerCommand command = script(
      "read -r l; f=; i=0; while [ $i -lt 10 ]; do [ -e /proc/$$/fd/$i ] && f=$f$i,; i=$((i+1)); done; "
      "printf '1\\tfds=%s\\n' $f");
  command.options.extra_pipe = true;
  RunnerProcess runner(std::move(command));
  const Reply reply = ask(runner);
  ASSERT_TRUE(std::holds_alternative<Answer>(reply));
  EXPECT_EQ(std::get<Answer>(reply).text("fds"), "0,1,2,3,");
}

TEST(RunnerProcess, TraceComesThroughDescriptorThree) {
  RunnerCommand command = script("read -r l; printf abc >&3; printf '1\\tstatus=ok\\n'; read -r l");
  command.options.extra_pipe = true;
  RunnerProcess runner(std::move(command));
  runner.send({"4x64x128", "strategy=gemm", 1});
  std::array<char, 8> text{};
  ASSERT_EQ(wait_readable(runner.trace_fd(), Clock::now() + 10s), Readiness::ready);
  EXPECT_EQ(read(runner.trace_fd(), text.data(), text.size()), 3);
  EXPECT_TRUE(std::holds_alternative<Answer>(runner.receive(Clock::now() + 10s)));
}

TEST(DescribeRunner, ChecksTheProtocol) {
  const auto describe = [](const std::string& text) { return describe_runner(script(text), Clock::now() + 10s); };
  EXPECT_EQ(describe("printf 'protocol=1\\tvector_bits=512\\n'").text("vector_bits"), "512");
  EXPECT_THROW(describe("printf 'protocol=2\\n'"), InputError);
  EXPECT_THROW(describe("echo hello"), InputError);
  EXPECT_THROW(describe("exit 1"), InputError);
  EXPECT_THROW(describe("kill -ILL $$"), InputError);
}

}  // namespace
}  // namespace svetune::measure
