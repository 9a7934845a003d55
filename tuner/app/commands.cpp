#include <array>

#include "app/command.hpp"

namespace svetune::app {

int run_bench(const Arguments& arguments, const Environment& environment);
int run_best(const Arguments& arguments, const Environment& environment);
int run_compare(const Arguments& arguments, const Environment& environment);
int run_export(const Arguments& arguments, const Environment& environment);
int run_model(const Arguments& arguments, const Environment& environment);
int run_plan(const Arguments& arguments, const Environment& environment);
int run_profile(const Arguments& arguments, const Environment& environment);
int run_replay(const Arguments& arguments, const Environment& environment);
int run_history(const Arguments& arguments, const Environment& environment);
int run_import(const Arguments& arguments, const Environment& environment);
int run_merge(const Arguments& arguments, const Environment& environment);
int run_report(const Arguments& arguments, const Environment& environment);
int run_reproduce(const Arguments& arguments, const Environment& environment);
int run_show(const Arguments& arguments, const Environment& environment);
int run_space(const Arguments& arguments, const Environment& environment);
int run_sweep(const Arguments& arguments, const Environment& environment);

std::span<const Command> commands() {
  static constexpr std::array kCommands{
      Command{"space", "the configurations that a problem allows, and why others are rejected", run_space},
      Command{"bench", "verify and time one configuration", run_bench},
      Command{"plan", "what a sweep would do and how long it takes", run_plan},
      Command{"sweep", "verify and time the space of problems into a database", run_sweep},
      Command{"best", "what to run for a problem, measured or not", run_best},
      Command{"show", "an evaluation in full", run_show},
      Command{"compare", "two databases or sweeps: wins, losses, regressions", run_compare},
      Command{"history", "the winners of a problem over time", run_history},
      Command{"merge", "databases of several machines or shards in one", run_merge},
      Command{"export", "write what a database knows: a C/C++ header and other formats", run_export},
      Command{"import", "results of Kernel Tuner into a database", run_import},
      Command{"replay", "how soon searchers find the optimum of recorded spaces", run_replay},
      Command{"report", "the winners beside the study's approaches, timed now", run_report},
      Command{"model", "cycles of a loop in assembly text, and where they go", run_model},
      Command{"profile", "the same for calls of a function of any aarch64 Linux program", run_profile},
      Command{"reproduce", "measured cycles of a published study beside this program's", run_reproduce},
  };
  return kCommands;
}

std::string command_text(std::string_view name, const Arguments& arguments) {
  std::string text = "svetune " + std::string(name);
  for (const std::string& word : arguments) {
    const bool plain = word.find_first_of(" '\"\\$`&|;<>()*?#~") == std::string::npos;
    text += plain ? " " + word : " '" + word + "'";
  }
  return text;
}

}  // namespace svetune::app
