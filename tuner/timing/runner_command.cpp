#include <unistd.h>

#include "measure/emulator.hpp"
#include "timing/timer.hpp"

namespace svetune::timing {

measure::RunnerCommand runner_command(const Host& host, unsigned vector_bits, std::string_view mode) {
  if (access(host.runner.c_str(), X_OK) != 0) {
    throw InputError("no runner " + host.runner.string() +
                     "; build it with scripts/build, or name one with --runner or SVETUNE_RUNNER");
  }
  measure::RunnerCommand command;
  command.options.memory_limit_bytes = host.memory_limit_bytes;
  command.words = host.launcher;
  // A native runner times and verifies on this processor; the trace needs the emulator's log everywhere.
  if (measure::native_vector_bits() != vector_bits || mode == "trace") {
    const auto emulator =
        measure::emulator_command(measure::find_emulator(host.emulator, host.search_path), vector_bits);
    command.words.insert(command.words.end(), emulator.begin(), emulator.end());
  }
  command.words.push_back(host.runner.string());
  command.words.emplace_back(mode);
  return command;
}

}  // namespace svetune::timing
