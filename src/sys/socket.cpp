// SPDX-License-Identifier: Apache-2.0
#include "sys/socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstdio>
#include <cstring>

#include "sys/unix_socket.hpp"

namespace wolffia::sys {
namespace {

/// The descriptor a packet brought. One at most: the control buffer holds no second.
Fd attached_fd(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(part), sizeof fd);
    return Fd(fd);
  }
  return {};
}

ssize_t send_once(const Fd& socket, std::span<const std::byte> bytes, const Fd* attached,
                  int flags) {
  iovec part{.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (attached) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = attached->get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return ::sendmsg(socket.get(), &message, flags);
}

}  // namespace

Result<sockaddr_un> unix_address_at(const Fd& directory, const char* name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const int n = std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s",
                              directory.get(), name);
  if (n < 0 || static_cast<size_t>(n) >= sizeof address.sun_path)
    return Error::because(ENAMETOOLONG, cat("socket name ", name, " is too long"));
  return address;
}

Result<Fd> make_unix_socket(int type) {
  const int fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return Error::last("socket");
  return Fd(fd);
}

Result<std::pair<Fd, Fd>> packet_pair() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
    return Error::last("socketpair");
  return std::pair(Fd(pair[0]), Fd(pair[1]));
}

Result<void> send_packet(const Fd& socket, std::span<const std::byte> bytes, const Fd* attached) {
  while (send_once(socket, bytes, attached, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) return Error::last("sendmsg");
  return {};
}

Result<bool> offer_packet(const Fd& socket, std::span<const std::byte> bytes, const Fd* attached) {
  while (send_once(socket, bytes, attached, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno == EAGAIN) return false;
    if (errno != EINTR) return Error::last("sendmsg");
  }
  return true;
}

Result<Received> receive_packet(const Fd& socket, std::span<std::byte> bytes, Waiting waiting) {
  const int flags = MSG_CMSG_CLOEXEC | (waiting == Waiting::No ? MSG_DONTWAIT : 0);
  iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = 0;
  for (bool was_reset = false; (n = ::recvmsg(socket.get(), &message, flags)) < 0;) {
    // A peer that went away with our last packet unread is no more than a closed end; and what it
    // said before is still there behind the error, which is reported once.
    if (errno == ECONNRESET && was_reset) return Received{};
    if (errno == ECONNRESET)
      was_reset = true;
    else if (errno != EINTR)
      return Error::last("recvmsg");
  }
  Received received;
  received.size = static_cast<size_t>(n);
  received.attached = attached_fd(message);
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return Error::because(EMSGSIZE, "a packet was larger than its buffer");
  return received;
}

Result<void> bound_waiting(const Fd& socket, std::chrono::milliseconds most) {
  const timeval time{.tv_sec = most.count() / 1000, .tv_usec = most.count() % 1000 * 1000};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) < 0)
    return Error::last("setsockopt(SO_RCVTIMEO)");
  return {};
}

void bound_queue(const Fd& socket, size_t packets) {
  constexpr size_t kPacket = 768;  // of 64-bit processors; the kernel doubles what is asked for
  const int bytes = static_cast<int>(packets * kPacket / 2);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

Result<Fd> listen_at(const Fd& directory, const char* name, SocketKind kind, int waiting) {
  const sockaddr_un address = TRY(unix_address_at(directory, name));
  Fd socket = TRY(make_unix_socket(kind == SocketKind::Stream ? SOCK_STREAM : SOCK_SEQPACKET));
  // bind(2) gives the file the mode of the socket. Source: unix_bind() in net/unix/af_unix.c.
  if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) < 0) return Error::last("fchmod");
  if (::bind(socket.get(), generic(address), sizeof address) < 0) return Error::last("bind");
  if (::listen(socket.get(), waiting) < 0) return Error::last("listen");
  return socket;
}

Result<Fd> connect_at(const Fd& directory, const char* name) {
  const sockaddr_un address = TRY(unix_address_at(directory, name));
  Fd socket = TRY(make_unix_socket(SOCK_SEQPACKET));
  if (::connect(socket.get(), generic(address), sizeof address) < 0) return Error::last("connect");
  return socket;
}

Result<Fd> accept_from(const Fd& listener) {
  int fd = -1;
  while ((fd = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)) < 0)
    if (errno != EINTR) return Error::last("accept4");
  return Fd(fd);
}

Result<Fd> connect_stream(const char* path) {
  const int target = ::open(path, O_PATH | O_CLOEXEC);
  if (target < 0) return Error::last("open");
  const Fd pinned(target);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (void)std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", pinned.get());
  Fd socket = TRY(make_unix_socket(SOCK_STREAM));
  if (::connect(socket.get(), generic(address), sizeof address) < 0) return Error::last("connect");
  return socket;
}

}  // namespace wolffia::sys
