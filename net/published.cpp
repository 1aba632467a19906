// SPDX-License-Identifier: Apache-2.0
#include "net/published.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "net/peer.hpp"
#include "net/socket_name.hpp"
#include "sys/attributes.hpp"

namespace wolffia::net {
namespace {

/// A connection takes two descriptors, and four of pipes while neither side reads. libslirp needs
/// some as well.
constexpr size_t kFilesOfOne = 6;
constexpr size_t kMostRelays = 16'384;

/// Each is told once, when it changes, and then worked until it has no more: epoll(7).
constexpr uint32_t kBothWays = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// Where descriptors or memory are short; then there may be some.
constexpr Timers::Time kRest{100};

}  // namespace

Published::Published(const Network& network, GuestSockets sockets, sys::Epoll epoll)
    : network_(network), sockets_(std::move(sockets)), epoll_(std::move(epoll)) {
  const auto files = static_cast<size_t>(std::max(::sysconf(_SC_OPEN_MAX), 256L));
  most_ = std::min(files / kFilesOfOne, kMostRelays);
}

Result<Published> Published::make(const Network& network, GuestSockets sockets) {
  (void)sys::raise_rlimit(RLIMIT_NOFILE);
  return Published(network, std::move(sockets), TRY(sys::Epoll::make()));
}

/// To an address of the namespace's loopback there is no way from outside, and must be none; any
/// other than the guest's could be of something behind it.
bool Published::leads_to(const Forward& forward) {
  constexpr uint8_t kGuest = 100;
  const bool is_ipv6 = std::holds_alternative<Ipv6>(forward.guest_address);
  const Address guest =
      is_ipv6 ? Address(network_.address6.host(network_.prefix6, kGuest)) : Address(network_.guest);
  if (forward.protocol != Protocol::Tcp || forward.guest_address != guest) return false;
  if (!spare_) spare_ = sockets_.take(sys::Waiting::Yes);
  return spare_ && (spare_->is_ipv6 || !is_ipv6);
}

Result<void> Published::add(const Forward& forward) {
  sys::Fd socket = TRY(sys::listen_tcp(to_name(forward.host_address, forward.host_port)));
  const int file = socket.get();
  if (listens_) TRY(epoll_.watch(file, EPOLLIN, false));
  listeners_.emplace(file, Listener{.forward = forward, .socket = std::move(socket)});
  return {};
}

bool Published::remove(const Forward& forward) {
  return std::erase_if(listeners_, [&](const auto& it) { return it.second.forward == forward; }) >
         0;
}

std::vector<Forward> Published::abandoned() {
  std::vector<Forward> out;
  if (spare_ || !sockets_.is_over()) return out;
  for (const auto& [file, listener] : listeners_)
    out.push_back(listener.forward);
  listeners_.clear();
  return out;
}

std::optional<Timers::Time> Published::prepare(Rate& upload, Rate& download) {
  if (again_.empty()) return rests_until_;
  if (!is_slowed_) return now_ms();
  const auto up = upload.closed_until(now_ms());
  const auto down = download.closed_until(now_ms());
  if (up && down) return std::min(*up, *down);
  return up ? up : down ? down : now_ms();
}

void Published::work(bool happened, Rate& upload, Rate& download) {
  constexpr size_t kAtOnce = 256;
  const RelayWays ways{.pipes = *pipes_, .upload = upload, .download = download};
  if (rests_until_ && now_ms() >= *rests_until_) {
    rests_until_.reset();
    listen(true);
  }
  is_slowed_ = true;
  for (const Shared& relay : std::exchange(again_, {}))
    work_on(relay, ways, {.host = EPOLLIN, .guest = EPOLLIN});
  std::array<epoll_event, kAtOnce> events{};
  if (!happened) return;
  const auto news = epoll_.wait(events, Timers::Time(0));
  if (!news) return;
  for (const epoll_event& event : *news)
    work_off(event, ways);
}

void Published::work_off(const epoll_event& event, const RelayWays& ways) {
  const int file = event.data.fd;
  if (file == sockets_.fd().get()) return look_for_socket();
  if (const auto it = listeners_.find(file); it != listeners_.end())
    return accept_from(it->second, ways);
  const auto it = relays_.find(file);
  if (it == relays_.end()) return;
  const Shared relay = it->second;
  const bool is_host = file == relay->host().get();
  work_on(relay, ways, {.host = is_host ? event.events : 0, .guest = is_host ? 0 : event.events});
}

/// Listeners are watched as long as there is something for whoever waits there.
void Published::listen(bool does) {
  if (listens_ == does) return;
  listens_ = does;
  for (const auto& [file, listener] : listeners_)
    (void)epoll_.watch(file, does ? uint32_t{EPOLLIN} : 0U, !does);
}

/// What makes them is behind, or has ended.
void Published::look_for_socket() {
  const int file = sockets_.fd().get();
  if (!spare_) spare_ = sockets_.take(sys::Waiting::No);
  if (!spare_ && !sockets_.is_over()) {
    listen(false);
    (void)epoll_.watch(file, EPOLLIN, false);
    return;
  }
  (void)epoll_.watch(file, 0, true);
  if (spare_ && !rests_until_ && relays_.size() < 2 * most_) listen(true);
}

void Published::accept_from(const Listener& listener, const RelayWays& ways) {
  constexpr int kAtOnce = 64;
  for (int i = 0; i < kAtOnce; ++i) {
    if (relays_.size() >= 2 * most_) return listen(false);  // until one ends
    if (!spare_) spare_ = sockets_.take(sys::Waiting::No);
    if (!spare_) return look_for_socket();
    if (!accept_one(listener, ways)) return;
  }
}

/// False where nobody waits, or none can be taken.
bool Published::accept_one(const Listener& listener, const RelayWays& ways) {
  auto accepted = sys::accept_tcp(listener.socket);
  if (!accepted) {
    const Error& error = accepted.error();
    if (error.is(EAGAIN)) return false;
    if (error.is(ECONNABORTED) || error.is(EINTR)) return true;
    rests_until_ = now_ms() + kRest;
    listen(false);
    return false;
  }
  GuestSockets::Made made = std::move(*spare_);
  spare_.reset();
  const Address peer = address_for_guest(to_address(accepted->peer), network_);
  const auto name = made.is_ipv6 ? to_mapped_name : to_name;
  auto led = sys::bind_tcp(made.socket, name(peer, 0));
  if (led)
    led = sys::connect_tcp(made.socket,
                           name(listener.forward.guest_address, listener.forward.guest_port));
  if (!led) {
    sys::reset_at_close(accepted->connection);
    return true;
  }
  ++counts_.connections;
  const auto relay =
      std::make_shared<Relay>(std::move(accepted->connection), std::move(made.socket));
  for (const sys::Fd* file : {&relay->host(), &relay->guest()}) {
    relays_[file->get()] = relay;
    if (!epoll_.watch(file->get(), kBothWays, false)) {
      end(relay, ways.pipes);
      return true;
    }
  }
  return true;
}

void Published::work_on(const Shared& relay, const RelayWays& ways, Relay::News news) {
  const uint64_t from = relay->from_guest();
  const uint64_t to = relay->to_guest();
  const Relay::State state = relay->work(ways, news);
  counts_.from_guest += relay->from_guest() - from;
  counts_.to_guest += relay->to_guest() - to;
  if (state == Relay::State::Over) return end(relay, ways.pipes);
  if (state == Relay::State::Waits) return;
  again_.insert(relay);
  if (state == Relay::State::Pauses) is_slowed_ = false;
}

void Published::end(const Shared& relay, Pipes& pipes) {
  relay->close(pipes);
  relays_.erase(relay->host().get());
  relays_.erase(relay->guest().get());
  again_.erase(relay);
  if (!listens_ && !rests_until_) look_for_socket();
}

}  // namespace wolffia::net
