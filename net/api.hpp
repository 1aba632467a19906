// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <list>
#include <string>

#include "net/forwards.hpp"
#include "net/poll_set.hpp"
#include "sys/fd.hpp"

namespace wolffia::net {

/// The control socket: one request and one reply for each connection. Nobody is waited for: who
/// sends nothing, or does not read, is let go after a while, and traffic goes on meanwhile.
class Api {
 public:
  /// `listener` is a stream socket; an empty one is no control socket at all.
  Api(sys::Fd listener, const Network& network)
      : listener_(std::move(listener)), network_(network) {}

  /// Who counts the traffic.
  void count_with(std::function<Statistics()> statistics) { statistics_ = std::move(statistics); }

  const sys::Fd& listener() const { return listener_; }

  /// Before waiting: what for. The moment to come back at the latest, where there is one.
  std::optional<Timers::Time> prepare(PollSet& poll_set) const;
  /// After it.
  void work(PollSet& poll_set, const Ways& ways);

 private:
  struct Client {
    sys::Fd connection;
    Timers::Time since{};
    std::string request;
    std::string reply;  // what of it is still to be sent
    bool is_answered = false;
  };

  Timers::Time deadline(const Client& client) const;
  void take_clients();
  std::string answer(const Request& request, const Ways& ways);
  void read_request(Client& client, const Ways& ways);
  bool send_reply(Client& client);
  bool serve(Client& client, const PollSet& poll_set, const Ways& ways);

  sys::Fd listener_;
  Network network_;
  Forwards forwards_;
  std::function<Statistics()> statistics_;
  std::list<Client> clients_;  // oldest first
};

}  // namespace wolffia::net
