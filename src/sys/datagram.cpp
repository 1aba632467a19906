// SPDX-License-Identifier: Apache-2.0
#include "sys/datagram.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "base/quote.hpp"
#include "sys/unix_socket.hpp"

namespace wolffia::sys {

Result<Fd> bind_datagrams_at(const Fd& directory, const char* name) {
  const sockaddr_un address = TRY(unix_address_at(directory, name));
  Fd socket = TRY(make_unix_socket(SOCK_DGRAM));
  (void)::unlinkat(directory.get(), name, 0);
  if (::bind(socket.get(), generic(address), sizeof address) < 0) return Error::last("bind");
  if (::fchmodat(directory.get(), name, 0666, 0) < 0) return Error::last("fchmodat");
  return socket;
}

Result<std::string> receive_datagram(const Fd& socket, size_t limit) {
  std::string message(limit, '\0');
  ssize_t n = 0;
  while ((n = ::recv(socket.get(), message.data(), limit, MSG_DONTWAIT)) < 0) {
    if (errno == EAGAIN) return std::string();
    if (errno != EINTR) return Error::last("recv");
  }
  message.resize(static_cast<size_t>(n));
  return message;
}

Result<void> send_datagram(std::string_view address, std::string_view message) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (address.size() < 2 || address.size() >= sizeof to.sun_path ||
      (address[0] != '/' && address[0] != '@'))
    return Error::because(
        EINVAL, cat("the address of a socket is an absolute path or @NAME, not ", quoted(address)));
  std::memcpy(to.sun_path, address.data(), address.size());
  if (address[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  const Fd socket = TRY(make_unix_socket(SOCK_DGRAM));
  while (::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL, generic(to), size) <
         0)
    if (errno != EINTR) return Error::last("sendto");
  return {};
}

}  // namespace wolffia::sys
