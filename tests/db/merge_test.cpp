// Merging: once, both sides of a conflict, all or nothing, in any order.
#include "db/merge.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "fixture.hpp"

namespace svetune::db {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

const std::string kA = "strategy=separate mr=4 nr=4", kB = "strategy=separate mr=4 nr=2";

Evaluation at(Evaluation row, const std::string& when) {
  row.when = when;
  return row;
}

class MergeTest : public testing::Test {
 protected:
  fs::path make(const std::string& name, const Machine& machine, const std::vector<Evaluation>& rows) {
    Store store(folder_ / name, Store::Mode::read_write);
    const Session session = store.begin_sweep(machine, model_timer(), "svetune sweep --db " + name, 1);
    for (const auto& row : rows) store.add(session, row);
    store.end_sweep(session, "finished");
    return folder_ / name;
  }
  static std::string hash(const fs::path& file) { return Store(file, Store::Mode::read_only).content_hash(); }
  static std::size_t count(const fs::path& file) {
    std::size_t rows = 0;
    Store(file, Store::Mode::read_only).each([&](const Evaluation&) { ++rows; });
    return rows;
  }
  // Of the one evaluation that is in conflict in these tests.
  static std::vector<std::pair<double, std::string>> superseded(const fs::path& file) {
    const Store store(file, Store::Mode::read_only);
    std::vector<std::pair<double, std::string>> rows;
    const auto found = store.find(parse_problem("4x64x128"), parse_configuration(kA));
    for (const auto& row : store.superseded(found.at(0))) rows.emplace_back(*row.cycles, row.when);
    return rows;
  }
  TemporaryFolder folder_;
};

TEST_F(MergeTest, ShardsJoinAndTheSameEvaluationIsKeptOnce) {
  const auto a = make("a.db", a64fx(), {timed("4x64x128", kA, 100), timed("4x64x128", kB, 90)});
  const auto b = make("b.db", a64fx(), {timed("4x64x128", kB, 90), timed("8x64x128", kA, 200)});
  const auto c = make("c.db", v1(), {timed("4x64x128", kA, 300)});
  const auto counts = merge(folder_ / "out.db", {a, b, c});
  EXPECT_EQ(counts.added, 4U);
  EXPECT_EQ(counts.known, 1U);
  EXPECT_EQ(counts.conflicts, 0U);
  const Store out(folder_ / "out.db", Store::Mode::read_only);
  Store::Filter filter;
  filter.processor = "a64fx";
  filter.problem = parse_problem("4x64x128");
  EXPECT_EQ(out.best(filter, 1).at(0).cycles, 90);
  EXPECT_EQ(out.sweeps().size(), 3U);
  EXPECT_EQ(count(folder_ / "out.db"), 4U);
}

TEST_F(MergeTest, MergingAgainChangesNothing) {
  const auto a = make("a.db", a64fx(), {timed("4x64x128", kA, 100)});
  const auto b = make("b.db", a64fx(), {at(timed("4x64x128", kA, 101), "2026-11-25T00:00:00Z")});
  merge(folder_ / "out.db", {a, b});
  const std::string once = hash(folder_ / "out.db");
  const auto counts = merge(folder_ / "out.db", {b, a, b, folder_ / "out.db"});
  EXPECT_EQ(counts.added + counts.conflicts, 0U);
  EXPECT_EQ(hash(folder_ / "out.db"), once);
  EXPECT_EQ(superseded(folder_ / "out.db").size(), 1U);
}

TEST_F(MergeTest, AConflictKeepsBothWithTheirSweeps) {
  const auto a = make("a.db", a64fx(), {at(timed("4x64x128", kA, 100), "2026-11-25T00:00:00Z")});
  const auto b = make("b.db", a64fx(), {at(timed("4x64x128", kA, 120), "2026-11-24T00:00:00Z")});
  EXPECT_EQ(merge(folder_ / "out.db", {a, b}).conflicts, 1U);
  const Store out(folder_ / "out.db", Store::Mode::read_only);
  const auto rows = out.find(parse_problem("4x64x128"), parse_configuration(kA));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cycles, 100);  // the newer one
  EXPECT_EQ(out.sweep_of(rows[0].id).command, "svetune sweep --db a.db");
  EXPECT_THAT(superseded(folder_ / "out.db"), testing::ElementsAre(testing::Pair(120, "2026-11-24T00:00:00Z")));
}

// Five databases in conflict over one evaluation, and shards of others, in every order, pairwise and at once.
TEST_F(MergeTest, AnyOrderOfInputsGivesTheSameContent) {
  std::vector<fs::path> files;
  for (int i = 0; i < 5; ++i) {
    // Dates 24, 25, 24, 25, 24: ties are broken by the content.
    const auto when = i % 2 == 0 ? "2026-11-24T00:00:00Z" : "2026-11-25T00:00:00Z";
    files.push_back(
        make("in" + std::to_string(i) + ".db", a64fx(i == 4 ? "other" : "0123456789ab"),
             {at(timed("4x64x128", kA, 100 + (i * 7) % 5), when), timed(std::to_string(i + 1) + "x8x8", kB, 50 + i)}));
  }
  std::string expected;
  std::vector<std::pair<double, std::string>> kept;
  std::vector<std::size_t> order{0, 1, 2, 3, 4};
  do {
    const auto out = folder_ / "out.db", half = folder_ / "half.db";
    for (const auto& file : {out, half}) fs::remove(file);
    merge(half, {files[order[0]], files[order[1]]});
    merge(out, {files[order[2]], files[order[3]]});
    merge(out, {files[order[4]], half});
    if (expected.empty()) {
      expected = hash(out);
      kept = superseded(out);
      EXPECT_EQ(kept.size(), 3U);
    }
    ASSERT_EQ(hash(out), expected);
    auto now = superseded(out);
    std::sort(now.begin(), now.end());
    std::sort(kept.begin(), kept.end());
    ASSERT_EQ(now, kept);
    std::swap(order[0], order[2]);  // every third permutation is enough
  } while (std::next_permutation(order.begin(), order.end()));
}

// The second input breaks in the middle: rows have been copied by then.
TEST_F(MergeTest, WhereAnInputIsDamagedNothingChanges) {
  const auto out = make("out.db", a64fx(), {timed("4x64x128", kA, 100)});
  const auto good = make("good.db", a64fx(), {timed("4x64x128", kB, 90)});
  std::vector<Evaluation> many;
  for (int m = 1; m <= 400; ++m) many.push_back(timed(std::to_string(m) + "x64x128", kB, m));
  const auto bad = make("bad.db", a64fx(), many);
  {
    // Everything is in the main file now; a page in its middle is overwritten.
    std::fstream file(bad, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(fs::file_size(bad));
    ASSERT_GT(size, 40000);
    const std::string noise(3 * 4096, '\x5a');
    file.seekp(size / 8192 * 4096);
    file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
  }
  const std::string before = hash(out);
  EXPECT_THAT(error_of([&] { merge(out, {good, bad}); }), HasSubstr("bad.db is damaged"));
  EXPECT_EQ(hash(out), before);
  EXPECT_EQ(count(out), 1U);
  // A new database is not left half made.
  EXPECT_NE(error_of([&] { merge(folder_ / "new.db", {good, bad}); }), "");
  EXPECT_FALSE(fs::exists(folder_ / "new.db"));
}

TEST_F(MergeTest, BadInputsAreNamed) {
  const auto a = make("a.db", a64fx(), {timed("4x64x128", kA, 100)});
  EXPECT_THAT(error_of([&] { merge(folder_ / "new.db", {a, folder_ / "none.db"}); }), HasSubstr("none.db"));
  std::ofstream(folder_ / "text.db") << "this is no database, and long enough to be looked at";
  EXPECT_THAT(error_of([&] { merge(folder_ / "new.db", {a, folder_ / "text.db"}); }),
              HasSubstr("not a svetune database"));
  EXPECT_FALSE(fs::exists(folder_ / "new.db"));
}

}  // namespace
}  // namespace svetune::db
