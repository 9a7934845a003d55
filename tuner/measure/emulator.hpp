// Where a runner runs: on this processor, or under qemu-aarch64 with the wanted vector length.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace svetune::measure {

// SVE vector length of this processor in bits, 0 where it has none (or is no aarch64).
unsigned native_vector_bits();

// "performance": what sets this machine's frequency; empty where the system names nothing.
std::string frequency_governor();

// The emulator: `requested` (a path or a name), else qemu-aarch64, looked up in `search_path` (as $PATH).
// Throws InputError naming the package.
std::filesystem::path find_emulator(std::string_view requested, std::string_view search_path);

// Emulator and its options for a vector length: 512, 256 or 128. Throws InputError for another one.
std::vector<std::string> emulator_command(const std::filesystem::path& emulator, unsigned vector_bits);

// "qemu-aarch64 7.2.22". Throws InputError where the emulator does not tell.
std::string emulator_version(const std::string& emulator);

// The emulator's option that makes every instruction a block of its own; it was renamed in version 8.1. Throws
// InputError where the emulator does not tell its version.
std::string single_step_option(const std::string& emulator);

}  // namespace svetune::measure
