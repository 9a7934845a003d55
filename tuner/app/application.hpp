// The program as a function, so that another program can be the same with another registry of strategies.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace svetune::app {

// Everything that the program takes from its surroundings.
struct Environment {
  std::ostream& out;
  std::ostream& err;
  std::filesystem::path program_folder;  // where the runner lies, too
  std::string runner_name = "svetune-runner";
  std::string runner_variable{};  // $SVETUNE_RUNNER
  std::string search_path{};      // $PATH
  bool err_is_terminal = false;
};

// The surroundings of this process.
Environment this_environment();

// 0: done; 1: it went wrong, or a benched candidate failed; 2: bad input; 130: interrupted.
int run(const std::vector<std::string>& arguments, const Environment& environment);

}  // namespace svetune::app
