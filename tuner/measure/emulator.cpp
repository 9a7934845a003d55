#include "measure/emulator.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "measure/child_process.hpp"
#include "space/problem.hpp"

namespace svetune::measure {
namespace {

constexpr std::string_view kName = "qemu-aarch64";

bool executable(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
}

}  // namespace

unsigned native_vector_bits() {
#if defined(__aarch64__)
  const int answer = prctl(PR_SVE_GET_VL);
  return answer < 0 ? 0U : static_cast<unsigned>(answer & PR_SVE_VL_LEN_MASK) * 8U;
#else
  return 0;
#endif
}

std::string frequency_governor() {
  std::string text;
  std::ifstream("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") >> text;
  return text;
}

std::filesystem::path find_emulator(std::string_view requested, std::string_view search_path) {
  const std::string_view name = requested.empty() ? kName : requested;
  if (name.find('/') != std::string_view::npos) {
    if (executable(name)) return name;
    throw InputError("the emulator " + std::string(name) + " is not an executable file; leave out --emulator to use " +
                     std::string(kName) + " from PATH");
  }
  for (std::size_t from = 0; from <= search_path.size();) {
    const std::size_t colon = std::min(search_path.find(':', from), search_path.size());
    const std::filesystem::path folder(search_path.substr(from, colon - from));
    if (!folder.empty() && executable(folder / name)) return folder / name;
    from = colon + 1;
  }
  throw InputError("this machine has no SVE and no emulator " + std::string(name) +
                   " in PATH; install the package qemu-user (apt-get install qemu-user) or name one with --emulator");
}

std::vector<std::string> emulator_command(const std::filesystem::path& emulator, unsigned vector_bits) {
  std::string cpu;
  switch (vector_bits) {
    case 512:
      cpu = "a64fx";
      break;
    case 256:
      cpu = "max,sve256=on,sve-default-vector-length=32";
      break;
    case 128:
      cpu = "max,sve128=on,sve-default-vector-length=16";
      break;
    default:
      throw InputError("no kernels for a vector length of " + std::to_string(vector_bits) +
                       " bits; there are kernels for 128, 256 and 512");
  }
  return {emulator.string(), "-cpu", cpu};
}

std::string emulator_version(const std::string& emulator) {
  ChildProcess child({emulator, "--version"}, {});
  // "qemu-aarch64 version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)"
  std::array<char, 256> text{};
  if (wait_readable(child.socket_fd(), Clock::now() + std::chrono::seconds(10)) == Readiness::ready) [[maybe_unused]]
    const ssize_t got = read(child.socket_fd(), text.data(), text.size() - 1);
  const std::string_view line(text.data());
  const std::size_t at = line.find("version ");
  if (at == std::string_view::npos)
    throw InputError(emulator + " --version does not tell a version; use qemu-aarch64 7.2 or newer");
  const std::string_view version = line.substr(at + 8);
  return "qemu-aarch64 " + std::string(version.substr(0, version.find_first_of(" (\r\n")));
}

std::string single_step_option(const std::string& emulator) {
  int major = 0, minor = 0;
  if (std::sscanf(emulator_version(emulator).c_str(), "qemu-aarch64 %d.%d", &major, &minor) != 2)
    throw InputError(emulator + " --version does not tell a version; use qemu-aarch64 7.2 or newer");
  return major > 8 || (major == 8 && minor >= 1) ? "-one-insn-per-tb" : "-singlestep";
}

}  // namespace svetune::measure
