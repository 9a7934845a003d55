#include "measure/emulator.hpp"

#include <sys/prctl.h>
#include <unistd.h>

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

}  // namespace svetune::measure
