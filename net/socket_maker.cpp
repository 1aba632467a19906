// SPDX-License-Identifier: Apache-2.0
#include "net/socket_maker.hpp"

#include <linux/capability.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "net/confine.hpp"
#include "net/socket_name.hpp"
#include "sys/close_others.hpp"
#include "sys/file.hpp"
#include "sys/mark_route.hpp"
#include "sys/marked_connections.hpp"
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

constexpr const char* kHasEnded = "the process that makes sockets for them has ended";

/// So many sockets wait to be taken, about. What is on its way counts against the number of files
/// that all processes of a user may have. Source: ETOOMANYREFS in sendmsg(2).
constexpr size_t kWaiting = 32;

/// A packet of the queue begins with a byte of these and brings a socket; the first one may go on
/// with a sentence that says why it leads nowhere outside. One without a socket is a sentence that
/// says why there are none.
constexpr uint8_t kIpv6 = 1;
constexpr uint8_t kOut4 = 2;
constexpr uint8_t kOut6 = 4;

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

  /// Where a kernel lacks a part the sockets are still good for published ports.
  void lead_out() {
    auto follows4 = sys::MarkedConnections::keep(AF_INET, mark_);
    if (!follows4) {
      why_not_out_ = follows4.error().message();
      return;
    }
    out4_.emplace(std::move(follows4).value());
    if (!has_ipv6_) return;
    auto follows6 = sys::MarkedConnections::keep(AF_INET6, mark_);
    if (follows6) out6_.emplace(std::move(follows6).value());
  }

  void fill(const sys::Fd& queue) {
    unsigned kind = has_ipv6_ ? kIpv6 : 0U;
    if (out4_) kind |= kOut4;
    if (out6_) kind |= kOut6;
    std::string said = cat(std::string(1, static_cast<char>(kind)), why_not_out_);
    said.resize(std::min(said.size(), kLongest));
    for (;;) {
      const auto socket = make();
      if (!socket || !sys::send_packet(queue, std::as_bytes(std::span(said)), &*socket)) return;
      said.resize(1);
    }
  }

  void clear_up() {
    out4_.reset();
    out6_.reset();
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
  std::optional<sys::MarkedConnections> out4_;
  std::optional<sys::MarkedConnections> out6_;
  std::string why_not_out_;
};

/// What it keeps is what marks and transparency take, and clearing up.
Result<void> shut_in() {
  TRY(confine({.demands_namespaces = true}, {.kept_capabilities = uint64_t{1} << CAP_NET_ADMIN,
                                             .ends_with_parent = false,
                                             .forbid = forbid_all_but_sockets}));
  return {};
}

Result<void> work(const SocketTask& task, const sys::Fd& queue) {
  const auto signals = TRY(sys::HeldSignals::hold());  // a terminal's are for all of its processes
  Maker maker(TRY(sys::Netlink::open()));
  const auto is_ready = [&]() -> Result<void> {
    TRY(maker.set_up());
    TRY(maker.try_out(task.network), "try a connection");
    if (task.leads_out) maker.lead_out();
    sys::bound_queue(queue, kWaiting);
    return shut_in();
  };
  auto ready = is_ready();
  if (ready) maker.fill(queue);
  maker.clear_up();
  return ready;
}

}  // namespace

void make_sockets(const SocketTask& task, sys::Fd queue) {
  (void)sys::close_all_but({queue.get()});
  const auto done = work(task, queue);
  if (!done) {
    const std::string why = done.error().message().substr(0, kLongest);
    (void)sys::send_packet(queue, std::as_bytes(std::span(why)));
  }
  ::_exit(done ? 0 : 1);
}

const GuestSockets::Made* GuestSockets::next(sys::Waiting waiting) {
  if (spare_) return &*spare_;
  if (is_over_) return nullptr;
  std::array<char, kLongest> said;
  auto received = sys::receive_packet(queue_, std::as_writable_bytes(std::span(said)), waiting);
  if (!received && received.error().is(EAGAIN)) return nullptr;
  const size_t size = received ? received->size : 0;
  if (size > 0 && received->attached) {
    const auto kind = static_cast<uint8_t>(said[0]);
    if (size > 1) why_not_out_.assign(said.data() + 1, size - 1);
    return &spare_.emplace(Made{.socket = std::move(received->attached),
                                .is_ipv6 = (kind & kIpv6) != 0,
                                .leads_out4 = !has_ended_ && (kind & kOut4) != 0,
                                .leads_out6 = !has_ended_ && (kind & kOut6) != 0});
  }
  why_ = size > 0 ? std::string(said.data(), size) : kHasEnded;
  is_over_ = true;
  return nullptr;
}

void GuestSockets::end_leading_out() {
  has_ended_ = true;
  why_not_out_ = kHasEnded;
  if (spare_) spare_->leads_out4 = spare_->leads_out6 = false;
}

GuestSockets::Made GuestSockets::take() {
  Made made = std::move(*spare_);
  spare_.reset();
  return made;
}

}  // namespace wolffia::net
