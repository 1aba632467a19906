// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/relays.hpp"
#include "net/rules.hpp"
#include "net/socket_maker.hpp"
#include "net/syn.hpp"

namespace wolffia::net {

struct OutboundOptions {
  std::optional<Ipv4> from = {};  // connections leave from this address of the host
  std::optional<Ipv6> from6 = {};
  std::function<void(Bytes frame)> send;                   // to the guest
  std::function<void(Bytes frame)> pass_on;                // to libslirp
  std::function<void(std::string_view sentence)> explain;  // empty: nobody wants to know
};

/// Connections of TCP that begin inside, without further packets of ours. The segment that begins
/// one comes as a frame and waits here, unanswered, while the host's side connects; then a socket
/// of the guest's namespace with the peer's address connects to the guest's own socket, which is a
/// simultaneous open (RFC 9293, 3.5), and the kernel moves the bytes between the two. What the
/// host's side does not reach the guest is told as if it had been there.
class Outbound {
 public:
  /// `sockets` and `poll_set` have to outlive it.
  static Result<Outbound> make(const Network& network, GuestSockets& sockets, PollSet& poll_set,
                               OutboundOptions options);

  /// Whether connections can be led this way, for which it waits for the first socket.
  /// Errors: ENOTSUP, why not.
  Result<void> demand();

  /// A frame that check_frame() let pass; false where libslirp shall have it.
  bool take(Bytes frame);

  std::optional<Timers::Time> prepare(Rates rates) const { return relays_.prepare(rates); }
  /// Takes what is its own of the events of the round.
  void work(Rates rates);

  const Statistics::Relayed& counts() const { return relays_.counts(); }

 private:
  /// One that is not there yet.
  struct Attempt {
    Syn syn;
    std::vector<uint8_t> frame;
    sys::Fd host;
    GuestSockets::Made guest;
    bool is_answering = false;  // the host's side is there, the guest's is not yet
  };
  using Shared = std::shared_ptr<Attempt>;
  /// One that was there the last time somebody looked.
  struct Living {
    uint32_t sequence = 0;
    std::weak_ptr<Relay> relay;
  };

  Outbound(const Network& network, GuestSockets& sockets, PollSet& poll_set,
           OutboundOptions options);
  bool can_lead(const Syn& syn);
  void explain(std::string_view sentence);
  bool is_repeated(const Syn& syn);
  bool is_repeated_attempt(const Shared& attempt, const Syn& syn);
  bool begin(const Syn& syn, Bytes frame);
  Result<sys::Fd> connect_host(const Syn& syn) const;
  void hear(const epoll_event& event, Rates rates);
  void host_heard(const Shared& attempt);
  void refuse(const Attempt& attempt, int error);
  void answer(const Shared& attempt);
  void guest_heard(const Shared& attempt);
  void succeed(const Shared& attempt);
  void give_up(const Shared& attempt);
  void forget(const Shared& attempt);
  void keep_living(const Syn& syn, const std::shared_ptr<Relay>& relay);

  Network network_;
  GuestSockets* sockets_;
  sys::Fd end_;  // tells when there will be no sockets any more
  OutboundOptions options_;
  Relays relays_;
  std::map<Syn::Ends, Shared> attempts_;
  std::unordered_map<int, Shared> files_;  // of those
  std::map<Syn::Ends, Living> living_;
  size_t tidy_at_ = 256;              // of those
  std::deque<Syn::Ends> in_packets_;  // what libslirp has to lead, the latest last
  size_t failures_ = 0;               // one after the other
  bool is_explained_ = false;
  size_t most_;
};

}  // namespace wolffia::net
