// SPDX-License-Identifier: Apache-2.0
#include "net/outbound.hpp"

#include <sys/epoll.h>

#include <algorithm>

#include "net/refusal.hpp"
#include "net/socket_name.hpp"
#include "sys/session.hpp"
#include "sys/tcp.hpp"

namespace wolffia::net {
namespace {

/// Of the files a quarter is for those, as much for libslirp.
constexpr size_t kShare = 4;

/// The guest's side has to answer at once; where it never does, something in its namespace is in
/// the way.
constexpr size_t kMostFailures = 16;

constexpr size_t kMostInPackets = 256;

/// A connection's end that is about to be there.
constexpr uint32_t kComes = EPOLLOUT | EPOLLET;

/// libslirp answers for those.
bool is_of_ours(const Address& peer, const Network& network) {
  if (const auto* ipv4 = std::get_if<Ipv4>(&peer))
    return ipv4->is_in(network.address, network.prefix);
  return std::get<Ipv6>(peer).is_in(network.address6, network.prefix6);
}

bool leads_out(const GuestSockets::Made& made, const Syn& syn) {
  return std::holds_alternative<Ipv4>(syn.peer) ? made.leads_out4 : made.leads_out6;
}

}  // namespace

Outbound::Outbound(const Network& network, GuestSockets& sockets, PollSet& poll_set,
                   OutboundOptions options)
    : network_(network),
      sockets_(&sockets),
      options_(std::move(options)),
      relays_(poll_set),
      most_(most_relays(kShare)) {}

Result<Outbound> Outbound::make(const Network& network, GuestSockets& sockets, PollSet& poll_set,
                                OutboundOptions options) {
  Outbound made(network, sockets, poll_set, std::move(options));
  if (sockets.is_over()) return made;
  // A descriptor of its own, as one is watched in one way, and whoever publishes has another.
  made.end_ = TRY(sys::copy_from(sockets.fd(), 0));
  TRY(poll_set.watch(made.end_.get(), EPOLLRDHUP | EPOLLET, false));
  return made;
}

Result<void> Outbound::demand() {
  constexpr int kSeconds = 10;
  const GuestSockets::Made* made = nullptr;
  for (int i = 0; i < kSeconds && !made && !sockets_->is_over(); ++i)
    made = sockets_->next(sys::Waiting::Yes);
  if (made && made->leads_out4) return {};
  const std::string& why = made ? sockets_->why_not_out() : sockets_->why();
  return Error::because(ENOTSUP,
                        cat("--outbound=splice: ",
                            why.empty() ? "the namespace of this target cannot be entered" : why));
}

bool Outbound::take(Bytes frame) {
  const auto syn = read_syn(frame);
  if (!syn) return false;
  if (is_repeated(*syn)) return true;
  return can_lead(*syn) && begin(*syn, frame);
}

void Outbound::explain(std::string_view sentence) {
  if (is_explained_ || !options_.explain) return;
  is_explained_ = true;
  options_.explain(cat("connections go through libslirp: ", sentence));
}

bool Outbound::can_lead(const Syn& syn) {
  if (syn.was_forwarded || is_of_ours(syn.peer, network_)) return false;
  if (failures_ >= kMostFailures) return false;
  if (std::ranges::find(in_packets_, syn.ends()) != in_packets_.end()) return false;
  if (attempts_.size() + relays_.size() >= most_) return false;
  const GuestSockets::Made* made = sockets_->next(sys::Waiting::No);
  if (made && leads_out(*made, syn)) return true;
  if (made) explain(sockets_->why_not_out());
  if (!made && sockets_->is_over()) explain(sockets_->why());
  return false;
}

/// Who has not been answered yet asks again after a second: tcp_syn_retries in tcp(7).
bool Outbound::is_repeated(const Syn& syn) {
  if (const auto it = attempts_.find(syn.ends()); it != attempts_.end())
    return is_repeated_attempt(Shared(it->second), syn);
  const auto it = living_.find(syn.ends());
  if (it == living_.end()) return false;
  const auto relay = it->second.relay.lock();
  if (relay && it->second.sequence == syn.sequence) return true;
  if (relay) relays_.abort(relay);  // the guest knows nothing of it any more
  living_.erase(it);
  return false;
}

/// False where it is another connection's, or libslirp's from now on.
bool Outbound::is_repeated_attempt(const Shared& attempt, const Syn& syn) {
  if (attempt->syn.sequence != syn.sequence) {
    forget(attempt);
    return false;
  }
  if (!attempt->is_answering || sys::is_connected(attempt->guest.socket)) return true;
  give_up(attempt);
  return false;
}

Result<sys::Fd> Outbound::connect_host(const Syn& syn) const {
  const bool is_ipv4 = std::holds_alternative<Ipv4>(syn.peer);
  sys::Fd host = TRY(sys::connecting_tcp(is_ipv4 ? AF_INET : AF_INET6));
  if (is_ipv4 && options_.from) TRY(sys::bind_tcp(host, to_name(*options_.from, 0)));
  if (!is_ipv4 && options_.from6) TRY(sys::bind_tcp(host, to_name(*options_.from6, 0)));
  return host;
}

bool Outbound::begin(const Syn& syn, Bytes frame) {
  auto host = connect_host(syn);
  if (!host) return false;
  const auto attempt = std::make_shared<Attempt>();
  attempt->syn = syn;
  attempt->frame.assign(frame.begin(), frame.end());
  attempt->host = std::move(host).value();
  attempt->guest = sockets_->take();
  const auto name = attempt->guest.is_ipv6 ? to_mapped_name : to_name;
  const auto bound = sys::bind_tcp(attempt->guest.socket, name(syn.peer, syn.peer_port));
  if (!bound) return false;  // a server there listens to the same port
  const auto begun = sys::connect_tcp(attempt->host, to_name(syn.peer, syn.peer_port));
  if (!begun) {
    refuse(*attempt, begun.error().code());
    return true;
  }
  attempts_[syn.ends()] = attempt;
  files_[attempt->host.get()] = attempt;
  if (!relays_.poll_set().watch(attempt->host.get(), kComes, false)) {
    forget(attempt);
    return false;
  }
  if (sys::is_connected(attempt->host)) answer(attempt);  // as those nearby often are
  return true;
}

void Outbound::work(Rates rates) {
  relays_.work_again(rates);
  for (const epoll_event& event : relays_.poll_set().events())
    if (event.events != 0) hear(event, rates);
}

void Outbound::hear(const epoll_event& event, Rates rates) {
  const int file = event.data.fd;
  if (relays_.work_off(event, rates)) return;
  if (file == end_.get()) return sockets_->end_leading_out();
  const auto it = files_.find(file);
  if (it == files_.end()) return;
  const Shared attempt = it->second;
  if (attempt->is_answering && file == attempt->guest.socket.get()) return guest_heard(attempt);
  if (!attempt->is_answering) host_heard(attempt);  // else the relay finds what happened
}

void Outbound::host_heard(const Shared& attempt) {
  const int error = sys::connection_error(attempt->host);
  if (error == 0 && sys::is_connected(attempt->host)) return answer(attempt);
  if (error == 0) return;
  refuse(*attempt, error);
  forget(attempt);
}

/// Of a silence the guest is told nothing: its own connect(2) ends as ours did.
void Outbound::refuse(const Attempt& attempt, int error) {
  if (error == ETIMEDOUT) return;
  const bool is_refused = error == ECONNREFUSED || error == ECONNRESET;
  const std::vector<uint8_t> frame =
      is_refused ? reset_of(attempt.frame)
                 : refusal_of(attempt.frame, network_, why_unreachable(error));
  if (!frame.empty()) options_.send(frame);
}

void Outbound::answer(const Shared& attempt) {
  const Syn& syn = attempt->syn;
  const sys::Fd& socket = attempt->guest.socket;
  const auto name = attempt->guest.is_ipv6 ? to_mapped_name : to_name;
  attempt->is_answering = true;
  const auto led = sys::connect_tcp(socket, name(syn.guest, syn.guest_port));
  if (!led) {  // a connection with the same ends has ended a moment ago
    forget(attempt);
    return options_.pass_on(attempt->frame);
  }
  if (sys::is_connected(socket)) return succeed(attempt);
  files_[socket.get()] = attempt;
  if (!relays_.poll_set().watch(socket.get(), kComes, false)) give_up(attempt);
}

/// A guest that has gone meanwhile refuses it, and one whose socket takes nothing from "lo".
void Outbound::guest_heard(const Shared& attempt) {
  if (sys::connection_error(attempt->guest.socket) == 0 && sys::is_connected(attempt->guest.socket))
    return succeed(attempt);
  give_up(attempt);
}

void Outbound::succeed(const Shared& attempt) {
  failures_ = 0;
  const Syn syn = attempt->syn;
  sys::Fd host = std::move(attempt->host);
  sys::Fd guest = std::move(attempt->guest.socket);
  files_.erase(host.get());
  files_.erase(guest.get());
  attempts_.erase(syn.ends());
  if (const auto relay = relays_.add(std::move(host), std::move(guest), true))
    keep_living(syn, relay);
}

/// Where the guest asks again libslirp has it.
void Outbound::give_up(const Shared& attempt) {
  if (in_packets_.size() == kMostInPackets) in_packets_.pop_front();
  in_packets_.push_back(attempt->syn.ends());
  if (++failures_ == kMostFailures) explain("the guest's namespace does not answer");
  forget(attempt);
}

void Outbound::forget(const Shared& attempt) {
  sys::reset_at_close(attempt->host);
  files_.erase(attempt->host.get());
  files_.erase(attempt->guest.socket.get());
  attempts_.erase(attempt->syn.ends());
  attempt->host.reset();
  attempt->guest.socket.reset();
}

void Outbound::keep_living(const Syn& syn, const std::shared_ptr<Relay>& relay) {
  living_[syn.ends()] = Living{.sequence = syn.sequence, .relay = relay};
  if (living_.size() < tidy_at_) return;
  std::erase_if(living_, [](const auto& it) { return it.second.relay.expired(); });
  tidy_at_ = std::max<size_t>(2 * living_.size(), 256);
}

}  // namespace wolffia::net
