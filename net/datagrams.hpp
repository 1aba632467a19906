// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <list>
#include <string_view>
#include <unordered_map>

#include "net/datagram.hpp"
#include "net/departures.hpp"
#include "net/forward.hpp"
#include "net/rules.hpp"
#include "net/timers.hpp"
#include "sys/epoll.hpp"
#include "sys/udp.hpp"

namespace wolffia::net {

struct DatagramOptions {
  size_t mtu = 1500;
  std::optional<Ipv4> from = {};  // they leave from this address of the host
  std::optional<Ipv6> from6 = {};
  std::function<void(Bytes frame)> send;  // to the guest
};

/// Datagrams of the guest, and those to published ports of UDP: each pair of ends has a socket of
/// its own that is connected, so that nobody else is heard from, and this process needs no right to
/// send to an address. What a guest sends to several from one port leaves from one port of the
/// host.
class Datagrams {
 public:
  /// `rules` has to outlive it.
  static Result<Datagrams> make(const Rules& rules, DatagramOptions options);

  /// A frame that check_frame() let pass; false where it is libslirp's. It may wait for others
  /// that go the same way until flush().
  bool take(Bytes frame);
  void flush();
  /// Whether a frame that is blocked goes on with what somebody else has begun.
  bool goes_on(Bytes frame) const;

  /// Errors: EADDRINUSE and others of bind(2).
  Result<void> add(const Forward& forward);
  /// Those who have written can still be answered. False: it is not one of these.
  bool remove(const Forward& forward);

  /// Readable when there is something to do.
  const sys::Fd& fd() const { return epoll_.fd(); }
  /// When something is too old, at the earliest; nullopt: there is nothing.
  std::optional<Timers::Time> deadline() const;
  /// `happened`: something did to the file.
  void work(bool happened);

  size_t size() const { return flows_.size(); }

 private:
  struct Flow {
    Ends ends;
    sys::SocketName peer;  // the host's name for it
    sys::Fd socket;
    int port = -1;  // the published one that it came by
    Timers::Time last{};
    bool takes_several = true;  // at once
  };
  struct Hash {
    size_t operator()(const Ends::Key& key) const {
      return std::hash<std::string_view>()({reinterpret_cast<const char*>(key.data()), key.size()});
    }
  };
  struct Port {
    Forward forward;
    sys::Fd source;
  };
  using Place = std::list<Flow>::iterator;

  Datagrams(const Rules& rules, DatagramOptions options, sys::Epoll epoll);
  bool is_ours(const Ends& ends) const;
  sys::SocketName host_name(const Ends& ends) const;
  Result<Place> open(const Ends& ends);
  Result<sys::Fd> connect(const Ends& ends, const sys::SocketName& peer);
  Result<Place> keep(Flow flow);
  void send_out(Place flow, Bytes data);
  bool send_together(Flow& flow);
  void send_one(const Flow& flow, Bytes data);
  void tell_error(const Ends& ends, int error);
  void deliver(const Flow& flow, MutableBytes room, size_t size);
  void hear(Place flow);
  void accept(int file, const Port& port);
  bool accept_one(int file, const Port& port);
  Ends ends_for(const Port& port, const sys::SocketName& peer) const;
  void touch(Place flow);
  void end(Place flow);
  Envelope envelope();

  const Rules* rules_;
  DatagramOptions options_;
  sys::Epoll epoll_;
  std::list<Flow> flows_;  // the one that waits for the longest first
  std::unordered_map<Ends::Key, Place, Hash> by_ends_;
  std::unordered_multimap<Ends::Key, Place, Hash> by_guest_;
  std::unordered_map<int, Place> by_file_;
  std::unordered_map<int, Port> ports_;
  sys::UdpBatch batch_;
  Departures departures_;
  size_t most_;
  uint32_t id_ = 0;
};

}  // namespace wolffia::net
