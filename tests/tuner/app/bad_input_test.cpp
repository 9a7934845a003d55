// Bad input: one clear line that names the remedy, exit code 2, nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "db/sqlite.hpp"
#include "db/store.hpp"
#include "fixture.hpp"

namespace svetune::app {
namespace {

using testing::HasSubstr;

void expect_refused(const Ran& ran, const std::string& remedy) {
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(remedy));
  const auto errors = ran.err.find("svetune: error: ");
  ASSERT_NE(errors, std::string::npos) << ran.err;
  EXPECT_EQ(std::count(ran.err.begin() + static_cast<std::ptrdiff_t>(errors), ran.err.end(), '\n'), 1) << ran.err;
}

Ran run(const std::vector<std::string>& arguments) {
  return run_with("svetune-runner", arguments);
}

std::string bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(BadInput, CommandsAndOptions) {
  expect_refused(run({"swep"}), "did you mean 'sweep'?");
  expect_refused(run({"frobnicate"}), "svetune --help lists the commands");
  expect_refused(run({"bench", "--speed", "9"}), "svetune bench --help lists the options");
  expect_refused(run({"bench"}), "needs --problem");
}

TEST(BadInput, Problem) {
  const Folder folder;
  for (const char* text : {"4x64", "0x1x1", "4x64x128:colour=red", "axbxc"}) {
    expect_refused(run({"sweep", "--problem", text, "--db", folder / "a.db"}), "4x64x128");
    expect_refused(run({"bench", "--problem", text, "--config", "strategy=separate"}), "4x64x128");
  }
  EXPECT_TRUE(folder.empty());
}

TEST(BadInput, Configuration) {
  const auto bench = [](const char* config) { return run({"bench", "--problem", "4x64x128", "--config", config}); };
  expect_refused(bench("strategy=separate speed=9"), "mr");  // the keys that there are
  expect_refused(bench("strategy=quick"), "separate");
  expect_refused(bench("strategy=separate mr=4 mr=5"), "mr");
}

TEST(BadInput, TimerSearcherStrategyAndNumbers) {
  const Folder folder;
  const auto sweep = [&](const char* option, const char* text) {
    return run({"sweep", "--problem", "4x64x128", "--db", folder / "a.db", option, text});
  };
  expect_refused(sweep("--timer", "sundial"), "model");
  expect_refused(sweep("--timer", "model:z80"), "a64fx");
  expect_refused(sweep("--search", "lucky"), "exhaustive");
  expect_refused(sweep("--strategy", "quick"), "known are: separate");
  expect_refused(sweep("--jobs", "0"), "from 1");
  expect_refused(sweep("--budget", "5 apples"), "90s");
  EXPECT_TRUE(folder.empty());
}

TEST(BadInput, NoEmulatorAndNoRunner) {
  const Folder folder;
  const std::vector<std::string> sweep{"sweep", "--problem", "4x64x128", "--db", folder / "a.db"};
  expect_refused(run_with("svetune-runner", sweep, ""), "qemu-user");
  expect_refused(run_with("no-such-runner", sweep), "scripts/build");
  EXPECT_TRUE(folder.empty());
}

TEST(BadInput, DatabaseThatIsNone) {
  const Folder folder;
  const std::string file = folder / "notes.txt";
  std::ofstream(file)
      << "Not a database, and longer than the header of one, so that nobody takes it for an empty file: "
         "a hundred bytes or more.\n";
  const std::string before = bytes(file);
  expect_refused(run({"sweep", "--problem", "4x64x128", "--db", file}), "name another file");
  expect_refused(run({"best", "--problem", "4x64x128", "--db", file}), "name another file");
  expect_refused(run({"best", "--problem", "4x64x128", "--db", folder / "none.db"}), "svetune sweep makes one");
  expect_refused(run({"export", "header", "--db", folder / "none.db"}), "svetune sweep makes one");
  EXPECT_EQ(bytes(file), before);
  EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
}

TEST(BadInput, DatabaseOfAnotherProgram) {
  const Folder folder;
  const std::string file = folder / "mail.db";
  db::Connection(file, db::Connection::Access::write, std::chrono::seconds(1)).execute("CREATE TABLE mail(text TEXT)");
  const std::string before = bytes(file);
  expect_refused(run({"sweep", "--problem", "4x64x128", "--db", file}), "another file");
  EXPECT_EQ(bytes(file), before);
}

TEST(BadInput, DatabaseOfANewerVersion) {
  const Folder folder;
  const std::string file = folder / "new.db";
  {
    const db::Store make(file, db::Store::Mode::read_write);
  }
  db::Connection(file, db::Connection::Access::write, std::chrono::seconds(1)).execute("PRAGMA user_version = 999");
  for (const char* command : {"sweep", "best"})
    expect_refused(run({command, "--problem", "4x64x128", "--db", file}), "newer");
}

TEST(BadInput, FolderThatCannotBeWritten) {
  // Even the superuser makes no file there.
  expect_refused(run({"sweep", "--problem", "4x64x128", "--db", "/proc/svetune.db"}), "folder");
  expect_refused(run({"sweep", "--problem", "4x64x128", "--db", "/nowhere/svetune.db"}), "folder");
  const Folder folder;
  const std::string file = folder / "a.db";
  {
    const db::Store make(file, db::Store::Mode::read_write);
  }
  const Ran ran = run({"export", "header", "--db", file, "-o", "/proc/svetune_config.h"});
  EXPECT_EQ(ran.code, 2);
}

}  // namespace
}  // namespace svetune::app
