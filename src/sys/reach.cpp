// SPDX-License-Identifier: Apache-2.0
#include "sys/reach.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "sys/fd.hpp"

namespace wolffia::sys {
namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

/// The length of the address; 0 where `text` is none.
socklen_t read_address(const std::string& text, uint16_t port, Address& address) {
  address = {};
  if (::inet_pton(AF_INET, text.c_str(), &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    return sizeof address.v4;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &address.v6.sin6_addr) == 1) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    return sizeof address.v6;
  }
  return 0;
}

Result<void> finish_connecting(const Fd& connection, std::chrono::milliseconds timeout) {
  pollfd watched{.fd = connection.get(), .events = POLLOUT, .revents = 0};
  const int ready = ::poll(&watched, 1, static_cast<int>(timeout.count()));
  if (ready < 0) return Error::last("poll");
  int code = ETIMEDOUT;
  socklen_t size = sizeof code;
  if (ready > 0 && ::getsockopt(connection.get(), SOL_SOCKET, SO_ERROR, &code, &size) < 0)
    return Error::last("getsockopt");
  if (code == 0) return {};
  errno = code;
  return Error::last("connect");
}

}  // namespace

Result<void> reach(const std::string& address, uint16_t port, std::chrono::milliseconds timeout) {
  Address target;
  const socklen_t size = read_address(address, port, target);
  if (size == 0) return Error::because(EINVAL, cat(address, " is no address"));
  const Fd connection(
      ::socket(target.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!connection) return Error::last("socket");
  if (::connect(connection.get(), &target.any, size) == 0) return {};
  if (errno != EINPROGRESS) return Error::last("connect");
  return finish_connecting(connection, timeout);
}

}  // namespace wolffia::sys
