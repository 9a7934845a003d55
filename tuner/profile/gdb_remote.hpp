// The emulator's debug port (-g): where a process has its images is read from the stopped process itself, as a debugger
// does. Protocol: "GDB Remote Serial Protocol", GDB manual, appendix E.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "measure/child_process.hpp"

namespace svetune::profile {

// Where a program waits in front of its first instruction; it is killed with this object.
class StoppedProgram {
 public:
  // `emulator` with its options, `program` with its arguments; both streams of the program are /dev/null. Throws
  // InputError where it does not start.
  StoppedProgram(const std::vector<std::string>& emulator, const std::vector<std::string>& program);
  ~StoppedProgram();
  StoppedProgram(const StoppedProgram&) = delete;
  StoppedProgram& operator=(const StoppedProgram&) = delete;

  // The entry of the auxiliary vector (AT_ENTRY, ...), 0 where there is none.
  std::uint64_t auxiliary(std::uint64_t type) const;
  // 0 bytes are given where memory cannot be read.
  std::vector<std::uint8_t> memory(std::uint64_t address, std::size_t bytes);
  std::uint64_t word(std::uint64_t address);
  std::string text(std::uint64_t address);
  // Runs up to this address. False if the program ended before.
  bool run_to(std::uint64_t address);

 private:
  void connect_to(const std::string& socket);
  std::string command(const std::string& packet);
  std::string receive();

  measure::FileDescriptor null_, connection_;
  std::string folder_, buffer_;
  std::vector<std::uint64_t> auxiliary_;
  measure::ChildProcess child_;
};

}  // namespace svetune::profile
