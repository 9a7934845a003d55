#include "db/atomic_file.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "space/problem.hpp"

namespace svetune::db {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
  const int error = errno;
  const std::string remedy = error == ENOSPC   ? "free some space"
                             : error == ENOENT ? "make its folder first"
                                               : "check its folder and their permissions";
  throw InputError("cannot write " + file.string() + ": " + std::generic_category().message(error) + "; " + remedy);
}

bool holds(const std::filesystem::path& file, std::string_view text) {
  std::ifstream stream(file, std::ios::binary);
  return stream && std::string(std::istreambuf_iterator<char>(stream), {}) == text;
}

// The permissions that a new file gets from the process; mkstemp gives the owner's alone.
mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return fchmod(descriptor, usual_mode()) == 0 && fsync(descriptor) == 0;
}

}  // namespace

bool write_atomically(const std::filesystem::path& file, std::string_view text) {
  std::error_code ignored;
  // /dev/stdout, a pipe: nothing to rename.
  if (std::filesystem::exists(file, ignored) && !std::filesystem::is_regular_file(file, ignored)) {
    std::ofstream stream(file, std::ios::binary);
    stream << text << std::flush;
    if (!stream) fail(file);
    return true;
  }
  if (holds(file, text)) return false;
  // What a link points to is replaced, not the link.
  const auto target =
      std::filesystem::is_symlink(file, ignored) ? std::filesystem::weakly_canonical(file, ignored) : file;
  std::string temporary = target.string() + ".XXXXXX";
  const int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) fail(file);
  const bool written = write_all(descriptor, text);
  if ((close(descriptor) != 0 || !written) || std::rename(temporary.c_str(), target.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    errno = error;
    fail(file);
  }
  return true;
}

}  // namespace svetune::db
