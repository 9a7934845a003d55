// What the harnesses share. Each is a file that feeds bytes to one reader: a reader may refuse with InputError, and do
// nothing else.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "space/problem.hpp"

namespace svetune::fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A promise of the reader that does not hold.
inline void require(bool holds) {
  if (!holds) std::abort();
}

template <class Action>
void refusing(Action&& action) {
  try {
    action();
  } catch (const InputError& error) {
    require(error.what()[0] != '\0');
  }
}

// A file in memory with these bytes, for readers that open files; one a process.
inline const std::filesystem::path& file(std::string_view bytes, std::string_view suffix = "") {
  static const std::filesystem::path path = "/dev/shm/svetune-fuzz-" + std::to_string(getpid()) + std::string(suffix);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

}  // namespace svetune::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
