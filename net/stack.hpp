// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/forward.hpp"
#include "net/poll_set.hpp"
#include "net/rules.hpp"

namespace wolffia::net {

struct StackOptions {
  uint32_t mtu = 1500;
  bool has_offloads = false;          // of the guest's interface: see offload.hpp
  std::optional<Ipv4> outbound = {};  // connections leave from this address of the host
  std::optional<Ipv6> outbound6 = {};
};

/// TCP, ICMP and questions for the name server, and sockets of the host in their place: libslirp,
/// which nothing else speaks to. It does not move once it is made.
class Stack {
 public:
  using Send = std::function<void(Bytes frame)>;  // to the guest

  /// `poll_set` and `timers` have to outlive it.
  static Result<std::unique_ptr<Stack>> make(const StackOptions& options, const Rules& rules,
                                             PollSet& poll_set, Timers& timers, Send send);
  virtual ~Stack() = default;

  /// A frame that check_frame() let pass.
  virtual void input(Bytes frame) = 0;

  /// Before waiting: what for, and for how long at most (nullopt: for ever).
  virtual std::optional<Timers::Time> prepare() = 0;
  /// After it.
  virtual void work() = 0;

  /// A port of TCP. Errors: EADDRINUSE and others of bind(2), of the host's address and port.
  virtual Result<void> add(const Forward& forward) = 0;
  virtual Result<void> remove(const Forward& forward) = 0;

  static std::string library();  // "4.7.0"
};

}  // namespace wolffia::net
