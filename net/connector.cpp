// SPDX-License-Identifier: Apache-2.0
#include "net/connector.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <unordered_map>

#include "net/confine.hpp"
#include "net/connects.hpp"
#include "net/frame_parts.hpp"
#include "net/headers.hpp"
#include "net/host.hpp"
#include "net/socket_name.hpp"
#include "sys/epoll.hpp"
#include "sys/socket.hpp"

namespace wolffia::net {
namespace {

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

int option_of(const sys::Fd& socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket.get(), SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

/// Only who rules the guest's namespace can mark a socket: it is of that one, where the guest may
/// do as it likes. Source: SO_MARK in socket(7).
bool is_of_guest(const sys::Fd& socket) {
  return option_of(socket, SO_MARK) != 0;
}

class Connector {
 public:
  Connector(const sys::Fd& asker, const Rules& rules, HostWatch host, sys::Epoll epoll)
      : asker_(asker), rules_(rules), host_(std::move(host)), epoll_(std::move(epoll)) {}

  Result<void> look() {
    rules_.host_owned = TRY(host_.addresses());
    return {};
  }

  /// Until nobody asks any more.
  Result<void> serve() {
    TRY(epoll_.watch(asker_.get(), EPOLLIN, false));
    std::array<epoll_event, 16> events;
    for (;;)
      for (const epoll_event& event : TRY(epoll_.wait(events, std::nullopt))) {
        const int file = event.data.fd;
        if (file != asker_.get())
          hear(file, event.events);
        else if (!TRY(answer()))
          return {};
      }
  }

 private:
  struct Port {
    sys::Fd socket;
    sys::Fd peers;  // where they go
  };

  /// False where nobody is there any more.
  Result<bool> answer() {
    ConnectRequest request;
    auto bytes = std::as_writable_bytes(std::span(&request, 1));
    const sys::Received received = TRY(sys::receive_packet(asker_, bytes));
    if (received.size != sizeof request) return false;
    if (host_.changed()) TRY(look());
    ConnectReply reply;
    sys::Fd brought;
    if (request.kind == ConnectRequest::Kind::UdpPort) {
      auto port = open(request.name);
      reply.error = port ? 0 : port.error().code();
      if (port) brought = std::move(port).value();
    } else {
      reply.error = received.attached ? connect(received.attached, request.name) : EBADF;
    }
    TRY(sys::send_packet(asker_, std::as_bytes(std::span(&reply, 1)),
                         brought ? &brought : nullptr));
    return true;
  }

  int connect(const sys::Fd& socket, const sys::SocketName& to) const {
    const int family = to.address.ss_family;
    const bool is_whole = (family == AF_INET && to.size >= sizeof(sockaddr_in)) ||
                          (family == AF_INET6 && to.size >= sizeof(sockaddr_in6));
    if (!is_whole || to.size > sizeof to.address) return EAFNOSUPPORT;
    const auto protocol = static_cast<uint8_t>(option_of(socket, SO_PROTOCOL));
    if (!is_of_guest(socket) && !may_connect(to_address(to), to_port(to), protocol, rules_))
      return EACCES;
    return sys::connect_by_call(socket.get(), to.generic(), to.size) < 0 ? errno : 0;
  }

  Result<sys::Fd> open(const sys::SocketName& name) {
    if (name.size > sizeof name.address) return Error::because(EINVAL, "no such address");
    Port port{.socket = TRY(sys::udp_port(name)), .peers = {}};
    auto [ours, theirs] = TRY(sys::packet_pair());
    const int file = port.socket.get();
    const int end = ours.get();
    port.peers = std::move(ours);
    TRY(epoll_.watch(file, EPOLLIN, false));
    TRY(epoll_.watch(end, EPOLLRDHUP, false));
    ends_[end] = file;
    ports_.emplace(file, std::move(port));
    return std::move(theirs);
  }

  /// A number may be another's since the kernel told of it.
  void hear(int file, uint32_t events) {
    const auto end = ends_.find(file);
    const bool is_over = (events & (EPOLLRDHUP | EPOLLHUP)) != 0;
    if (end != ends_.end()) return is_over ? close(end->second) : void();
    const auto port = ports_.find(file);
    if (port == ports_.end()) return;
    constexpr int kAtOnce = 16;
    for (int i = 0; i < kAtOnce; ++i)
      if (!hand_over(port->second)) return;
  }

  /// What there is no room for is lost, as any datagram may be.
  bool hand_over(const Port& port) {
    const auto data = std::span(packet_).subspan(sizeof(PeerHeader));
    auto peer = accept_udp(port.socket, data);
    if (!peer) return !peer.error().is(EAGAIN);
    const PeerHeader header{peer->name};
    std::memcpy(packet_.data(), &header, sizeof header);
    const auto packet = std::span(packet_).first(sizeof header + peer->size);
    (void)sys::offer_packet(port.peers, std::as_bytes(packet), &peer->socket);
    return true;
  }

  /// The port is nobody's any more.
  void close(int file) {
    const auto port = ports_.find(file);
    if (port == ports_.end()) return;
    ends_.erase(port->second.peers.get());
    ports_.erase(port);
  }

  const sys::Fd& asker_;
  Rules rules_;
  HostWatch host_;
  sys::Epoll epoll_;
  std::unordered_map<int, Port> ports_;  // by the number of the socket
  std::unordered_map<int, int> ends_;    // the same numbers, by those of `peers`
  std::vector<uint8_t> packet_ = std::vector<uint8_t>(sizeof(PeerHeader) + sys::UdpBatch::kLargest);
};

bool is_nameserver(uint16_t port, uint8_t protocol, const Rules& rules) {
  return rules.dns && port == port::kDns &&
         (protocol == protocol::kTcp || protocol == protocol::kUdp);
}

}  // namespace

/// A connection to the host is one to the gateway for the rules. The name servers are the host's
/// own business, and change.
bool may_connect(const Address& to, uint16_t port, uint8_t protocol, const Rules& rules) {
  const Address address = plain(to);
  if (is_nameserver(port, protocol, rules)) return true;
  const Flow flow{.protocol = protocol, .port = port, .opens = true};
  const Network& network = rules.network;
  const bool is_ipv4 = std::holds_alternative<Ipv4>(address);
  Address meant = address;
  if (means_loopback(address))
    meant = is_ipv4 ? Address(network.gateway) : Address(network.gateway6);
  if (is_open_to_all(meant, rules)) return true;
  return std::visit([&](const auto& it) { return check_destination(it, flow, rules); }, meant) ==
         Reason::Fine;
}

[[noreturn]] void connect_for(const sys::Fd& asker, const Rules& rules, uint64_t capabilities) {
  const auto work = [&]() -> Result<void> {
    HostWatch host = TRY(HostWatch::open());
    Connector connector(asker, rules, std::move(host), TRY(sys::Epoll::make()));
    TRY(connector.look());
    TRY(lock_in({.kept_capabilities = capabilities, .forbid = forbid_all_but_connects}));
    TRY(sys::send_packet(asker, std::as_bytes(std::span("+", 1))));
    return connector.serve();
  };
  const auto done = work();
  ::_exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace wolffia::net
