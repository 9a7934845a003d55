// A command is one file with a function and one line in commands.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/application.hpp"

namespace svetune::app {

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name, summary;
  int (*run)(const Arguments& arguments, const Environment& environment);
};

std::span<const Command> commands();

// "svetune sweep --problem 4x64x128", as it can be typed again.
std::string command_text(std::string_view name, const Arguments& arguments);

}  // namespace svetune::app
