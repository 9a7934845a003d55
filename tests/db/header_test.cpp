// The generated header: compiles everywhere without a warning, and answers as the query does.
#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

#include "db/export/check.hpp"
#include "db/export/formats.hpp"
#include "db/query.hpp"
#include "fixture.hpp"

namespace svetune::db {
namespace {

using testing::HasSubstr;

// Prints for each problem on standard input the header's answer.
constexpr const char* kProgram = R"(
#include <inttypes.h>
#include <stdio.h>
#include "config.h"
int main(void) {
  int operation = 0, accuracy = 0, bits = 0;
  long m = 0, nc = 0, d = 0;
  unsigned long midr = 0;
  while (scanf("%d %lx %d %d %ld %ld %ld", &bits, &midr, &operation, &accuracy, &m, &nc, &d) == 7) {
    const svetune_choice choice = svetune_lookup((unsigned)bits, midr, operation, accuracy, m, nc, d);
    printf("%d %d", (int)choice.rule, (int)choice.distance);
    if (choice.entry != 0)
      printf(" %d %d %d %d", (int)choice.entry->strategy, (int)choice.entry->mr, (int)choice.entry->nr,
             (int)choice.entry->k_block);
    printf("\n");
  }
  return 0;
}
)";

class HeaderTest : public testing::Test {
 protected:
  HeaderTest() : store_(folder_ / "h.db", Store::Mode::read_write) {}

  std::string path(const std::string& name) { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) { std::ofstream(path(name)) << text; }
  // Output of a shell command, standard error included; its exit code after it.
  static std::pair<std::string, int> shell(const std::string& command) {
    std::string text;
    auto* const pipe = popen((command + " 2>&1").c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    return {text, pclose(pipe)};
  }
  // Every shape gets some configurations with times that differ from shape to shape.
  void fill(const Machine& machine, std::uint32_t seed, std::size_t problems) {
    constexpr std::array kConfigs{"strategy=separate mr=4 nr=4",
                                  "strategy=separate mr=2 nr=3",
                                  "strategy=fused mr=3 nr=3",
                                  "strategy=k_blocked mr=4 nr=4 k_block=32",
                                  "strategy=k_blocked mr=4 nr=2 k_block=128",
                                  "strategy=two_pass mr=5 nr=2"};
    std::mt19937 random(seed);
    const Session session = store_.begin_sweep(machine, {"counters", "1"}, "", 1);
    for (std::size_t i = 0; i < problems; ++i) {
      Evaluation row = timed(problem(random, 9), kConfigs[0], 1);
      if (i % 9 == 0) row.problem.ldv = row.problem.shape.d + 64;
      for (const char* config : kConfigs) {
        row.config = parse_configuration(config);
        row.samples = {1000 + static_cast<double>(random() % 500)};
        if (first_broken_constraint({row.problem, machine.vector_bits}, row.config) == nullptr)
          store_.add(session, row);
      }
    }
  }
  static std::string problem(std::mt19937& random, unsigned octaves) {
    constexpr std::array kAccuracies{"full", "high", "medium", "low"};
    const auto extent = [&] {
      const auto octave = static_cast<unsigned>(random() % octaves);
      return std::to_string((1U << octave) + random() % (1U << octave));
    };
    std::string text = extent() + "x" + extent();
    text += "x" + extent();
    return text + ":accuracy=" + kAccuracies.at(random() % 4);
  }

  TemporaryFolder folder_;
  Store store_;
};

TEST_F(HeaderTest, AnswersAsTheQueryDoes) {
  fill(a64fx(), 1, 60);
  fill(v1(), 2, 40);
  Machine v2 = v1();
  v2.processor = "neoverse-v2";
  v2.vector_bits = 128;
  fill(v2, 3, 5);
  write("config.h", export_header(store_));
  write("program.c", kProgram);
  const auto built = shell("gcc -std=c11 -O1 -Wall -Wextra -Wpedantic -Wconversion -Werror -I" + path("") + " " +
                           path("program.c") + " -o " + path("program"));
  ASSERT_EQ(built.second, 0) << built.first;
  std::mt19937 random(4);
  struct Line {
    unsigned bits;
    const char *processor, *midr;
  };
  constexpr std::array<Line, 3> kLines{
      {{512, "a64fx", "461f0010"}, {256, "neoverse-v1", "411fd401"}, {128, "neoverse-v2", "0"}}};
  std::ostringstream asked, expected;
  std::map<std::string, int> rules;
  std::array<std::vector<Series>, 3> series;
  for (std::size_t i = 0; i < 3; ++i) {
    Store::Filter filter;
    filter.processor = kLines.at(i).processor;
    series.at(i) = store_.series(filter);
    ASSERT_EQ(series.at(i).size(), 1U);
  }
  for (int i = 0; i < 20000; ++i) {
    const auto which = static_cast<std::size_t>(i % 3);
    const Series& own = series.at(which).front();
    Problem one = parse_problem(problem(random, i % 2 == 0 ? 9 : 31));
    if (i % 10 == 0) {
      one = own.problems.at(random() % own.problems.size());
      one.ldv = 0;
    }
    const auto& shape = one.shape;
    asked << kLines.at(which).bits << ' ' << kLines.at(which).midr << ' ' << shape.operation << ' ' << shape.accuracy
          << ' ' << shape.m << ' ' << shape.nc << ' ' << shape.d << '\n';
    const auto selection = select(own, one);
    if (!selection) {
      expected << "0 0\n";
      continue;
    }
    const svetune_config& config = own.choices.at(selection->time.choice).config;
    // The header leaves the distance of a default out: it comes from no shape.
    const bool near = selection->rule == Rule::nearest;
    expected << static_cast<int>(selection->rule) + 1 << ' ' << (near ? selection->distance * 65536 : 0) << ' '
             << config.strategy << ' ' << config.mr << ' ' << config.nr << ' ' << config.k_block << '\n';
    ++rules[std::string(to_text(selection->rule))];
  }
  write("asked", asked.str());
  const auto answered = shell(path("program") + " < " + path("asked"));
  std::istringstream left(answered.first), right(expected.str()), lines(asked.str());
  for (std::string a, b, line; std::getline(right, b);) {
    std::getline(left, a);
    std::getline(lines, line);
    ASSERT_EQ(a, b) << "asked: " << line;
  }
  for (const char* rule : {"exact", "nearest", "default"}) EXPECT_GT(rules[rule], 500) << rule;
}

TEST_F(HeaderTest, CompilesWithoutAWarningEverywhere) {
  fill(a64fx(), 1, 10);
  write("config.h", export_header(store_));
  const std::string body =
      "#include <svetune/kernels.h>\n#include \"config.h\"\n#include \"config.h\"\n"
      "int use(const svetune_problem* problem, svetune_config* config);\n"
      "int use(const svetune_problem* problem, svetune_config* config) {\n"
      "  return (int)svetune_configure(problem, config).rule;\n}\n";
  write("use.c", body);
  write("use.cpp", body);
  write("alone.c", "#include \"config.h\"\nint only_the_header;\n");
  write("alone.cpp", "#include \"config.h\"\nint only_the_header;\n");
  const std::string flags = " -fsyntax-only -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I" + path("") +
                            " -I" SVETUNE_SOURCE_DIR "/kernels/include ";
  for (const char* c : {"gcc -std=c11", "gcc -std=c17", "clang-19 -std=c11", "clang-19 -std=c17"}) {
    const auto ran = shell(c + flags + path("use.c") + " " + path("alone.c"));
    EXPECT_EQ(ran.second, 0) << c << '\n' << ran.first;
    EXPECT_EQ(ran.first, "") << c;
  }
  for (const char* cpp : {"g++ -std=c++17", "g++ -std=c++20", "clang++-19 -std=c++17", "clang++-19 -std=c++20"}) {
    const auto ran = shell(cpp + flags + path("use.cpp") + " " + path("alone.cpp"));
    EXPECT_EQ(ran.second, 0) << cpp << '\n' << ran.first;
    EXPECT_EQ(ran.first, "") << cpp;
  }
}

// The tables are read-only data, and nothing runs before main.
TEST_F(HeaderTest, IsConstantData) {
  fill(a64fx(), 1, 10);
  write("config.h", export_header(store_));
  write("use.cpp",
        "#include \"config.h\"\nint f(long n) { return (int)svetune_lookup(512, 0, 0, 0, n, n, n).rule; }\n");
  ASSERT_EQ(shell("g++ -O2 -c -I" + path("") + " " + path("use.cpp") + " -o " + path("use.o")).second, 0);
  const std::string sections = shell("objdump -h " + path("use.o")).first;
  EXPECT_THAT(sections, HasSubstr(".rodata"));
  EXPECT_THAT(sections, testing::Not(HasSubstr(".init_array")));
  const std::string symbols = shell("nm " + path("use.o")).first;
  EXPECT_THAT(symbols, testing::Not(HasSubstr(" U ")));  // needs nothing
}

TEST_F(HeaderTest, SameContentSameBytes) {
  fill(a64fx(), 1, 10);
  fill(v1(), 2, 10);
  const std::string text = export_header(store_);
  EXPECT_EQ(export_header(store_), text);
  // The same content stored in another order.
  Store other(folder_ / "other.db", Store::Mode::read_write);
  std::vector<std::pair<Machine, Evaluation>> rows;
  store_.each([&](const Evaluation& row) { rows.emplace_back(Machine{}, row); });
  for (auto& [machine, row] : rows) machine = store_.machine(row.machine_id);
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    other.add(other.begin_sweep(row->first, {"counters", "1"}, "", 1), row->second);
  EXPECT_EQ(export_header(other), text);
  EXPECT_EQ(why_stale(text, text), std::nullopt);
}

TEST_F(HeaderTest, AStaleHeaderSaysWhy) {
  fill(a64fx(), 1, 3);
  const std::string before = export_header(store_);
  const auto facts = read_header_facts(before);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->database, store_.content_hash());
  fill(v1(), 2, 3);
  const std::string after = export_header(store_);
  EXPECT_THAT(why_stale(before, after).value_or(""), HasSubstr("the header was written from " + facts->database));
  EXPECT_THAT(why_stale(after + "\n", after).value_or(""), HasSubstr("changed by hand"));
  std::string older = after;
  older.replace(older.find("CONFIG_FORMAT ") + 14, 1, "1");
  EXPECT_THAT(why_stale(older, after).value_or(""), HasSubstr("(format 1)"));
  for (const char* text :
       {"", "\n", "#define SVETUNE_CONFIG_FORMAT", "\n#define SVETUNE_CONFIG_FORMAT x\n", "\xff\xfe"})
    EXPECT_THAT(error_of([&] { why_stale(text, after); }), HasSubstr("no header that svetune wrote")) << text;
}

TEST_F(HeaderTest, NothingToExportNamesTheRemedy) {
  EXPECT_THAT(error_of([&] { export_header(store_); }), HasSubstr("run svetune sweep"));
}

}  // namespace
}  // namespace svetune::db
