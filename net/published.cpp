// SPDX-License-Identifier: Apache-2.0
#include "net/published.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>

#include "net/peer.hpp"
#include "net/socket_name.hpp"
#include "sys/attributes.hpp"

namespace wolffia::net {
namespace {

/// Of the files half is for those, as much for connections that begin inside and libslirp together.
constexpr size_t kShare = 2;

/// Where descriptors or memory are short; then there may be some.
constexpr Timers::Time kRest{100};

size_t most_there_may_be() {
  (void)sys::raise_rlimit(RLIMIT_NOFILE);
  return most_relays(kShare);
}

}  // namespace

Published::Published(const Network& network, GuestSockets* sockets, PollSet& poll_set)
    : network_(network), sockets_(sockets), relays_(poll_set), most_(most_there_may_be()) {}

/// To an address of the namespace's loopback there is no way from outside, and must be none; any
/// other than the guest's could be of something behind it.
bool Published::leads_to(const Forward& forward) {
  constexpr uint8_t kGuest = 100;
  const bool is_ipv6 = std::holds_alternative<Ipv6>(forward.guest_address);
  const Address guest =
      is_ipv6 ? Address(network_.address6.host(network_.prefix6, kGuest)) : Address(network_.guest);
  if (!sockets_ || forward.protocol != Protocol::Tcp || forward.guest_address != guest)
    return false;
  const GuestSockets::Made* made = sockets_->next(sys::Waiting::Yes);
  return made && (made->is_ipv6 || !is_ipv6);
}

Result<void> Published::add(const Forward& forward) {
  sys::Fd socket = TRY(sys::listen_tcp(to_name(forward.host_address, forward.host_port)));
  const int file = socket.get();
  if (listens_) TRY(relays_.poll_set().watch(file, EPOLLIN, false));
  listeners_.emplace(file, Listener{.forward = forward, .socket = std::move(socket)});
  return {};
}

bool Published::remove(const Forward& forward) {
  return std::erase_if(listeners_, [&](const auto& it) { return it.second.forward == forward; }) >
         0;
}

std::vector<Forward> Published::abandoned() {
  std::vector<Forward> out;
  if (!sockets_ || !sockets_->is_over() || sockets_->has_next()) return out;
  for (const auto& [file, listener] : listeners_)
    out.push_back(listener.forward);
  listeners_.clear();
  return out;
}

std::optional<Timers::Time> Published::prepare(Rates rates) const {
  const auto due = relays_.prepare(rates);
  return due ? due : rests_until_;
}

void Published::work(Rates rates) {
  if (rests_until_ && now_ms() >= *rests_until_) {
    rests_until_.reset();
    listen(true);
  }
  relays_.work_again(rates);
  for (const epoll_event& event : relays_.poll_set().events())
    if (event.events != 0) work_off(event, rates);
  if (!listens_ && !rests_until_) look_for_socket();
}

void Published::work_off(const epoll_event& event, Rates rates) {
  const int file = event.data.fd;
  if (sockets_ && file == sockets_->fd().get()) return look_for_socket();
  if (const auto it = listeners_.find(file); it != listeners_.end()) return accept_from(it->second);
  (void)relays_.work_off(event, rates);
}

/// Listeners are watched as long as there is something for whoever waits there.
void Published::listen(bool does) {
  if (listens_ == does) return;
  listens_ = does;
  for (const auto& [file, listener] : listeners_)
    (void)relays_.poll_set().watch(file, does ? uint32_t{EPOLLIN} : 0U, !does);
}

/// What makes them is behind, or has ended.
void Published::look_for_socket() {
  const int file = sockets_->fd().get();
  const bool has_one = sockets_->next(sys::Waiting::No) != nullptr;
  if (!has_one && !sockets_->is_over()) {
    listen(false);
    (void)relays_.poll_set().watch(file, EPOLLIN, false);
    return;
  }
  (void)relays_.poll_set().watch(file, 0, true);
  if (has_one && !rests_until_ && relays_.size() < most_) listen(true);
}

void Published::accept_from(const Listener& listener) {
  constexpr int kAtOnce = 64;
  for (int i = 0; i < kAtOnce; ++i) {
    if (relays_.size() >= most_) return listen(false);  // until one ends
    if (!sockets_->next(sys::Waiting::No)) return look_for_socket();
    if (!accept_one(listener)) return;
  }
}

/// False where nobody waits, or none can be taken.
bool Published::accept_one(const Listener& listener) {
  auto accepted = sys::accept_tcp(listener.socket);
  if (!accepted) {
    const Error& error = accepted.error();
    if (error.is(EAGAIN)) return false;
    if (error.is(ECONNABORTED) || error.is(EINTR)) return true;
    rests_until_ = now_ms() + kRest;
    listen(false);
    return false;
  }
  GuestSockets::Made made = sockets_->take();
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
  (void)relays_.add(std::move(accepted->connection), std::move(made.socket));
  return true;
}

}  // namespace wolffia::net
