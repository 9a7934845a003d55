#include "app/application.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <numeric>
#include <utility>

#include "app/command.hpp"
#include "space/problem.hpp"

namespace svetune::app {
namespace {

constexpr int kFailed = 1, kBadInput = 2;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
  return value == nullptr ? "" : value;
}

void print_help(std::ostream& out) {
  out << "svetune finds the fastest way to compute P = exp2(S*scale - max); O += P*V on Arm SVE,\n"
         "for each shape and processor, on a machine with SVE or on any other.\n\n"
         "usage: svetune COMMAND [options]\n\ncommands:\n";
  for (const Command& command : commands()) {
    out << "  " << command.name << std::string(12 - command.name.size(), ' ') << command.summary << '\n';
  }
  out << "\nsvetune help COMMAND (or svetune COMMAND --help) says more; svetune --version prints the version.\n"
         "A first try: svetune bench --problem 4x64x128 --config \"strategy=separate\"\n";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

const Command& find_command(std::string_view name) {
  const Command* nearest = nullptr;
  std::size_t least = 3;  // further away it is another word, not a slip
  for (const Command& command : commands()) {
    if (command.name == name) return command;
    const std::size_t distance = edit_distance(name, command.name);
    if (distance < least) {
      least = distance;
      nearest = &command;
    }
  }
  throw InputError("unknown command '" + std::string(name) + "'" +
                   (nearest == nullptr ? std::string("; svetune --help lists the commands")
                                       : "; did you mean '" + std::string(nearest->name) + "'?"));
}

int dispatch(Arguments arguments, const Environment& environment) {
  if (arguments.empty()) {
    print_help(environment.err);
    return kBadInput;
  }
  const std::string first = arguments.front();
  arguments.erase(arguments.begin());
  if (first == "--version") {
    environment.out << "svetune " SVETUNE_VERSION "\n";
    return 0;
  }
  if (first == "--help" || first == "-h" || (first == "help" && arguments.empty())) {
    print_help(environment.out);
    return 0;
  }
  if (first == "help") return find_command(arguments.front()).run({"--help"}, environment);
  return find_command(first).run(arguments, environment);
}

}  // namespace

Environment this_environment() {
  std::error_code ignored;
  Environment environment{std::cout, std::cerr, std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path()};
  environment.runner_variable = variable("SVETUNE_RUNNER");
  environment.search_path = variable("PATH");
  environment.err_is_terminal = isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb";
  return environment;
}

int run(const std::vector<std::string>& arguments, const Environment& environment) {
  try {
    const int code = dispatch(arguments, environment);
    environment.out.flush();
    if (!environment.out) throw InputError("standard output cannot be written (disk full?)");
    return code;
  } catch (const InputError& error) {
    environment.err << "svetune: error: " << error.what() << '\n' << std::flush;
    return kBadInput;
  } catch (const std::exception& error) {
    environment.err << "svetune: internal error: " << error.what() << '\n' << std::flush;
    return kFailed;
  }
}

}  // namespace svetune::app
