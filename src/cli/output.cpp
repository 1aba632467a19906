// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <poll.h>
#include <unistd.h>

namespace wolffia::cli {
namespace {

/// Waits for room where a caller has left its end non-blocking. False when waiting cannot help.
bool wait_for_room(int fd) {
  pollfd full{.fd = fd, .events = POLLOUT, .revents = 0};
  const int ready = ::poll(&full, 1, -1);
  return ready > 0 || (ready < 0 && errno == EINTR);
}

Result<void> write_to(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR || (errno == EAGAIN && wait_for_room(fd))) continue;
    return Error::last("write");
  }
  return {};
}

}  // namespace

Result<void> print(std::string_view text) {
  TRY(write_to(STDOUT_FILENO, text), "standard output");
  return {};
}

void print_message(std::string_view text) {
  (void)write_to(STDERR_FILENO, text);
}

}  // namespace wolffia::cli
