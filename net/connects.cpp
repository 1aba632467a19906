// SPDX-License-Identifier: Apache-2.0
#include "net/connects.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "net/confine.hpp"
#include "net/frame_parts.hpp"
#include "net/headers.hpp"
#include "net/host.hpp"
#include "net/socket_name.hpp"
#include "sys/close_others.hpp"
#include "sys/process.hpp"
#include "sys/socket.hpp"
#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

sys::Fd asked;  // the process that connects; empty: this one may

constexpr Ipv4 kLoopback{0x7f000000};
const Ipv6 kLoopback6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv6 kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};

/// What a socket of IPv6 takes for an address of IPv4 is one. Source: RFC 4291, 2.5.5.2.
Address plain(const Address& address) {
  const auto* ipv6 = std::get_if<Ipv6>(&address);
  return ipv6 && ipv6->is_in(kMapped, 96) ? Address(Ipv4::read(ipv6->bytes, 12)) : address;
}

/// Those of loopback, and those that are nobody's, which connect(2) takes for them.
bool means_loopback(const Address& address) {
  if (const auto* ipv4 = std::get_if<Ipv4>(&address))
    return ipv4->is_in(kLoopback, 8) || ipv4->is_in({}, 8);
  const auto& ipv6 = std::get<Ipv6>(address);
  return ipv6 == kLoopback6 || ipv6 == Ipv6();
}

/// Only who rules the guest's namespace can mark a socket: it is of that one, where the guest may
/// do as it likes. Source: SO_MARK in socket(7).
bool is_of_guest(const sys::Fd& socket) {
  int mark = 0;
  socklen_t size = sizeof mark;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_MARK, &mark, &size) == 0 && mark != 0;
}

class Connector {
 public:
  Connector(Rules rules, HostWatch host) : rules_(std::move(rules)), host_(std::move(host)) {}

  Result<void> look() {
    rules_.host_owned = TRY(host_.addresses());
    return {};
  }

  /// Until nobody asks any more.
  Result<void> serve(const sys::Fd& asker) {
    for (;;) {
      sys::SocketName to;
      auto bytes = std::as_writable_bytes(std::span(&to.address, 1));
      const sys::Received request = TRY(sys::receive_packet(asker, bytes));
      if (request.size == 0) return {};
      to.size = static_cast<socklen_t>(request.size);
      if (host_.changed()) TRY(look());
      const int error = request.attached ? connect(request.attached, to) : EBADF;
      TRY(sys::send_packet(asker, std::as_bytes(std::span(&error, 1))));
    }
  }

 private:
  int connect(const sys::Fd& socket, const sys::SocketName& to) const {
    const int family = to.address.ss_family;
    const bool is_whole = (family == AF_INET && to.size >= sizeof(sockaddr_in)) ||
                          (family == AF_INET6 && to.size >= sizeof(sockaddr_in6));
    if (!is_whole) return EAFNOSUPPORT;
    if (!is_of_guest(socket) && !may_connect(to_address(to), to_port(to), rules_)) return EACCES;
    return sys::connect_by_call(socket.get(), to.generic(), to.size) < 0 ? errno : 0;
  }

  Rules rules_;
  HostWatch host_;
};

[[noreturn]] void connect_for(const sys::Fd& asker, const Rules& rules) {
  const auto work = [&]() -> Result<void> {
    Connector connector(rules, TRY(HostWatch::open()));
    TRY(connector.look());
    TRY(confine({.resolv_conf = {}, .forbid = forbid_all_but_connects}));
    TRY(sys::send_packet(asker, std::as_bytes(std::span("+", 1))));
    return connector.serve(asker);
  };
  const auto done = work();
  ::_exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
}

/// As connect(2), by whoever may.
int ask(int socket, const sockaddr* to, socklen_t size) {
  const sys::BorrowedFd handed(socket);
  int error = EIO;
  const auto sent = sys::send_packet(
      asked, std::as_bytes(std::span(reinterpret_cast<const char*>(to), size)), &handed.fd());
  const auto said = sent ? sys::receive_packet(asked, std::as_writable_bytes(std::span(&error, 1)))
                         : Result<sys::Received>(sent.error());
  if (!said || said->size != sizeof error) error = EIO;
  if (error == 0) return 0;
  errno = error;
  return -1;
}

}  // namespace

/// A connection to the host is one to the gateway for the rules. The name servers are the host's
/// own business, and change.
bool may_connect(const Address& to, uint16_t port, const Rules& rules) {
  const Address address = plain(to);
  if (rules.dns && port == port::kDns) return true;
  const Flow flow{.protocol = protocol::kTcp, .port = port, .opens = true};
  if (std::holds_alternative<Ipv4>(address)) {
    const Ipv4 meant = means_loopback(address) ? rules.network.gateway : std::get<Ipv4>(address);
    return is_open_to_all(meant, rules) || check_destination(meant, flow, rules) == Reason::Fine;
  }
  const Ipv6 meant = means_loopback(address) ? rules.network.gateway6 : std::get<Ipv6>(address);
  return is_open_to_all(meant, rules) || check_destination(meant, flow, rules) == Reason::Fine;
}

Result<void> leave_connects_to_another(const Rules& rules) {
  auto [ours, theirs] = TRY(sys::packet_pair());
  const sys::Cloned child = TRY(sys::fork_process(), "the process that connects");
  if (child.pid == 0) {
    (void)sys::close_all_but({theirs.get()});
    connect_for(theirs, rules);
  }
  asked = std::move(ours);
  return {};
}

Result<void> await_connects() {
  std::byte ready{};
  const auto said = TRY(sys::receive_packet(asked, std::span(&ready, 1)));
  if (said.size == 1) return {};
  return Error::because(ECHILD, "the process that connects cannot be confined");
}

}  // namespace wolffia::net

/// In place of the C library's, for libslirp as well: symbols of the program come first, ld.so(8).
extern "C" __attribute__((visibility("default"))) int connect(int socket, const sockaddr* to,
                                                              socklen_t size) {
  using namespace wolffia::net;
  if (asked && size <= sizeof(sockaddr_storage)) return ask(socket, to, size);
  return wolffia::sys::connect_by_call(socket, to, size);
}
