// SPDX-License-Identifier: Apache-2.0
#include "net/datagrams.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "net/connects.hpp"
#include "net/headers.hpp"
#include "net/peer.hpp"
#include "net/refusal.hpp"
#include "net/socket_name.hpp"

namespace wolffia::net {
namespace {

/// More than the two minutes that RFC 4787, REQ-5, asks for.
constexpr Timers::Time kPatience{240'000};

constexpr Ipv4 kLoopback{0x7f000001};
const Ipv6 kLoopback6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr Ipv4 kGroups{0xe0000000};  // and those above

/// In the place of who has not been seen yet: all take that.
constexpr Mac kEverybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// As libslirp has it for the gateway, which packets of everybody come from.
Mac mac_of(Ipv4 gateway) {
  Mac out{{0x52, 0x55}};
  write32(MutableBytes(out.bytes).subspan(2), 0, gateway.value);
  return out;
}

size_t most_flows() {
  constexpr size_t kShare = 8;  // of the files
  constexpr size_t kMost = 4096;
  return std::min(static_cast<size_t>(std::max(::sysconf(_SC_OPEN_MAX), 256L)) / kShare, kMost);
}

/// Of sys::send_udp_segments(); all else an earlier datagram met.
bool wants_one_by_one(const Error& error) {
  constexpr std::array kWays{EINVAL, EMSGSIZE, EIO, ENOPROTOOPT};
  return std::ranges::any_of(kWays, [&](int code) { return error.is(code); });
}

bool is_same(const sys::SocketName& one, const sys::SocketName& other) {
  return to_port(one) == to_port(other) && to_address(one) == to_address(other);
}

}  // namespace

Datagrams::Datagrams(const Rules& rules, DatagramOptions options, sys::Epoll epoll)
    : rules_(&rules),
      options_(std::move(options)),
      epoll_(std::move(epoll)),
      batch_(kDatagramHeaders),
      most_(most_flows()) {}

Result<Datagrams> Datagrams::make(const Rules& rules, DatagramOptions options) {
  return Datagrams(rules, std::move(options), TRY(sys::Epoll::make()));
}

/// libslirp has the name server, leases of addresses, and what is for many.
bool Datagrams::is_ours(const Ends& ends) const {
  const Network& network = rules_->network;
  if (const auto* ipv4 = std::get_if<Ipv4>(&ends.peer)) {
    if (*ipv4 == network.gateway) return ends.peer_port != port::kDhcpServer;
    return *ipv4 < kGroups && !ipv4->is_in(network.address, network.prefix);
  }
  const auto& ipv6 = std::get<Ipv6>(ends.peer);
  return ipv6 == network.gateway6 || !ipv6.is_in(network.address6, network.prefix6);
}

/// The gateway stands for the host.
sys::SocketName Datagrams::host_name(const Ends& ends) const {
  Address peer = ends.peer;
  if (peer == Address(rules_->network.gateway)) peer = kLoopback;
  if (peer == Address(rules_->network.gateway6)) peer = kLoopback6;
  return to_name(peer, ends.peer_port);
}

bool Datagrams::goes_on(Bytes frame) const {
  const auto datagram = read_datagram(frame);
  return datagram && by_ends_.contains(datagram->ends.key());
}

bool Datagrams::take(Bytes frame) {
  const auto datagram = read_datagram(frame);
  if (!datagram) return false;
  if (const auto known = by_ends_.find(datagram->ends.key()); known != by_ends_.end()) {
    send_out(known->second, datagram->data);
    return true;
  }
  if (!is_ours(datagram->ends)) return false;
  const auto flow = open(datagram->ends);
  if (flow)
    send_out(*flow, datagram->data);
  else
    tell_error(datagram->ends, flow.error().code());
  return true;
}

Result<Datagrams::Place> Datagrams::open(const Ends& ends) {
  Flow flow{.ends = ends, .peer = host_name(ends), .socket = {}};
  auto socket = connect(ends, flow.peer);
  if (!socket && socket.error().is(EMFILE) && !flows_.empty()) {
    end(flows_.begin());
    socket = connect(ends, flow.peer);
  }
  flow.socket = TRY(std::move(socket));
  return keep(std::move(flow));
}

/// From the port that the guest's others leave from, where that can be shared.
Result<sys::Fd> Datagrams::connect(const Ends& ends, const sys::SocketName& peer) {
  const bool is_ipv4 = ends.is_ipv4();
  Address from =
      is_ipv4 ? Address(options_.from.value_or(Ipv4())) : options_.from6.value_or(Ipv6());
  const auto other = by_guest_.find(ends.guest_key());
  sys::Fd socket;
  if (other != by_guest_.end()) {
    const auto local = TRY(sys::local_name(other->second->socket));
    auto beside = sys::udp_beside(other->second->socket, to_name(from, to_port(local)));
    if (beside) socket = std::move(beside).value();
  }
  if (!socket) {
    socket = TRY(sys::udp_socket(is_ipv4 ? AF_INET : AF_INET6));
    if (from != Address(Ipv4()) && from != Address(Ipv6()))
      TRY(sys::bind_tcp(socket, to_name(from, 0)));
  }
  TRY(sys::connect_udp(socket, peer));
  return socket;
}

Result<Datagrams::Place> Datagrams::keep(Flow flow) {
  if (flows_.size() >= most_) end(flows_.begin());
  TRY(epoll_.watch(flow.socket.get(), EPOLLIN, false));
  flow.last = now_ms();
  flows_.push_back(std::move(flow));
  const Place place = std::prev(flows_.end());
  by_ends_[place->ends.key()] = place;
  if (place->port < 0) by_guest_.emplace(place->ends.guest_key(), place);
  by_file_[place->socket.get()] = place;
  return place;
}

void Datagrams::touch(Place flow) {
  flow->last = now_ms();
  flows_.splice(flows_.end(), flows_, flow);
}

void Datagrams::end(Place flow) {
  if (departures_.file() == flow->socket.get()) flush();
  by_ends_.erase(flow->ends.key());
  by_file_.erase(flow->socket.get());
  const auto [first, last] = by_guest_.equal_range(flow->ends.guest_key());
  const auto it =
      std::find_if(first, last, [&](const auto& entry) { return entry.second == flow; });
  if (it != last) by_guest_.erase(it);
  flows_.erase(flow);
}

void Datagrams::send_out(Place flow, Bytes data) {
  touch(flow);
  const int file = flow->socket.get();
  if (!departures_.takes(file, data.size())) flush();
  departures_.add(file, data);
}

void Datagrams::flush() {
  const auto flow = by_file_.find(departures_.file());
  if (flow != by_file_.end() && !send_together(*flow->second))
    for (size_t i = 0; i < departures_.count(); ++i)
      send_one(*flow->second, departures_.at(i));
  departures_.clear();
}

/// False where they have to go one by one: there are too few, or they are larger than what the way
/// takes whole, which the kernel's fragments serve.
bool Datagrams::send_together(Flow& flow) {
  if (departures_.count() < 2 || !flow.takes_several) return false;
  const auto send = [&] {
    return sys::send_udp_segments(flow.socket, departures_.bytes(), departures_.segment());
  };
  auto sent = send();
  if (!sent && !sent.error().is(EAGAIN) && !wants_one_by_one(sent.error())) {
    tell_error(flow.ends, sent.error().code());
    sent = send();
  }
  flow.takes_several = sent || !wants_one_by_one(sent.error());
  return flow.takes_several;
}

/// An error is that of an earlier datagram, and has nothing to do with this one.
void Datagrams::send_one(const Flow& flow, Bytes data) {
  const auto sent = sys::send_udp(flow.socket, data);
  if (sent || sent.error().is(EAGAIN) || sent.error().is(EMSGSIZE)) return;
  tell_error(flow.ends, sent.error().code());
  (void)sys::send_udp(flow.socket, data);
}

Envelope Datagrams::envelope() {
  return {.from = mac_of(rules_->network.gateway),
          .to = rules_->guest == Mac() ? kEverybody : rules_->guest,
          .mtu = options_.mtu,
          .id = ++id_};
}

void Datagrams::tell_error(const Ends& ends, int error) {
  const std::vector<uint8_t> sent = example_of(ends, envelope());
  const std::vector<uint8_t> frame = refusal_of(sent, rules_->network, why_unreachable(error));
  if (!frame.empty()) options_.send(frame);
}

void Datagrams::deliver(const Flow& flow, MutableBytes room, size_t size) {
  send_datagram(flow.ends, envelope(), room, size, options_.send);
}

std::optional<Timers::Time> Datagrams::deadline() const {
  if (flows_.empty()) return std::nullopt;
  return flows_.front().last + kPatience;
}

void Datagrams::work(bool happened) {
  while (!flows_.empty() && *deadline() <= now_ms())
    end(flows_.begin());
  if (!happened) return;
  constexpr size_t kAtOnce = 64;
  std::array<epoll_event, kAtOnce> events;
  const auto news = epoll_.wait(events, Timers::Time(0));
  if (!news) return;
  for (const epoll_event& event : *news) {
    const int file = event.data.fd;
    if (const auto flow = by_file_.find(file); flow != by_file_.end())
      hear(flow->second);
    else if (const auto port = ports_.find(file); port != ports_.end())
      accept(file, port->second);
  }
}

/// Before it had its peer the socket was one for everybody.
void Datagrams::hear(Place flow) {
  touch(flow);
  const auto count = batch_.receive(flow->socket);
  if (!count && !count.error().is(EAGAIN)) return tell_error(flow->ends, count.error().code());
  for (size_t i = 0; count && i < *count; ++i)
    if (is_same(batch_.from(i), flow->peer)) deliver(*flow, batch_.room(i), batch_.size(i));
}

Result<void> Datagrams::add(const Forward& forward) {
  sys::Fd source = TRY(open_udp_port(to_name(forward.host_address, forward.host_port)));
  const int file = source.get();
  TRY(epoll_.watch(file, EPOLLIN, false));
  ports_.emplace(file, Port{.forward = forward, .source = std::move(source)});
  return {};
}

bool Datagrams::remove(const Forward& forward) {
  return std::erase_if(ports_, [&](const auto& it) { return it.second.forward == forward; }) > 0;
}

void Datagrams::accept(int file, const Port& port) {
  constexpr int kAtOnce = 16;
  for (int i = 0; i < kAtOnce; ++i)
    if (!accept_one(file, port)) return;
}

/// False where nobody waits. Until the peer has its socket further datagrams of it come here.
bool Datagrams::accept_one(int file, const Port& port) {
  const MutableBytes room = batch_.room(0);
  auto peer = next_udp_peer(port.source, room.subspan(kDatagramHeaders));
  if (!peer && peer.error().is(EPIPE)) return (void)epoll_.watch(file, 0, true), false;
  if (!peer) return !peer.error().is(EAGAIN);
  const Ends ends = ends_for(port, peer->name);
  auto known = by_ends_.find(ends.key());
  if (known != by_ends_.end() && known->second->port != file) {
    end(known->second);
    known = by_ends_.end();
  }
  if (known == by_ends_.end()) {
    auto kept =
        keep({.ends = ends, .peer = peer->name, .socket = std::move(peer->socket), .port = file});
    if (!kept) return true;
    known = by_ends_.find(ends.key());
  }
  deliver(*known->second, room, peer->size);
  return true;
}

/// Two peers may look alike to the guest; then one of them has another port.
Ends Datagrams::ends_for(const Port& port, const sys::SocketName& peer) const {
  constexpr int kTries = 64;
  Ends ends{.guest = port.forward.guest_address,
            .peer = address_for_guest(to_address(peer), rules_->network),
            .guest_port = port.forward.guest_port,
            .peer_port = to_port(peer)};
  for (int i = 0; i < kTries; ++i) {
    const auto known = by_ends_.find(ends.key());
    if (known == by_ends_.end() || is_same(known->second->peer, peer)) return ends;
    ends.peer_port = static_cast<uint16_t>(ends.peer_port % 65'535 + 1);
  }
  return ends;
}

}  // namespace wolffia::net
