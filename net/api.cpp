// SPDX-License-Identifier: Apache-2.0
#include "net/api.hpp"

#include <unistd.h>

#include <array>

#include "sys/file.hpp"
#include "sys/socket.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kMostClients = 16;  // further ones wait in the kernel
constexpr size_t kLargest = 4096;    // a request is shorter: slirp4netns(1)
constexpr Timers::Time kPatience{5'000};
constexpr Timers::Time kPatienceOfMany{100};  // where further ones may be waiting

}  // namespace

std::optional<Timers::Time> Api::prepare(PollSet& poll_set) const {
  if (clients_.size() < kMostClients) poll_set.want(listener_.get(), EPOLLIN);
  for (const Client& client : clients_)
    poll_set.want(client.connection.get(), client.is_answered ? EPOLLOUT : EPOLLIN);
  if (clients_.empty()) return std::nullopt;
  return deadline(clients_.front());
}

void Api::work(PollSet& poll_set, const Ways& ways) {
  for (auto it = clients_.begin(); it != clients_.end();) {
    if (serve(*it, poll_set, ways)) {
      ++it;
      continue;
    }
    poll_set.forget(it->connection.get());
    it = clients_.erase(it);
  }
  if (poll_set.happened(listener_.get()) != 0) take_clients();
}

/// Who says nothing must not keep others out.
Timers::Time Api::deadline(const Client& client) const {
  return client.since + (clients_.size() < kMostClients ? kPatience : kPatienceOfMany);
}

/// Whoever may connect is the daemon's own user: the socket's mode says so.
void Api::take_clients() {
  while (clients_.size() < kMostClients) {
    auto connection = sys::accept_from(listener_);
    if (!connection) return;
    if (!sys::set_blocking(*connection, false)) return;
    clients_.push_back({.connection = std::move(connection).value(),
                        .since = now_ms(),
                        .request = {},
                        .reply = {}});
  }
}

/// False where the connection is over.
bool Api::serve(Client& client, const PollSet& poll_set, const Ways& ways) {
  if (now_ms() >= deadline(client)) return false;
  if (poll_set.happened(client.connection.get()) == 0) return true;
  if (!client.is_answered) read_request(client, ways);
  return !client.is_answered || send_reply(client);
}

std::string Api::answer(const Request& request, const Ways& ways) {
  if (std::holds_alternative<GetStatistics>(request)) return statistics_reply(statistics_());
  return forwards_.answer(request, ways);
}

/// A request ends where its sender says so, or where it is JSON: not all senders shut down.
void Api::read_request(Client& client, const Ways& ways) {
  std::array<char, kLargest> buffer{};
  const ssize_t size = ::read(client.connection.get(), buffer.data(), buffer.size());
  if (size < 0 && errno == EAGAIN) return;
  if (size > 0) client.request.append(buffer.data(), static_cast<size_t>(size));
  if (client.request.size() >= kLargest) {
    client.reply = error_reply("bad request: too large message");
  } else {
    if (size > 0 && !is_whole(client.request)) return;
    const auto request = parse_request(std::move(client.request), network_);
    client.reply = request ? answer(*request, ways) : error_reply(request.error().message());
  }
  client.is_answered = true;
}

/// False when there is nothing left to send, or nobody to read it.
bool Api::send_reply(Client& client) {
  const ssize_t sent = ::write(client.connection.get(), client.reply.data(), client.reply.size());
  if (sent < 0) return errno == EAGAIN;
  client.reply.erase(0, static_cast<size_t>(sent));
  return !client.reply.empty();
}

}  // namespace wolffia::net
