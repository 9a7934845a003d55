#include "runner/processor.hpp"

#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>

namespace svetune {
namespace {

// A name without a file, which one process at a time can have and nobody has to clean up.
bool claim(int processor) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const int length =
      std::snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "svetune-processor-%d", processor);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path)) + 1 + static_cast<socklen_t>(length);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), bytes) == 0) return true;  // open until the end
  close(socket);
  return false;
}

}  // namespace

std::optional<int> claim_processor() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return std::nullopt;
  for (int processor = CPU_SETSIZE - 1; processor >= 0; --processor) {
    if (!CPU_ISSET(static_cast<unsigned>(processor), &allowed) || !claim(processor)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(processor), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) return std::nullopt;
    return processor;
  }
  return std::nullopt;
}

}  // namespace svetune
