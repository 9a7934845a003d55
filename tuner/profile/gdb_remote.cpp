#include "profile/gdb_remote.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "space/problem.hpp"

namespace svetune::profile {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr std::size_t kMostBytes = 512;  // of memory in a packet

std::string make_folder() {
  std::string folder = (std::filesystem::temp_directory_path() / "svetune-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr)
    throw InputError("cannot make a folder in " + folder + ": " + std::strerror(errno) +
                     "; set TMPDIR to one with room");
  return folder;
}

std::vector<std::string> debug_command(std::vector<std::string> words, const std::string& folder,
                                       const std::vector<std::string>& program) {
  words.insert(words.end(), {"-g", folder + "/debug"});
  words.insert(words.end(), program.begin(), program.end());
  return words;
}

measure::ChildOptions quiet(int null) {
  measure::ChildOptions options;
  options.own_streams = true;
  options.input = options.output = options.error = null;
  return options;
}

unsigned checksum(const std::string& text) {
  unsigned sum = 0;
  for (const char c : text) sum += static_cast<unsigned char>(c);
  return sum & 0xffU;
}

// Run lengths ("0* " is four zeros) and escaped bytes of a packet.
std::string unpacked(const std::string& packet) {
  std::string out;
  for (std::size_t i = 0; i < packet.size(); ++i) {
    if (packet[i] == '}' && i + 1 < packet.size()) {
      out += static_cast<char>(packet[++i] ^ 0x20);
    } else if (packet[i] == '*' && i + 1 < packet.size() && !out.empty()) {
      out.append(static_cast<std::size_t>(packet[++i] - 29), out.back());
    } else {
      out += packet[i];
    }
  }
  return out;
}

}  // namespace

StoppedProgram::StoppedProgram(const std::vector<std::string>& emulator, const std::vector<std::string>& program)
    : null_(open("/dev/null", O_RDWR | O_CLOEXEC)),
      folder_(make_folder()),
      child_(debug_command(emulator, folder_, program), quiet(null_.get())) {
  connect_to(folder_ + "/debug");
  command("qSupported");
  std::string data;
  for (std::size_t offset = 0;;) {
    char packet[64];
    std::snprintf(packet, sizeof packet, "qXfer:auxv:read::%zx,400", offset);
    const std::string part = command(packet);
    if (part.empty() || (part[0] != 'l' && part[0] != 'm')) break;
    data += part.substr(1);
    offset = data.size();
    if (part[0] == 'l') break;
  }
  auxiliary_.resize(data.size() / sizeof(std::uint64_t));
  std::memcpy(auxiliary_.data(), data.data(), auxiliary_.size() * sizeof(std::uint64_t));
}

StoppedProgram::~StoppedProgram() {
  child_.finish(std::chrono::milliseconds(0));
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void StoppedProgram::connect_to(const std::string& socket_name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_name.size() >= sizeof address.sun_path)
    throw InputError("the path of temporary files is too long; set TMPDIR to a shorter one");
  std::memcpy(address.sun_path, socket_name.c_str(), socket_name.size() + 1);
  for (const auto deadline = measure::Clock::now() + kPatience; measure::Clock::now() < deadline && !child_.ended();) {
    connection_ = measure::FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(connection_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  throw InputError("the emulator does not start the program; run it once by hand with qemu-aarch64 to see why");
}

std::string StoppedProgram::receive() {
  const auto deadline = measure::Clock::now() + kPatience;
  for (;;) {
    const std::size_t begin = buffer_.find('$'), end = buffer_.find('#', begin == std::string::npos ? 0 : begin);
    if (begin != std::string::npos && end != std::string::npos && buffer_.size() >= end + 3) {
      const std::string packet = buffer_.substr(begin + 1, end - begin - 1);
      buffer_.erase(0, end + 3);
      [[maybe_unused]] const ssize_t sent = write(connection_.get(), "+", 1);
      return unpacked(packet);
    }
    std::array<char, 4096> chunk{};
    const bool ready = measure::wait_readable(connection_.get(), deadline) == measure::Readiness::ready;
    const ssize_t got = ready ? read(connection_.get(), chunk.data(), chunk.size()) : 0;
    if (got <= 0) return {};
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

std::string StoppedProgram::command(const std::string& packet) {
  char end[8];
  std::snprintf(end, sizeof end, "#%02x", checksum(packet));
  const std::string text = "$" + packet + end;
  if (send(connection_.get(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) return {};
  return receive();
}

std::uint64_t StoppedProgram::auxiliary(std::uint64_t type) const {
  for (std::size_t i = 0; i + 1 < auxiliary_.size(); i += 2) {
    if (auxiliary_[i] == type) return auxiliary_[i + 1];
  }
  return 0;
}

std::vector<std::uint8_t> StoppedProgram::memory(std::uint64_t address, std::size_t bytes) {
  std::vector<std::uint8_t> out;
  while (out.size() < bytes) {
    char packet[64];
    const std::size_t part = std::min(bytes - out.size(), kMostBytes);
    std::snprintf(packet, sizeof packet, "m%llx,%zx", static_cast<unsigned long long>(address) + out.size(), part);
    const std::string hex = command(packet);
    if (hex.size() != 2 * part) return {};
    for (std::size_t i = 0; i < part; ++i)
      out.push_back(static_cast<std::uint8_t>(std::strtoul(hex.substr(2 * i, 2).c_str(), nullptr, 16)));
  }
  return out;
}

std::uint64_t StoppedProgram::word(std::uint64_t address) {
  std::uint64_t value = 0;
  const std::vector<std::uint8_t> bytes = memory(address, sizeof value);
  if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string StoppedProgram::text(std::uint64_t address) {
  std::string out;
  for (std::size_t n = 0; n < 4096; n += 16) {
    for (const std::uint8_t c : memory(address + n, 16)) {
      if (c == 0) return out;
      out += static_cast<char>(c);
    }
  }
  return out;
}

bool StoppedProgram::run_to(std::uint64_t address) {
  char packet[64];
  std::snprintf(packet, sizeof packet, "Z0,%llx,4", static_cast<unsigned long long>(address));
  if (command(packet) != "OK") return false;
  return command("c").starts_with("T05");
}

}  // namespace svetune::profile
