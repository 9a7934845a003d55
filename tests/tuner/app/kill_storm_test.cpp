// 200 SIGKILLs of the tuner or of one of its runners, at random moments: nothing committed is lost, nothing is stored
// for a kill's sake, and the final set is the one of an undisturbed sweep.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "app/space_rules.hpp"
#include "db/sqlite.hpp"
#include "db/store.hpp"
#include "search/searcher.hpp"

namespace svetune::app {
namespace {

constexpr int kKills = 200;
constexpr std::size_t kStep = 20;  // evaluations that a finished sweep is prolonged by
constexpr const char* kProblem = "4x32x64";

pid_t start_sweep(const std::string& file, std::size_t evaluations) {
  std::vector<std::string> words{
      SVETUNE_BIN_DIR "/svetune",  "sweep", "--problem", kProblem, "--jobs", "2", "--search", "random", "--evals",
      std::to_string(evaluations), "--db",  file};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (freopen("/dev/null", "w", stdout) != nullptr && freopen("/dev/null", "w", stderr) != nullptr)
      execv(argv[0], argv.data());
    _exit(127);
  }
  return child;
}

// The runners of a tuner: the children of all its threads.
std::vector<pid_t> children_of(pid_t tuner) {
  std::vector<pid_t> children;
  std::error_code ignored;
  const auto tasks = std::filesystem::path("/proc") / std::to_string(tuner) / "task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    std::ifstream in(task.path() / "children");
    for (pid_t child = 0; in >> child;) children.push_back(child);
  }
  return children;
}

using Rows = std::map<std::string, std::pair<db::Status, std::optional<double>>>;  // status and cycles by configuration

Rows rows_of(const std::string& file) {
  Rows rows;
  if (!std::filesystem::exists(file)) return rows;
  EXPECT_EQ(db::Connection(file, db::Connection::Access::write, std::chrono::seconds(5)).text("PRAGMA integrity_check"),
            "ok");
  try {
    db::Store(file, db::Store::Mode::read_only).each([&](const db::Evaluation& row) {
      EXPECT_TRUE(rows.emplace(to_text(row.config), std::pair(row.status, row.cycles)).second)
          << "stored twice: " << to_text(row.config);
    });
  } catch (const InputError&) {  // killed before the tables were made
  }
  return rows;
}

TEST(KillStorm, NothingCommittedIsLostAndTheFinalSetIsComplete) {
  std::string folder = (std::filesystem::temp_directory_path() / "svetune-storm.XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/night.db";
  std::mt19937 random(11);
  std::size_t evaluations = kStep;
  int kills = 0, tuners = 0, runners = 0, status = 0;
  bool runner_killed = false;  // of the sweep that runs
  Rows before;
  pid_t tuner = start_sweep(file, evaluations);
  bool runner_next = true;  // decided before its moment: a slow machine has no say in who is killed
  while (kills < kKills) {
    const bool waits = runner_next && children_of(tuner).empty();
    std::this_thread::sleep_for(std::chrono::milliseconds(waits ? 5 : 10 + random() % 150));
    if (waitpid(tuner, &status, WNOHANG) == tuner) {
      // Finished: a longer one. Exit code 2: its runner was killed while it described itself, which ends it in one
      // line.
      ASSERT_TRUE(WIFEXITED(status)) << "ended by itself with status " << status;
      ASSERT_TRUE(WEXITSTATUS(status) == 0 || (WEXITSTATUS(status) == 2 && runner_killed)) << WEXITSTATUS(status);
      if (WEXITSTATUS(status) == 0) evaluations += kStep;
      runner_killed = false;
      tuner = start_sweep(file, evaluations);
      continue;
    }
    const auto children = children_of(tuner);
    if (waits || (runner_next && children.empty())) continue;
    if (runner_next) {
      kill(children[random() % children.size()], SIGKILL);
      ++runners;
      runner_killed = true;
    } else {
      kill(tuner, SIGKILL);
      waitpid(tuner, &status, 0);
      const auto rows = rows_of(file);
      for (const auto& [config, outcome] : before) EXPECT_EQ(rows.count(config), 1U) << "lost: " << config;
      before = rows;
      tuner = start_sweep(file, evaluations);
      ++tuners;
      runner_killed = false;
    }
    ++kills;
    runner_next = random() % 4 != 0;
  }
  ASSERT_EQ(waitpid(tuner, &status, 0), tuner);
  // A runner killed while it described itself ends the sweep in one line; the same command continues.
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    ASSERT_EQ(waitpid(start_sweep(file, evaluations), &status, 0) > 0, true);
  }
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(tuners, 20);
  EXPECT_GT(runners, 20);

  const auto space = enumerate({parse_problem(kProblem), 512});
  const auto searcher = search::find_searcher("random").make(space, 1);
  std::set<std::string> expected{app::default_configuration(space)};  // every problem starts with it
  while (expected.size() < std::min(evaluations, space.size())) expected.insert(to_text(space[*searcher->ask()]));
  const auto rows = rows_of(file);
  std::set<std::string> stored;
  for (const auto& [config, outcome] : rows) {
    stored.insert(config);
    EXPECT_NE(outcome.first, db::Status::crashed) << config;
    EXPECT_NE(outcome.first, db::Status::timed_out) << config;
  }
  EXPECT_EQ(stored, expected);

  const std::string undisturbed = folder + "/undisturbed.db";
  ASSERT_GT(waitpid(start_sweep(undisturbed, evaluations), &status, 0), 0);
  EXPECT_EQ(rows, rows_of(undisturbed));  // to the cycle
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace svetune::app
