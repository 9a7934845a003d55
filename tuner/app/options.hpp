// Command lines by Boost.Program_options, the same way in every command; bad ones become InputErrors with the remedy.
#pragma once

#include <spdlog/logger.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "space/problem.hpp"
#include "timing/timer.hpp"

namespace svetune::app {

class Options {
 public:
  // `usage` follows "usage: svetune " in --help, `description` follows that.
  Options(std::string command, std::string usage, std::string description);

  // Boost's way: options.add()("problem", text("MxNCxD"), "help")
  boost::program_options::options_description_easy_init add() { return visible_.add_options(); }
  // Words that are no options go to this option.
  void positional(const char* name, int most) { positional_.add(name, most); }

  // False: --help was asked for and is printed.
  bool parse(const Arguments& arguments, const Environment& environment);

  bool has(const char* name) const { return values_.count(name) != 0; }
  std::optional<std::string> text(const char* name) const;
  std::vector<std::string> texts(const char* name) const;  // of an option made by values()
  // Throws InputError that names the option where it is absent.
  std::string required(const char* name) const;
  std::optional<std::int64_t> integer(const char* name, std::int64_t least, std::int64_t most) const;

 private:
  std::string command_, usage_, description_;
  boost::program_options::options_description visible_{"options"};
  boost::program_options::positional_options_description positional_;
  boost::program_options::variables_map values_;
};

// An option with a value, shown as --name WORD.
boost::program_options::typed_value<std::string>* value(const char* word);

// The same, given several times.
boost::program_options::typed_value<std::vector<std::string>>* values(const char* word);

// --timer, --runner, --launcher, --emulator, --memory-limit, --timeout, --seed, --verbose: of every command that runs
// candidates.
void add_run_options(Options& options);

// $SVETUNE_RUNNER, else beside this program.
std::filesystem::path default_runner(const Environment& environment);

struct RunChoice {
  timing::Host host;
  timing::ChosenTimer timer;
  timing::TimerFacts facts;
  std::uint64_t seed = 1;
  std::optional<std::chrono::seconds> timeout;  // of one evaluation's stage; absent: by the size of the problem
  std::shared_ptr<spdlog::logger> log;
};
RunChoice run_choice(const Options& options, const Environment& environment);
// The same with this timer, whatever --timer says; empty: the default one.
RunChoice run_choice(const Options& options, const Environment& environment, const std::string& timer);

// "4x64x128,16x64x128"; throws InputError, also for a problem named twice.
std::vector<Problem> parse_problems(const std::string& list);

// "90s", "30m", "8h", "1h30m"
std::chrono::seconds parse_duration(const std::string& text);

}  // namespace svetune::app
