// SPDX-License-Identifier: Apache-2.0
#include "net/socket_maker.hpp"

#include <linux/capability.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>

#include "net/confine.hpp"
#include "net/socket_name.hpp"
#include "sys/close_others.hpp"
#include "sys/file.hpp"
#include "sys/mark_route.hpp"
#include "sys/namespace.hpp"
#include "sys/signal.hpp"
#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

/// A connection's answers get the mark of what they answer, refusals as well. Of this namespace
/// alone, and without meaning where no packet has a mark. Source: ip-sysctl.rst.
constexpr const char* kReflect6 = "/proc/sys/net/ipv6/fwmark_reflect";
constexpr std::array kAnswersHaveMarks{"/proc/sys/net/ipv4/tcp_fwmark_accept",
                                       "/proc/sys/net/ipv4/fwmark_reflect"};

constexpr size_t kLongest = 512;  // of a sentence

class Maker {
 public:
  /// A number of its own: whoever was killed here has left its rules.
  explicit Maker(sys::Netlink netlink)
      : netlink_(std::move(netlink)), mark_(0x77000000U | static_cast<uint32_t>(::getpid())) {}

  Result<void> set_up() {
    TRY(sys::bring_loopback_up(), "bring lo up");
    for (const char* path : kAnswersHaveMarks)
      TRY(sys::write_existing(sys::cwd(), path, "1"), path);
    TRY(sys::keep_marked(netlink_, AF_INET, mark_));
    has_ipv6_ = sys::write_existing(sys::cwd(), kReflect6, "1") &&
                sys::keep_marked(netlink_, AF_INET6, mark_);
    return {};
  }

  /// Whether connections come about this way, which a kernel without some part of it shows.
  Result<void> try_out(const Network& network) {
    constexpr Ipv4 kLoopback{0x7f000001};
    const auto name = has_ipv6_ ? to_mapped_name : to_name;
    const sys::Fd listener = TRY(make());
    const sys::Fd socket = TRY(make());
    TRY(sys::try_connection(listener, name(kLoopback, 0), socket, name(network.gateway, 0)));
    return {};
  }

  void fill(const sys::Fd& queue) {
    const std::array kind{std::byte(has_ipv6_ ? kBothFamilies : kIpv4Alone)};
    for (;;) {
      const auto socket = make();
      if (!socket || !sys::send_packet(queue, kind, &*socket)) return;
    }
  }

  void clear_up() {
    (void)sys::forget_marked(netlink_, AF_INET, mark_);
    if (has_ipv6_) (void)sys::forget_marked(netlink_, AF_INET6, mark_);
  }

 private:
  Result<sys::Fd> make() const {
    return sys::transparent_tcp({.is_ipv6 = has_ipv6_, .mark = mark_});
  }

  sys::Netlink netlink_;
  uint32_t mark_;
  bool has_ipv6_ = false;
};

/// What it keeps is what marks and transparency take, and clearing up.
Result<void> lock_in() {
  TRY(confine({.resolv_conf = {},
               .demands_namespaces = true,
               .kept_capabilities = uint64_t{1} << CAP_NET_ADMIN,
               .ends_with_parent = false,
               .forbid = forbid_all_but_sockets}));
  return {};
}

Result<void> work(const Network& network, const sys::Fd& queue) {
  const auto signals = TRY(sys::HeldSignals::hold());  // a terminal's are for all of its processes
  Maker maker(TRY(sys::Netlink::open()));
  const auto is_ready = [&]() -> Result<void> {
    TRY(maker.set_up());
    TRY(maker.try_out(network), "try a connection");
    return lock_in();
  };
  auto ready = is_ready();
  if (ready) maker.fill(queue);
  maker.clear_up();
  return ready;
}

}  // namespace

void make_sockets(const Network& network, sys::Fd queue) {
  (void)sys::close_all_but({queue.get()});
  const auto done = work(network, queue);
  if (!done) {
    const std::string why = done.error().message().substr(0, kLongest);
    (void)sys::send_packet(queue, std::as_bytes(std::span(why)));
  }
  ::_exit(done ? 0 : 1);
}

std::optional<GuestSockets::Made> GuestSockets::take(sys::Waiting waiting) {
  std::array<char, kLongest> said{};
  if (!queue_) return std::nullopt;
  auto received = sys::receive_packet(queue_, std::as_writable_bytes(std::span(said)), waiting);
  if (!received && received.error().is(EAGAIN)) return std::nullopt;
  if (received && received->attached)
    return Made{.socket = std::move(received->attached), .is_ipv6 = said[0] == kBothFamilies};
  if (why_.empty())
    why_ = received && received->size > 0 ? std::string(said.data(), received->size)
                                          : "the process that makes sockets for them has ended";
  queue_.reset();
  return std::nullopt;
}

}  // namespace wolffia::net
