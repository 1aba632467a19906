// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/rules.hpp"
#include "sys/socket.hpp"

/// Sockets of the guest's network namespace for the daemon, which is never in it.
namespace wolffia::net {

/// A packet of `queue` is one of these bytes and a socket, or a sentence that says why there are
/// none.
inline constexpr char kBothFamilies = '6';  // of IPv6, with connections of IPv4 as well
inline constexpr char kIpv4Alone = '4';

/// In a process that is in the namespace and may configure it: sees to it that packets with a mark
/// of its own stay there, locks itself in, and fills `queue` with sockets that have the mark, as
/// long as somebody holds the other end. It reads nothing, from nobody. Then it takes away what it
/// has set up, and ends.
[[noreturn]] void make_sockets(const Network& network, sys::Fd queue);

/// The other end.
class GuestSockets {
 public:
  /// An empty one has none and never will.
  explicit GuestSockets(sys::Fd queue = {}) : queue_(std::move(queue)) {}

  struct Made {
    sys::Fd socket;
    bool is_ipv6 = false;  // and of IPv4
  };
  /// nullopt: there is none now, or none any more. Who waits does it for a second at most.
  std::optional<Made> take(sys::Waiting waiting);

  /// Whether there will be none any more, and why.
  bool is_over() const { return !queue_; }
  const std::string& why() const { return why_; }

  /// Readable when there is one, and when it is over.
  const sys::Fd& fd() const { return queue_; }

 private:
  sys::Fd queue_;
  std::string why_;
};

}  // namespace wolffia::net
