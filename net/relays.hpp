// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "net/poll_set.hpp"
#include "net/relay.hpp"
#include "net/statistics.hpp"

namespace wolffia::net {

/// What goes through relays has its rates. Who the guest is says what is up, and what down.
struct Rates {
  Rate& upload;
  Rate& download;
};

/// Relays. A file is told of once, when it changes, and then worked until it has no more: idle ones
/// cost nothing.
class Relays {
 public:
  /// `poll_set` has to outlive it.
  explicit Relays(PollSet& poll_set) : poll_set_(&poll_set) {}

  /// For files of the owner as well: of each event it asks work_off() first.
  PollSet& poll_set() { return *poll_set_; }

  /// Takes both connections, and works on them when something happens. `known`: whether the files
  /// are watched already. Null where that cannot be: then they are closed.
  std::shared_ptr<Relay> add(sys::Fd host, sys::Fd guest, bool known = false);
  /// Ends one with resets.
  void abort(const std::shared_ptr<Relay>& relay);

  /// When there is something to do that no file tells of.
  std::optional<Timers::Time> prepare(Rates rates) const;
  /// That.
  void work_again(Rates rates);
  /// False: the event is of none of them.
  bool work_off(const epoll_event& event, Rates rates);

  size_t size() const { return relays_.size() / 2; }
  const Statistics::Relayed& counts() const { return counts_; }

 private:
  using Shared = std::shared_ptr<Relay>;

  void work_on(const Shared& relay, Rates rates, Relay::News news);
  void end(const Shared& relay);

  PollSet* poll_set_;
  std::unordered_map<int, Shared> relays_;  // by both of their files
  std::unordered_set<Shared> again_;        // what has more to do
  bool is_slowed_ = false;                  // all of those by a rate
  std::unique_ptr<Pipes> pipes_ = std::make_unique<Pipes>();
  Statistics::Relayed counts_;
};

/// How many there may be where each `share`th of the files of this process is for them: so many
/// take a connection's two descriptors, and four of pipes while neither side reads.
size_t most_relays(size_t share);

}  // namespace wolffia::net
