// The store's promises: what is added is kept, once, and comes back as it was; answers are the fastest of what may be
// compared.
#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <thread>

#include "db/schema.hpp"
#include "db/series.hpp"
#include "fixture.hpp"

namespace svetune::db {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr auto kAll = std::numeric_limits<std::size_t>::max();
const std::string kSlow = "strategy=separate mr=4 nr=4", kFast = "strategy=separate mr=4 nr=2";

std::string canonical(const std::string& text) {
  return svetune::to_text(parse_configuration(text));
}

Store::Filter about(const std::string& problem) {
  Store::Filter filter;
  filter.problem = parse_problem(problem);
  return filter;
}

std::vector<double> cycles_of(const std::vector<Evaluation>& rows) {
  std::vector<double> cycles;
  for (const auto& row : rows) cycles.push_back(*row.cycles);
  return cycles;
}

class StoreTest : public testing::Test {
 protected:
  Store open() { return {folder_ / "t.db", Store::Mode::read_write}; }
  TemporaryFolder folder_;
};

TEST_F(StoreTest, AnEvaluationComesBackAsItWas) {
  Store store = open();
  const Session session = store.begin_sweep(a64fx(), model_timer("7"), "svetune sweep", 18446744073709551615U);
  Evaluation row = timed("4x64x64:ldv=128:accuracy=low", kSlow, 0);
  row.samples = {1500.25, 1499, 0x1.fffffffffffffp+10};
  row.detail = "a detail; with 'quotes'";
  row.kernel_hash = "ab12";
  row.warnings = {"governor", "busy"};
  EXPECT_TRUE(store.add(session, row));
  const auto rows = store.best(about("4x64x64:accuracy=low:ldv=128"), 1);
  ASSERT_EQ(rows.size(), 1U);
  const Evaluation& read = rows[0];
  EXPECT_EQ(read.problem, row.problem);
  EXPECT_TRUE(read.config == row.config);
  EXPECT_EQ(read.status, Status::ok);
  EXPECT_EQ(read.samples, row.samples);
  EXPECT_EQ(read.cycles, 1500.25);
  EXPECT_EQ(read.error, row.error);
  EXPECT_EQ(read.p_ulp, row.p_ulp);
  EXPECT_EQ(read.detail, row.detail);
  EXPECT_EQ(read.kernel_hash, row.kernel_hash);
  EXPECT_EQ(read.warnings, row.warnings);
  EXPECT_EQ(read.when, row.when);
  EXPECT_EQ(read.timer, "model:a64fx");
  EXPECT_EQ(read.timer_version, "7");
  EXPECT_EQ(read.machine, "a64fx, 512 bits, clang 19.1.7");
  EXPECT_EQ(store.machine(read.machine_id).peak_flop_per_cycle, 64);
  EXPECT_EQ(store.evaluation(read.id).samples, row.samples);
}

TEST_F(StoreTest, ASecondEvaluationIsRefused) {
  Store store = open();
  const Session session = store.begin_sweep(a64fx(), model_timer(), "", 1);
  EXPECT_TRUE(store.add(session, timed("4x64x128", kSlow, 100)));
  EXPECT_FALSE(store.add(session, timed("4x64x128", kSlow, 50)));
  EXPECT_TRUE(store.add(session, timed("4x64x64", kSlow, 50)));
  const Session again = store.begin_sweep(a64fx(), model_timer(), "again", 2);
  EXPECT_EQ(again.machine, session.machine);
  EXPECT_EQ(again.timer, session.timer);
  EXPECT_FALSE(store.add(again, timed("4x64x128", kSlow, 50)));
  const Session newer = store.begin_sweep(a64fx(), model_timer("2"), "", 1);
  EXPECT_TRUE(store.add(newer, timed("4x64x128", kSlow, 50)));
  const auto stored = store.evaluated(session, parse_problem("4x64x128"));
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].config, canonical(kSlow));
  EXPECT_EQ(stored[0].kernel_hash, std::nullopt);
}

TEST_F(StoreTest, BestIsTheFastestVerifiedOneThatMayWin) {
  Store store = open();
  const Session session = store.begin_sweep(a64fx(), model_timer(), "", 1);
  store.add(session, timed("4x64x128", kSlow, 200));
  store.add(session, timed("4x64x128", kFast, 150));
  store.add(session, timed("4x64x128", "strategy=gemm mr=4 nr=4", 10));
  Evaluation wrong = timed("4x64x128", "strategy=separate mr=2 nr=2", 1);
  wrong.status = Status::wrong_result;
  store.add(session, wrong);
  store.add(session, failed("4x64x128", "strategy=separate mr=1 nr=1", Status::crashed));
  EXPECT_THAT(cycles_of(store.best(about("4x64x128"), 1)), ElementsAre(150));
  EXPECT_THAT(cycles_of(store.best(about("4x64x128"), kAll)), ElementsAre(150, 200));
  auto everything = about("4x64x128");
  everything.winners_only = false;
  EXPECT_THAT(cycles_of(store.best(everything, 2)), ElementsAre(10, 150));
  everything.strategy = "separate";
  EXPECT_THAT(cycles_of(store.best(everything, kAll)), ElementsAre(150, 200));
  EXPECT_THAT(store.counts(parse_problem("4x64x128")),
              ElementsAre(Pair(Status::ok, 3U), Pair(Status::wrong_result, 1U), Pair(Status::crashed, 1U)));
  EXPECT_THAT(store.counts(std::nullopt),
              ElementsAre(Pair(Status::ok, 3U), Pair(Status::wrong_result, 1U), Pair(Status::crashed, 1U)));
  EXPECT_TRUE(store.best(about("9x9x9"), 1).empty());
  EXPECT_TRUE(store.counts(parse_problem("9x9x9")).empty());
}

TEST_F(StoreTest, TiesAreBrokenByTheText) {
  Store store = open();
  const Session session = store.begin_sweep(a64fx(), model_timer(), "", 1);
  for (const char* mr : {"4", "2", "3"})
    store.add(session, timed("4x64x128", "strategy=separate nr=1 mr=" + std::string(mr), 7));
  const auto rows = store.best(about("4x64x128"), 2);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].config.mr, 2);
  EXPECT_EQ(rows[1].config.mr, 3);
}

TEST_F(StoreTest, TimesOfSeveralTimersOrProcessorsAreNotCompared) {
  Store store = open();
  store.add(store.begin_sweep(a64fx(), model_timer(), "", 1), timed("4x64x128", kSlow, 100));
  store.add(store.begin_sweep(a64fx(), {"counters", "1"}, "", 1), timed("4x64x128", kFast, 50));
  EXPECT_THAT(error_of([&] { store.best(about("4x64x128"), 1); }), HasSubstr("choose one with --timer"));
  auto filter = about("4x64x128");
  filter.timer = "counters";
  EXPECT_THAT(cycles_of(store.best(filter, kAll)), ElementsAre(50));
  store.add(store.begin_sweep(v1(), {"counters", "1"}, "", 1), timed("4x64x128", kFast, 40));
  EXPECT_THAT(error_of([&] { store.best(filter, 1); }), HasSubstr("choose one with --processor"));
  filter.processor = "neoverse-v1";
  EXPECT_THAT(cycles_of(store.best(filter, kAll)), ElementsAre(40));
}

TEST_F(StoreTest, TheNewestVersionOfATimerThatKnowsTheProblemAnswers) {
  Store store = open();
  const Session old = store.begin_sweep(a64fx(), model_timer("1"), "", 1);
  store.add(old, timed("4x64x128", kSlow, 50));
  store.add(old, timed("4x64x64", kSlow, 30));
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const Session newer = store.begin_sweep(a64fx(), model_timer("2"), "", 1);
  store.add(newer, timed("4x64x128", kFast, 100));
  EXPECT_THAT(cycles_of(store.best(about("4x64x128"), kAll)), ElementsAre(100));
  EXPECT_THAT(cycles_of(store.best(about("4x64x64"), kAll)), ElementsAre(30));
  auto filter = about("4x64x128");
  filter.session = old;
  EXPECT_THAT(cycles_of(store.best(filter, kAll)), ElementsAre(50));
}

TEST_F(StoreTest, TheNewestBuildOfAConfigurationCounts) {
  Store store = open();
  const Session old = store.begin_sweep(a64fx("old"), model_timer(), "", 1);
  store.add(old, timed("4x64x128", kSlow, 50));
  store.add(old, timed("4x64x128", kFast, 60));
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const Session newer = store.begin_sweep(a64fx("new"), model_timer(), "", 1);
  store.add(newer, timed("4x64x128", kSlow, 70));
  EXPECT_THAT(cycles_of(store.best(about("4x64x128"), kAll)), ElementsAre(60, 70));
  const auto series = store.series({});
  ASSERT_EQ(series.size(), 1U);
  ASSERT_EQ(series[0].times.size(), 2U);
  EXPECT_EQ(series[0].times[0].cycles, 60);
  EXPECT_EQ(series[0].times[1].cycles, 70);
  EXPECT_EQ(series[0].choices[series[0].times[0].choice].text, canonical(kFast));
}

TEST_F(StoreTest, AnEvaluationOfOtherCodeSupersedesAndCanBeGoneBackTo) {
  const auto of_code = [](const std::string& config, double cycles, const std::string& hash, const std::string& when) {
    Evaluation row = timed("4x64x128", config, cycles);
    row.kernel_hash = hash;
    row.functions = "f1 " + hash;
    row.when = when;
    return row;
  };
  Store store = open();
  const Session first =
      store.begin_sweep(a64fx(), model_timer(), "", 1, {"old", "0x461f0010", "qemu", "powersave", 2.2});
  EXPECT_TRUE(store.add(first, of_code(kSlow, 100, "aa", "2026-11-24T12:00:00Z")));
  EXPECT_TRUE(store.add(first, of_code(kFast, 90, "bb", "2026-11-24T12:00:00Z")));
  EXPECT_FALSE(store.add(first, of_code(kSlow, 80, "aa", "2026-11-24T13:00:00Z")));
  EXPECT_FALSE(store.add(first, timed("4x64x128", kSlow, 80)));  // of unknown code: proves nothing
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const Session second = store.begin_sweep(a64fx(), model_timer(), "", 1, {"new", "", "", "", 0});
  EXPECT_EQ(second.machine, first.machine);
  EXPECT_TRUE(store.add(second, of_code(kSlow, 50, "cc", "2026-11-25T12:00:00Z")));
  EXPECT_EQ(store.functions_of("cc"), "f1 cc");
  EXPECT_EQ(store.functions_of("dd"), std::nullopt);
  const auto rows = store.best(about("4x64x128"), kAll);
  EXPECT_THAT(cycles_of(rows), ElementsAre(50, 90));
  EXPECT_EQ(rows[0].source_revision, "new");
  EXPECT_EQ(rows[1].source_revision, "old");
  EXPECT_THAT(cycles_of(store.superseded(rows[0])), ElementsAre(100));
  const auto sweeps = store.sweeps();
  EXPECT_EQ(sweeps[0].provenance.governor, "powersave");
  EXPECT_EQ(sweeps[0].provenance.midr, "0x461f0010");
  EXPECT_EQ(sweeps[0].provenance.clock_ghz, 2.2);
  store.rewind_to(sweeps[0]);
  EXPECT_THAT(cycles_of(store.best(about("4x64x128"), kAll)), ElementsAre(90, 100));
  store.rewind_to(sweeps[1]);
  EXPECT_THAT(cycles_of(store.best(about("4x64x128"), kAll)), ElementsAre(50, 90));
}

// A database of the first schema: two revisions of the source were two machines.
TEST_F(StoreTest, OlderSchemasAreBroughtUpToDate) {
  const auto file = folder_ / "t.db";
  {
    Connection old(file, Connection::Access::write, std::chrono::seconds(1));
    migrate(old, migrations().first(1));
    old.execute(
        "INSERT INTO problems VALUES (1, 0, 0, 4, 64, 128, 128);"
        "INSERT INTO machines VALUES (1, 'a64fx', 512, 2.2, 64, 'clang', '-O2', 'old');"
        "INSERT INTO machines VALUES (2, 'a64fx', 512, 2.2, 64, 'clang', '-O2', 'new');"
        "INSERT INTO timers VALUES (1, 'model:a64fx', '1');"
        "INSERT INTO sweeps VALUES (1, 'u1', 1, 1, 'c', '1', '2026-11-01T00:00:00Z', NULL, NULL);"
        "INSERT INTO sweeps VALUES (2, 'u2', 2, 1, 'c', '1', '2026-11-02T00:00:00Z', NULL, NULL)");
    for (const auto& [id, text] : {std::pair(1, kSlow), std::pair(2, kFast)})
      Query(old, "INSERT INTO configurations VALUES (?, ?, 'separate')", id, canonical(text)).run();
    old.execute(
        "INSERT INTO evaluations (problem, configuration, machine, timer, sweep, status, cycles, created_at) VALUES "
        "(1, 1, 1, 1, 1, 'ok', 100, '2026-11-01T00:00:01Z'), (1, 2, 1, 1, 1, 'ok', 110, '2026-11-01T00:00:02Z'),"
        "(1, 1, 2, 1, 2, 'ok', 70, '2026-11-02T00:00:01Z')");
  }
  EXPECT_THAT(error_of([&] { Store(file, Store::Mode::read_only); }), HasSubstr("older schema"));
  Store store = open();
  const auto rows = store.best(about("4x64x128"), kAll);
  EXPECT_THAT(cycles_of(rows), ElementsAre(70, 110));
  EXPECT_EQ(rows[0].machine_id, rows[1].machine_id);
  EXPECT_EQ(rows[0].source_revision, "new");
  EXPECT_EQ(rows[1].source_revision, "old");
  EXPECT_EQ(rows[0].kernel_hash, std::nullopt);
  EXPECT_THAT(cycles_of(store.superseded(rows[0])), ElementsAre(100));
  EXPECT_EQ(store.machines().size(), 1U);
  Connection now(file, Connection::Access::write, std::chrono::seconds(1));
  EXPECT_EQ(now.number("PRAGMA user_version"), static_cast<std::int64_t>(migrations().size()));
  EXPECT_EQ(store.sweeps()[0].provenance.clock_ghz, 0);  // of a time before it was noted
  EXPECT_EQ(now.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

TEST_F(StoreTest, ThreadsThatAddAtTheSameTimeLoseNothing) {
  Store store = open();
  const Session session = store.begin_sweep(a64fx(), model_timer(), "", 1);
  std::vector<std::thread> threads;
  std::atomic<int> added = 0;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        const auto nc = std::to_string(1 + (thread % 4) * 50 + i);  // each by two threads
        if (store.add(session, timed("4x" + nc + "x128", kSlow, 1 + i))) ++added;
        if (i % 10 == 0) store.best(about("4x1x128"), 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(added, 200);
  EXPECT_EQ(store.problems().size(), 200U);
  EXPECT_THAT(store.counts(std::nullopt), ElementsAre(Pair(Status::ok, 200U)));
}

TEST_F(StoreTest, AnImpossibleRowHarmsNoOther) {
  Store store = open();
  const Session session = store.begin_sweep(a64fx(), model_timer(), "", 1);
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const auto problem = std::to_string(thread + 1) + "x" + std::to_string(i + 1) + "x8";
        const bool bad = thread == 0;
        if (!error_of([&] { store.add(session, timed(problem, kSlow, bad ? -1 : 5)); }).empty()) ++refused;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(refused, 20);
  EXPECT_THAT(store.counts(std::nullopt), ElementsAre(Pair(Status::ok, 60U)));
}

TEST_F(StoreTest, TheContentHashDoesNotDependOnTheOrder) {
  const auto fill = [&](const char* name, std::vector<double> order) {
    Store store(folder_ / name, Store::Mode::read_write);
    const Session session = store.begin_sweep(a64fx(), model_timer(), name, 1);
    for (const double nc : order)
      store.add(session, timed("4x" + std::to_string(static_cast<int>(nc)) + "x128", kSlow, nc));
    return store.content_hash();
  };
  const auto hash = fill("a.db", {1, 2, 3});
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(hash, fill("b.db", {3, 1, 2}));
  EXPECT_NE(hash, fill("c.db", {1, 2}));
}

}  // namespace
}  // namespace svetune::db
