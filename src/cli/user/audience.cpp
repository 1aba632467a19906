// SPDX-License-Identifier: Apache-2.0
#include "cli/user/audience.hpp"

#include <algorithm>

#include "sys/directory.hpp"
#include "sys/socket.hpp"

namespace wolffia::cli::user {
namespace {

constexpr int kWaiting = 16;  // connections that were not taken yet

}  // namespace

Result<Audience> Audience::open(const sys::Fd& directory) {
  (void)sys::remove_entry(directory, kAttachSocket);  // of a supervisor that was killed
  return Audience(TRY(sys::listen_at(directory, kAttachSocket, sys::SocketKind::Packets, kWaiting),
                      kAttachSocket));
}

void Audience::add(sys::Fd client) {
  const std::string welcome = encode(Word::Welcome, {reinterpret_cast<const char*>(&takes_), 1});
  const auto sent = sys::offer_packet(client, as_packet(welcome));
  if (sent && *sent) clients_.push_back({std::move(client), {}});
}

void Audience::accept_one() {
  auto client = sys::accept_from(listener_);
  if (!client) return;
  if (clients_.size() < kMostAttached) return add(std::move(client).value());
  const std::string no = encode(Word::Refused, cat(kMostAttached, " are attached already"));
  (void)sys::offer_packet(*client, as_packet(no));
}

void Audience::interests(std::vector<pollfd>& wanted, bool hears) const {
  wanted.push_back({.fd = listener_.get(), .events = POLLIN, .revents = 0});
  for (const Client& client : clients_) {
    const int events = (hears ? POLLIN : 0) | (client.late ? POLLOUT : 0);
    // Without events poll(2) would still tell, and not stop telling, that one hung up.
    if (events != 0)
      wanted.push_back(
          {.fd = client.socket.get(), .events = static_cast<short>(events), .revents = 0});
  }
}

std::optional<Packet> Audience::ready(const pollfd& event) {
  if (event.fd == listener_.get()) {
    accept_one();
    return {};
  }
  const auto client = std::find_if(clients_.begin(), clients_.end(),
                                   [&](const Client& one) { return one.socket.get() == event.fd; });
  if (client == clients_.end()) return {};  // dropped since
  if ((event.revents & POLLOUT) != 0) client->late.reset();
  const bool said = (event.events & POLLIN) != 0 && (event.revents & (POLLIN | POLLHUP)) != 0;
  if (!said && (event.revents & (POLLHUP | POLLERR)) == 0) return {};
  heard_.resize(1 + kPacketLimit);
  const auto received =
      said ? sys::receive_packet(client->socket, std::as_writable_bytes(std::span(heard_)))
           : Result<sys::Received>(sys::Received{});
  if (!received || received->size == 0) {
    drop(event.fd);
    return {};
  }
  return Packet{Word{heard_[0]}, std::string_view(heard_).substr(1, received->size - 1)};
}

void Audience::tell(Word word, std::string_view bytes) {
  if (clients_.empty()) return;
  const std::string packet = encode(word, bytes);
  std::erase_if(clients_, [&](const Client& client) {
    const auto sent = sys::offer_packet(client.socket, as_packet(packet));
    return !sent || !*sent;
  });
  look_who_is_late();
}

/// A socket is writable while it is not much more than a quarter full: then all that one read gives
/// still fits. Source: unix_writable() in net/unix/af_unix.c.
void Audience::look_who_is_late() {
  for (Client& client : clients_) {
    pollfd room{.fd = client.socket.get(), .events = POLLOUT, .revents = 0};
    const bool writable = ::poll(&room, 1, 0) > 0;
    if (writable)
      client.late.reset();
    else if (!client.late)
      client.late = Clock::now() + kPatience;
  }
}

std::optional<std::chrono::steady_clock::time_point> Audience::held_back_until() const {
  std::optional<Clock::time_point> first;
  for (const Client& client : clients_)
    if (client.late && (!first || *client.late < *first)) first = client.late;
  return first;
}

void Audience::drop_late() {
  const Clock::time_point now = Clock::now();
  std::erase_if(clients_, [&](const Client& one) { return one.late && *one.late <= now; });
}

void Audience::drop(int fd) {
  std::erase_if(clients_, [&](const Client& one) { return one.socket.get() == fd; });
}

}  // namespace wolffia::cli::user
