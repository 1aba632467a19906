// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/forward.hpp"
#include "net/relays.hpp"
#include "net/rules.hpp"
#include "net/socket_maker.hpp"
#include "net/statistics.hpp"

namespace wolffia::net {

/// Ports of TCP of the host that lead to the guest without a packet of ours: a connection of the
/// host and one of the guest's namespace, between which the kernel moves the bytes.
class Published {
 public:
  /// `sockets` and `poll_set` have to outlive it; null: no port leads this way.
  Published(const Network& network, GuestSockets* sockets, PollSet& poll_set);

  /// Whether it leads there this way, for which it waits for the first socket: nobody is listened
  /// to where it does not.
  bool leads_to(const Forward& forward);
  /// Errors: EADDRINUSE and others of bind(2).
  Result<void> add(const Forward& forward);
  /// Listens no more; connections stay. False: it is not one of these.
  bool remove(const Forward& forward);

  /// When there is something to do that no file tells of.
  std::optional<Timers::Time> prepare(Rates rates) const;
  /// Takes what is its own of the events of the round.
  void work(Rates rates);

  /// Those for which there are no sockets any more; they are removed.
  std::vector<Forward> abandoned();

  const Statistics::Relayed& counts() const { return relays_.counts(); }

 private:
  struct Listener {
    Forward forward;
    sys::Fd socket;
  };

  void listen(bool does);
  void look_for_socket();
  void accept_from(const Listener& listener);
  bool accept_one(const Listener& listener);
  void work_off(const epoll_event& event, Rates rates);

  Network network_;
  GuestSockets* sockets_;
  Relays relays_;
  std::unordered_map<int, Listener> listeners_;
  bool listens_ = true;
  std::optional<Timers::Time> rests_until_;  // from accepting
  size_t most_;
};

}  // namespace wolffia::net
