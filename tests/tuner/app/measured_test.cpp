// Timers whose times vary: samples, refusals and warnings with a shell script in the runner's place, the final round,
// the watch over a reference, and a sweep by the clock.
#include "timing/measured.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/final_round.hpp"
#include "app/reference_watch.hpp"
#include "db/store.hpp"
#include "fixture.hpp"
#include "measure/warnings.hpp"

namespace svetune::app {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// A runner that answers each request by `sample` (a function of shell: prints the i-th sample of a request) and `rest`.
class FakeRunner {
 public:
  explicit FakeRunner(const std::string& sample,
                      const std::string& rest = R"(\tcalls=100\tresolution=20\tpreemptions=0\tprocessor=3)") {
    std::ofstream(folder_ / "runner.sh")
        << "sample() { " << sample << "; }\n"
        << "tab=$(printf '\\t')\nwhile IFS=$tab read -r id problem seed config batches; do\n"
        << "  list=; i=0\n  while [ $i -lt $batches ]; do\n"
        << "    list=\"$list${list:+,}$(sample $i)\"; i=$((i + 1))\n  done\n"
        << "  printf '%s\\tstatus=ok\\tsamples=%s" << rest << "\\n' \"$id\" \"$list\"\ndone\n";
  }

  timing::Timed time(double hopeless = 0, unsigned batches = 0, const std::string& processor = "a64fx") {
    timing::Host host;
    host.launcher = {"/bin/sh", folder_ / "runner.sh"};
    host.runner = host.emulator = "/bin/true";
    timing::TimerFacts facts;
    facts.timer = {"counters", "test"};
    facts.processor = processor;
    facts.peak_flop_per_cycle = 64;
    const auto timer = timing::make_measured_timer(host, facts);
    return timer->time({"4x64x128", "strategy=separate", 1},
                       {measure::Clock::now() + std::chrono::seconds(60), hopeless, batches});
  }

 private:
  Folder folder_;
};

TEST(Measured, SteadyTimesNeedNoMoreThanTheFirstSamples) {
  const auto timed = FakeRunner("echo 2000.$1").time();
  EXPECT_EQ(timed.status, db::Status::ok) << timed.detail;
  EXPECT_THAT(timed.samples, SizeIs(15));
  EXPECT_EQ(timed.samples[3], 2000.3);
  EXPECT_THAT(timed.warnings, IsEmpty());
}

TEST(Measured, TimesThatVaryAreTakenUntilTheCapAndSaySo) {
  const auto timed = FakeRunner("echo $((2000 + $1 % 7 * 100))").time();
  EXPECT_EQ(timed.status, db::Status::ok) << timed.detail;
  EXPECT_THAT(timed.samples, SizeIs(255));
  EXPECT_THAT(timed.warnings, ElementsAre("noisy"));
}

TEST(Measured, HopelessCandidatesGetOneSample) {
  const auto timed = FakeRunner("echo 5000").time(4000);
  EXPECT_EQ(timed.status, db::Status::ok);
  EXPECT_THAT(timed.samples, ElementsAre(5000));
  EXPECT_THAT(timed.warnings, ElementsAre("stopped_early"));
  EXPECT_THAT(FakeRunner("echo 3000").time(4000).samples, SizeIs(16));
}

TEST(Measured, ACandidateThatLostItsProcessorIsNotHopelessYet) {
  const std::string rest = R"(\tcalls=100\tresolution=20\tpreemptions=1\tprocessor=3)";
  const auto timed = FakeRunner("echo 5000", rest).time(4000);
  EXPECT_THAT(timed.samples, SizeIs(16));
  EXPECT_THAT(timed.warnings, ElementsAre("busy"));
}

TEST(Measured, ATurnTakesAsManyBatchesAsItWasAskedFor) {
  EXPECT_THAT(FakeRunner("echo $((2000 + $1 * 100))").time(0, 3).samples, ElementsAre(2000, 2100, 2200));
}

// 4x64x128 has 65536 flop: 1024 cycles at 64 flop a cycle.
TEST(Measured, TimesAboveThePeakAreRefused) {
  EXPECT_EQ(FakeRunner("echo 1025").time().status, db::Status::ok);
  const auto timed = FakeRunner("echo 1023").time();
  EXPECT_EQ(timed.status, db::Status::unsupported);
  EXPECT_THAT(timed.detail, HasSubstr("above the processor's peak of 64 flop a cycle"));
  EXPECT_THAT(timed.samples, IsEmpty());
}

TEST(Measured, TimesBelowTheResolutionAreRefused) {
  const auto with = [&](const std::string& resolution) {
    return FakeRunner("echo 2000", R"(\tcalls=1\tresolution=)" + resolution + R"(\tpreemptions=0\tprocessor=3)").time();
  };
  EXPECT_EQ(with("20").status, db::Status::ok);
  const auto timed = with("21");
  EXPECT_EQ(timed.status, db::Status::unsupported);
  EXPECT_THAT(timed.detail, HasSubstr("a batch of 2000 cycles is too short for a timer with steps of 21"));
  EXPECT_EQ(with("inf").status, db::Status::unsupported);
}

TEST(Measured, WhatTheRunnerSawBecomesWarnings) {
  const auto timed = FakeRunner("echo 2000", R"(\tcalls=100\tresolution=20\tpreemptions=2\tprocessor=none)").time();
  EXPECT_THAT(timed.warnings, ElementsAre("unpinned", "busy"));
  EXPECT_THAT(FakeRunner("echo 2000").time(0, 0, "emulated").warnings, ElementsAre("emulated"));
}

TEST(Measured, AnAnswerWithoutWhatBelongsToItIsRefused) {
  EXPECT_EQ(FakeRunner("echo 2000", R"(\tcalls=100)").time().status, db::Status::unsupported);
  EXPECT_EQ(FakeRunner("echo x", R"(\tcalls=100\tresolution=20)").time().status, db::Status::unsupported);
}

TEST(Warnings, EveryOneHasAMeaningAndARemedyAndNoSpaces) {
  for (const measure::Warning& warning : measure::warnings()) {
    EXPECT_THAT(std::string(warning.name), Not(HasSubstr(" ")));
    EXPECT_FALSE(warning.meaning.empty() || warning.remedy.empty()) << warning.name;
    EXPECT_EQ(measure::find_warning(warning.name), &warning);
  }
  EXPECT_EQ(measure::find_warning("none such"), nullptr);
}

// The machine doubles its time half way: medians alone would be of different halves, turns compare like with like.
TEST(FinalRound, ComparesTheTimesOfTheSameTurns) {
  std::vector<std::vector<double>> turns(3);
  for (int t = 0; t < 15; ++t) {
    const double machine = t < 8 ? 1000 : 2000;
    turns[0].push_back(machine * 1.02);
    turns[1].push_back(machine);
    turns[2].push_back(machine * (t % 2 == 0 ? 1.001 : 0.999));
  }
  const auto places = standings(turns);
  EXPECT_TRUE(places[1].leads || places[2].leads);
  EXPECT_NEAR(places[0].ratio, 1.02, 0.0011);
  EXPECT_FALSE(places[0].ties);
  EXPECT_NEAR(places[0].cycles / places[1].cycles, 1.02, 0.0011);
  EXPECT_EQ(places[1].cycles, places[2].cycles) << "a tie has one time";
}

TEST(FinalRound, OneThatIsAlwaysALittleSlowerIsNoTie) {
  const std::vector<std::vector<double>> turns{std::vector<double>(15, 1000), std::vector<double>(15, 1001)};
  const auto places = standings(turns);
  EXPECT_TRUE(places[0].leads);
  EXPECT_FALSE(places[1].ties);
  EXPECT_DOUBLE_EQ(places[1].cycles, 1001);
}

TEST(ReferenceWatch, TwoPercentEitherWayIsDrift) {
  EXPECT_FALSE(drifted(1000, 1019));
  EXPECT_FALSE(drifted(1000, 981));
  EXPECT_TRUE(drifted(1000, 1021));
  EXPECT_TRUE(drifted(1000, 979));
}

TEST(SweepByTheClock, StoresWarningsAndEndsWithAFinalRound) {
  const Folder folder;
  const std::string file = folder / "a.db";
  const std::vector<std::string> command{"sweep",   "--problem", "4x64x64", "--evals", "8",
                                         "--timer", "clock",     "--db",    file};
  const Ran first = run_with("svetune-runner", command);
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("1 job"));
  EXPECT_THAT(first.out, HasSubstr("warning no_counters, 8 times"));
  int finalists = 0, leaders = 0, evaluations = 0;
  db::Store(file, db::Store::Mode::read_only).each([&](const db::Evaluation& row) {
    EXPECT_EQ(row.status, db::Status::ok) << row.detail;
    EXPECT_THAT(row.warnings, Contains("no_counters"));
    finalists += row.detail.starts_with("final round of") ? 1 : 0;
    leaders += row.detail.ends_with("the fastest") ? 1 : 0;
    ++evaluations;
  });
  EXPECT_EQ(evaluations, 8);
  EXPECT_NE(finalists, 1) << "one alone has nobody to be compared with";
  EXPECT_EQ(leaders, finalists == 0 ? 0 : 1);  // none where one was ahead of all others by 5 %
  EXPECT_THAT(run_with("svetune-runner", command).out, HasSubstr("0 evaluations in"));
}

}  // namespace
}  // namespace svetune::app
