// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "net/pipes.hpp"
#include "net/rate.hpp"
#include "net/timers.hpp"

namespace wolffia::net {

/// What all relays share.
struct RelayWays {
  Pipes& pipes;
  Rate& upload;    // of what the guest sends
  Rate& download;  // of what it gets
};

/// One direction of a relay.
class Lane {
 public:
  enum class State : uint8_t {
    Waits,   // for bytes, or room
    Pauses,  // it has had its turn, and there may be more
    Slowed,  // by its rate
    Ended,   // the end has been passed on
    Broken,  // by either connection
  };

  struct Ends {
    const sys::Fd& from;
    const sys::Fd& to;
  };
  /// Moves what there is from one to the other. `is_near_end`: there is more behind the bytes.
  State move(const Ends& ends, Pipes& pipes, Rate& rate, bool is_near_end);
  /// Whether bytes wait for room.
  bool holds() const { return pipe_.has_value(); }
  /// What move() would say of one that nothing happened to.
  State state() const { return has_ended_ ? State::Ended : State::Waits; }
  /// There was urgent data in it, which is moved as any other.
  void expect_urgent() { is_urgent_ = true; }
  /// Gives back what it has.
  void close(Pipes& pipes);
  uint64_t moved() const { return moved_; }

 private:
  Result<Pipe*> borrow(Pipes& pipes);
  std::optional<State> pass_few(const Ends& ends, Pipes& pipes, bool is_near_end);
  State pass_all(const Ends& ends, Pipes& pipes, Rate& rate);
  std::optional<State> fill(const sys::Fd& from, Pipes& pipes, Rate& rate, size_t most);
  std::optional<State> empty(const sys::Fd& to);

  std::optional<Pipe> pipe_;
  bool has_many_ = false;  // bytes at once, the last time
  bool is_urgent_ = false;
  bool is_at_end_ = false;
  bool has_ended_ = false;
  uint64_t moved_ = 0;
};

/// Two connections that are one to those at their ends: bytes, the end of either direction, and
/// resets go through.
class Relay {
 public:
  Relay(sys::Fd host, sys::Fd guest) : host_(std::move(host)), guest_(std::move(guest)) {}

  enum class State : uint8_t { Waits, Pauses, Slowed, Over };

  /// What happened to each connection, as EPOLL*.
  struct News {
    uint32_t host = 0;
    uint32_t guest = 0;
  };
  State work(const RelayWays& ways, News news);
  /// Gives back what it has: once, when it is over.
  void close(Pipes& pipes);

  const sys::Fd& host() const { return host_; }
  const sys::Fd& guest() const { return guest_; }
  uint64_t from_guest() const { return out_.moved(); }
  uint64_t to_guest() const { return in_.moved(); }

 private:
  sys::Fd host_;
  sys::Fd guest_;
  Lane in_;
  Lane out_;
};

}  // namespace wolffia::net
