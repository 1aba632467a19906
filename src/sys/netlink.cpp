// SPDX-License-Identifier: Apache-2.0
#include "sys/netlink.hpp"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "sys/file.hpp"

namespace wolffia::sys {
namespace {

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

/// Where the message or attribute behind one of `size` bytes begins.
constexpr size_t aligned(size_t size) {
  return NLMSG_ALIGN(size);
}

}  // namespace

NetlinkRequest::NetlinkRequest(uint16_t type, uint16_t flags, std::span<const std::byte> body) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = flags | NLM_F_REQUEST;
  append(bytes_of(header));
  append(body);
}

void NetlinkRequest::append(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize(aligned(bytes_.size()));
  const auto size = static_cast<uint32_t>(bytes_.size());
  std::memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_len), &size, sizeof size);
}

void NetlinkRequest::add(uint16_t attribute, std::span<const std::byte> value) {
  rtattr header{};
  header.rta_type = attribute;
  header.rta_len = static_cast<uint16_t>(sizeof header + value.size());
  append(bytes_of(header));
  append(value);
}

Result<Netlink> Netlink::open(uint32_t groups) {
  return open_to(NETLINK_ROUTE, groups);
}

Result<Netlink> Netlink::open_in(const NamespaceFd& space) {
  const NamespaceFd own(TRY(open_at(cwd(), "/proc/self/ns/net", O_RDONLY)).release());
  TRY(join_namespace(own, CLONE_NEWNET));  // or there would be no way back
  TRY(join_namespace(space, CLONE_NEWNET));
  auto opened = open();
  TRY(join_namespace(own, CLONE_NEWNET));
  return opened;
}

Result<Netlink> Netlink::open_to(int family, uint32_t groups) {
  const int wait = groups == 0 ? 0 : SOCK_NONBLOCK;
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | wait, family);
  if (fd < 0) return Error::last("socket");
  Netlink netlink{Fd(fd)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return Error::last("bind");
  return netlink;
}

Result<void> Netlink::send(std::span<const std::byte> bytes) {
  if (::send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return Error::last("send");
  return {};
}

/// Takes one datagram of answers; true when that was the last.
Result<bool> Netlink::take(const NetlinkAnswer& answer) {
  alignas(nlmsghdr) std::array<std::byte, 32 << 10> buffer{};
  const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (n < 0) return Error::last("recv");
  std::span<const std::byte> rest(buffer.data(), static_cast<size_t>(n));
  nlmsghdr header{};
  while (rest.size() >= sizeof header) {
    std::memcpy(&header, rest.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) break;
    const auto body = rest.subspan(sizeof header, header.nlmsg_len - sizeof header);
    if (header.nlmsg_type == NLMSG_DONE) return true;
    if (header.nlmsg_type == NLMSG_ERROR) {
      int error = 0;
      if (body.size() < sizeof error) break;
      std::memcpy(&error, body.data(), sizeof error);
      if (error == 0) return true;
      errno = -error;
      return Error::last("netlink");
    }
    if (answer) answer(header.nlmsg_type, body);
    rest = rest.subspan(std::min(aligned(header.nlmsg_len), rest.size()));
  }
  return false;
}

Result<void> Netlink::change(std::span<const std::byte> requests) {
  TRY(send(requests));
  while (!TRY(take(nullptr))) {
  }
  return {};
}

Result<void> Netlink::dump(const NetlinkRequest& request, const NetlinkAnswer& answer) {
  TRY(send(request.bytes()));
  while (!TRY(take(answer))) {
  }
  return {};
}

bool Netlink::heard() {
  bool any = false;
  std::array<std::byte, 4096> buffer{};
  // ENOBUFS says that there was more than fits: that was heard too.
  while (::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
    any = true;
  return any;
}

std::span<const std::byte> netlink_attribute(std::span<const std::byte> body, size_t fixed,
                                             uint16_t wanted) {
  std::span<const std::byte> rest = body.subspan(std::min(aligned(fixed), body.size()));
  rtattr header{};
  while (rest.size() >= sizeof header) {
    std::memcpy(&header, rest.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > rest.size()) break;
    if (header.rta_type == wanted)
      return rest.subspan(sizeof header, header.rta_len - sizeof header);
    rest = rest.subspan(std::min(aligned(header.rta_len), rest.size()));
  }
  return {};
}

}  // namespace wolffia::sys
