// A sweep killed at any moment loses at most the evaluations in flight.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "db/sqlite.hpp"
#include "db/store.hpp"
#include "fixture.hpp"

namespace svetune::app {
namespace {

std::vector<std::string> sweep_into(const std::string& file) {
  return {"sweep", "--problem", "1x16x16,2x24x16", "--evals", "40", "--search", "random", "--jobs", "2", "--db", file};
}

// Starts the sweep in a process of its own, kills it after `patience`; true where it had ended by itself.
bool killed_sweep(const std::string& file, std::chrono::milliseconds patience) {
  const std::string program = SVETUNE_BIN_DIR "/svetune";
  std::vector<std::string> words = sweep_into(file);
  words.insert(words.begin(), program);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (freopen("/dev/null", "w", stdout) != nullptr && freopen("/dev/null", "w", stderr) != nullptr)
      execv(program.c_str(), argv.data());
    _exit(127);
  }
  std::this_thread::sleep_for(patience);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status);
}

// Problem, configuration, status, cycles of every row; a set of them as long tells that none is twice.
std::multiset<std::string> rows_of(const std::string& file) {
  std::multiset<std::string> rows;
  db::Store(file, db::Store::Mode::read_only).each([&](const db::Evaluation& row) {
    rows.insert(to_text(row.problem) + ' ' + to_text(row.config) + ' ' + std::string(db::to_text(row.status)) + ' ' +
                std::to_string(row.cycles.value_or(-1)));
  });
  return rows;
}

TEST(KilledSweep, ContinuesToTheSameSet) {
  const Folder folder;
  const std::string undisturbed = folder / "undisturbed.db", killed = folder / "killed.db";
  ASSERT_EQ(run_with("svetune-runner", sweep_into(undisturbed)).code, 0);
  std::mt19937 random(7);
  std::size_t before = 0;
  int kills = 0;
  for (int attempt = 0; attempt < 25; ++attempt) {
    if (killed_sweep(killed, std::chrono::milliseconds(20 + random() % 400))) continue;
    ++kills;
    if (!std::filesystem::exists(killed)) continue;
    db::Connection raw(killed, db::Connection::Access::write, std::chrono::seconds(5));
    ASSERT_EQ(raw.text("PRAGMA integrity_check"), "ok");
    if (raw.number("SELECT count(*) FROM sqlite_schema WHERE name = 'evaluations'") == 0) continue;
    const auto rows = rows_of(killed);
    EXPECT_GE(rows.size(), before);  // what was committed stays
    EXPECT_EQ(std::set<std::string>(rows.begin(), rows.end()).size(), rows.size());
    before = rows.size();
  }
  EXPECT_GT(kills, 0);
  ASSERT_EQ(run_with("svetune-runner", sweep_into(killed)).code, 0);
  EXPECT_EQ(rows_of(killed), rows_of(undisturbed));
  EXPECT_EQ(
      db::Connection(killed, db::Connection::Access::read, std::chrono::seconds(5)).text("PRAGMA integrity_check"),
      "ok");
}

TEST(Sweep, RunAgainDoesNothingTwice) {
  const Folder folder;
  const std::string file = folder / "a.db";
  const Ran first = run_with("svetune-runner", sweep_into(file)), second = run_with("svetune-runner", sweep_into(file));
  std::size_t expected = 0;
  for (const char* problem : {"1x16x16", "2x24x16"})
    expected += std::min<std::size_t>(40, enumerate({parse_problem(problem), 512}).size());
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(first.out, testing::HasSubstr("\n" + std::to_string(expected) + " evaluations in"));
  EXPECT_THAT(second.out, testing::HasSubstr("\n0 evaluations in"));
  const std::string header = folder / "a.h";
  EXPECT_EQ(run_with("svetune-runner", {"export", "header", "--db", file, "-o", header}).code, 0);
  EXPECT_EQ(run_with("svetune-runner", {"export", "header", "--db", file, "--check", header}).code, 0);
}

}  // namespace
}  // namespace svetune::app
