// SPDX-License-Identifier: Apache-2.0
#include "sys/standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>

#include <array>

namespace wolffia::sys {

Result<void> fill_standard_streams() {
  std::array<pollfd, 3> streams{};
  for (size_t i = 0; i < streams.size(); ++i)
    streams[i].fd = static_cast<int>(i);
  if (::poll(streams.data(), streams.size(), 0) < 0) return Error::last("poll");
  for (const pollfd& stream : streams) {
    if ((stream.revents & POLLNVAL) == 0) continue;
    // open(2) takes the lowest free number, and those below are open by now.
    const int fd = ::open("/dev/null", O_RDWR);  // NOLINT(android-cloexec-open): it is inherited
    if (fd < 0) return Error::last("open /dev/null");
    if (fd != stream.fd)
      return Error::because(EBADF, "standard streams changed while opening them");
  }
  return {};
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

}  // namespace wolffia::sys
