#include "model/emulator_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "model/error.hpp"

namespace svetune::model {
namespace {

// A record, as target/arm/cpu.c prints it in every version since 4.0: 33 fields of 21 bytes (" PC=<16 digits> ",
// "X00=<16 digits> ", ..., " SP=<16 digits>\n"), then "PSTATE=<8 digits> ..." up to the end of the line.
constexpr std::size_t kField = 21, kDigitsAt = 4, kPstateAt = 33 * kField, kPstateDigitsAt = kPstateAt + 7;
constexpr std::size_t kLeastRecord = kPstateDigitsAt + 8 + 1, kMostRecord = 1024;
constexpr std::size_t kChunk = 1 << 18, kEnough = 1 << 16;
constexpr std::chrono::microseconds kPause(200);

static_assert(std::endian::native == std::endian::little,
              "hexadecimal parsing takes the first digit from the lowest byte");

// Eight hexadecimal digits at once. Any byte below 128 gives some value: the fields' labels are checked, not each
// digit.
std::uint64_t hex8(const char* text) {
  std::uint64_t v = 0;
  std::memcpy(&v, text, 8);
  v = (v & 0x0f0f0f0f0f0f0f0fULL) + 9 * ((v >> 6) & 0x0101010101010101ULL);
  v = __builtin_bswap64(v);
  v = (v | v >> 4) & 0x00ff00ff00ff00ffULL;
  v = (v | v >> 8) & 0x0000ffff0000ffffULL;
  return (v | v >> 16) & 0xffffffffULL;
}

std::uint64_t hex16(const char* text) {
  return hex8(text) << 32 | hex8(text + 8);
}

bool is_record(const char* at) {
  return std::memcmp(at, " PC=", 4) == 0 && std::memcmp(at + kField, "X00=", 4) == 0 &&
         std::memcmp(at + 32 * kField, " SP=", 4) == 0 && std::memcmp(at + kPstateAt, "PSTATE=", 7) == 0;
}

}  // namespace

EmulatorLog::EmulatorLog(int fd) : fd_(fd), buffer_(kChunk + kMostRecord) {
#ifdef F_SETPIPE_SZ
  fcntl(fd, F_SETPIPE_SZ, 1 << 20);  // fewer switches between writer and reader; no harm where it is refused
#endif
}

bool EmulatorLog::fill(Deadline deadline) {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  // The emulator writes a record at a time: without a pause each would cost a switch to this process and back.
  if (end_ - begin_ < kLeastRecord && total_ > 0 && last_read_ < kEnough) std::this_thread::sleep_for(kPause);
  if (deadline != Deadline::max()) {
    using std::chrono::milliseconds;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30))) == 0) {
      throw TraceTimeout("no more of the trace came in time");
    }
  }
  for (;;) {
    const ssize_t got = read(fd_, buffer_.data() + end_, buffer_.size() - end_);
    if (got > 0) {
      last_read_ = static_cast<std::size_t>(got);
      end_ += last_read_;
      total_ += static_cast<std::uint64_t>(got);
      return true;
    }
    if (got == 0) return false;
    if (errno != EINTR) throw TraceError(std::string("the emulator's trace cannot be read: ") + std::strerror(errno));
  }
}

void EmulatorLog::fail(const char* at) const {
  const std::size_t length = std::min<std::size_t>(static_cast<std::size_t>(buffer_.data() + end_ - at), 60);
  std::string text(at, length);
  std::replace(text.begin(), text.end(), '\n', '|');
  throw TraceError("no register record of the emulator at byte " +
                   std::to_string(total_ - static_cast<std::uint64_t>(buffer_.data() + end_ - at)) +
                   " of the trace: \"" + text + "\"; qemu-aarch64 7.2 or newer with \"-d cpu\" is expected");
}

bool EmulatorLog::next(BlockEntry& entry, Deadline deadline) {
  for (;;) {
    const char* at = buffer_.data() + begin_;
    const std::size_t have = end_ - begin_;
    if (have >= kLeastRecord) {
      if (!is_record(at)) fail(at);
      const char* line_end = static_cast<const char*>(std::memchr(at + kPstateAt, '\n', have - kPstateAt));
      if (line_end != nullptr) {
        entry.pc = hex16(at + kDigitsAt);
        for (std::size_t i = 0; i < 32; ++i) entry.x[i] = hex16(at + (i + 1) * kField + kDigitsAt);
        entry.nzcv = static_cast<std::uint8_t>(hex8(at + kPstateDigitsAt) >> 28);
        begin_ += static_cast<std::size_t>(line_end + 1 - at);
        ++records_;
        return true;
      }
      if (have >= kMostRecord) fail(at);
    }
    if (!fill(deadline)) {
      if (begin_ == end_) return false;
      fail(buffer_.data() + begin_);
    }
  }
}

}  // namespace svetune::model
