// SPDX-License-Identifier: Apache-2.0
// Usage: say [MESSAGE | -w]...
// Sends each MESSAGE to the socket that NOTIFY_SOCKET names, as sd_notify(3) does; "\n" in it is a
// line's end. -w waits for a line on standard input.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

std::string with_lines(std::string message) {
  for (size_t at = 0; (at = message.find("\\n", at)) != std::string::npos;)
    message.replace(at, 2, "\n");
  return message;
}

bool wait_for_line() {
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1)
    if (c == '\n') return true;
  return false;
}

bool send(const char* path, const std::string& message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return false;
  std::strcpy(address.sun_path, path);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  const bool sent =
      ::sendto(fd, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&address),
               sizeof address) == static_cast<ssize_t>(message.size());
  ::close(fd);
  return sent;
}

}  // namespace

int main(int argc, char** argv) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "-w") {
      if (!wait_for_line()) return 3;
      continue;
    }
    if (!path) return 2;
    if (!send(path, with_lines(argv[i]))) return std::perror("say"), 1;
  }
  return 0;
}
