// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "net/forward.hpp"
#include "net/relay.hpp"
#include "net/rules.hpp"
#include "net/socket_maker.hpp"
#include "net/statistics.hpp"
#include "sys/epoll.hpp"
#include "sys/tcp.hpp"

namespace wolffia::net {

/// Ports of TCP of the host that lead to the guest without a packet of ours: a connection of the
/// host and one of the guest's namespace, between which the kernel moves the bytes.
class Published {
 public:
  static Result<Published> make(const Network& network, GuestSockets sockets);

  /// Whether it leads there this way, for which it waits for the first socket: nobody is listened
  /// to where it does not.
  bool leads_to(const Forward& forward);
  /// Why it leads nowhere.
  const std::string& why_not() const { return sockets_.why(); }
  /// Errors: EADDRINUSE and others of bind(2).
  Result<void> add(const Forward& forward);
  /// Listens no more; connections stay. False: it is not one of these.
  bool remove(const Forward& forward);

  /// Readable when there is something to do.
  const sys::Fd& fd() const { return epoll_.fd(); }
  /// When there is something to do that no file tells of.
  std::optional<Timers::Time> prepare(Rate& upload, Rate& download);
  /// `happened`: something did to the file.
  void work(bool happened, Rate& upload, Rate& download);

  /// Those for which there are no sockets any more; they are removed.
  std::vector<Forward> abandoned();

  const Statistics::Relayed& counts() const { return counts_; }

 private:
  struct Listener {
    Forward forward;
    sys::Fd socket;
  };
  using Shared = std::shared_ptr<Relay>;

  Published(const Network& network, GuestSockets sockets, sys::Epoll epoll);
  void listen(bool does);
  void look_for_socket();
  void accept_from(const Listener& listener, const RelayWays& ways);
  bool accept_one(const Listener& listener, const RelayWays& ways);
  void work_on(const Shared& relay, const RelayWays& ways, Relay::News news);
  void end(const Shared& relay, Pipes& pipes);
  void work_off(const epoll_event& event, const RelayWays& ways);

  Network network_;
  GuestSockets sockets_;
  sys::Epoll epoll_;
  std::optional<GuestSockets::Made> spare_;  // for the next connection
  std::unordered_map<int, Listener> listeners_;
  std::unordered_map<int, Shared> relays_;  // by both of their files
  std::unordered_set<Shared> again_;        // what has more to do
  bool is_slowed_ = false;                  // all of those by a rate
  bool listens_ = true;
  std::optional<Timers::Time> rests_until_;  // from accepting
  size_t most_;
  std::unique_ptr<Pipes> pipes_ = std::make_unique<Pipes>();
  Statistics::Relayed counts_;
};

}  // namespace wolffia::net
