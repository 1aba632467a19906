// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/rules.hpp"
#include "sys/socket.hpp"

/// Sockets of the guest's network namespace for the daemon, which is never in it.
namespace wolffia::net {

/// What sockets are made for.
struct SocketTask {
  Network network;
  bool leads_out = false;  // connections that begin in the namespace too
};

/// In a process that is in the namespace and may configure it: sees to it that packets with a mark
/// of its own stay there, those of its sockets' connections too where they lead out, locks itself
/// in, and fills `queue` with sockets that have the mark, as long as somebody holds the other end.
/// It reads nothing, from nobody. Then it takes away what it has set up, and ends.
[[noreturn]] void make_sockets(const SocketTask& task, sys::Fd queue);

/// The other end.
class GuestSockets {
 public:
  /// An empty one has none and never will.
  explicit GuestSockets(sys::Fd queue = {}) : queue_(std::move(queue)), is_over_(!queue_) {}

  struct Made {
    sys::Fd socket;
    bool is_ipv6 = false;     // and of IPv4
    bool leads_out4 = false;  // it may be the other end of a connection that began there
    bool leads_out6 = false;
  };
  /// The next one, which stays here until it is taken; null: there is none now, or none any more.
  /// Who waits does it for a second at most.
  const Made* next(sys::Waiting waiting);
  bool has_next() const { return spare_.has_value(); }
  /// Precondition: there is a next one.
  Made take();

  /// Who made them has ended: those that wait still serve ports, but lead nowhere outside.
  void end_leading_out();
  /// Whether there will be none any more, and why.
  bool is_over() const { return is_over_; }
  const std::string& why() const { return why_; }
  /// Why there are some that do not lead out.
  const std::string& why_not_out() const { return why_not_out_; }

  /// Readable when there is one, and when it is over. It stays open: whoever watches it can stop.
  const sys::Fd& fd() const { return queue_; }

 private:
  sys::Fd queue_;
  std::optional<Made> spare_;
  std::string why_;
  std::string why_not_out_;
  bool is_over_;
  bool has_ended_ = false;  // leading out
};

}  // namespace wolffia::net
