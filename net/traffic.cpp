// SPDX-License-Identifier: Apache-2.0
#include "net/traffic.hpp"

#include "net/headers.hpp"
#include "net/refusal.hpp"
#include "sys/tap.hpp"

namespace wolffia::net {
namespace {

/// So many that connections of the host get their turn.
constexpr int kAtOnce = 64;

/// Refusals a second: programs that try again at once must not keep us busy.
constexpr uint64_t kRefusals = 1000;

enum class Way : uint8_t { FromGuest, ToGuest };

/// A datagram between guest and name server that is in one packet.
struct NameMessage {
  uint16_t guest_port;
  Bytes text;
};

std::optional<NameMessage> name_message(Bytes frame, const Network& network, Way way) {
  constexpr size_t kUdp = 8;
  if (frame.size() < ethernet::kSize) return std::nullopt;
  const uint16_t type = read16(frame, ethernet::kType);
  const bool is_ipv6 = type == ethernet::kIpv6;
  const size_t header = is_ipv6 ? ipv6::kSize : ipv4::kSize;
  const Bytes packet = frame.subspan(ethernet::kSize);
  if ((!is_ipv6 && type != ethernet::kIpv4) || packet.size() < header + kUdp) return std::nullopt;
  if (packet[is_ipv6 ? ipv6::kNextHeader : ipv4::kProtocol] != protocol::kUdp) return std::nullopt;
  const bool to_guest = way == Way::ToGuest;
  const bool is_nameserver =
      is_ipv6
          ? Ipv6::read(packet, to_guest ? ipv6::kSource : ipv6::kDestination) == network.nameserver6
          : Ipv4::read(packet, to_guest ? ipv4::kSource : ipv4::kDestination) ==
                    network.nameserver &&
                (read16(packet, ipv4::kFragment) & ~ipv4::kDontFragment) == 0;
  if (!is_nameserver || read16(packet, header + (to_guest ? 0 : 2)) != port::kDns)
    return std::nullopt;
  return NameMessage{.guest_port = read16(packet, header + (to_guest ? 2 : 0)),
                     .text = packet.subspan(header + kUdp)};
}

}  // namespace

Traffic::Traffic(Link guest, Sender sender, Rules rules, TrafficOptions options)
    : guest_(std::move(guest)),
      sender_(sender),
      rules_(std::move(rules)),
      upload_(options.upload),
      download_(options.download),
      capture_(std::move(options.capture)),
      log_(std::move(options.decisions)),
      refusals_(kRefusals),
      tell_(std::move(options.tell)),
      has_names_(rules_.policy.has_names()) {}

bool Traffic::receive(Stack& stack) {
  for (int i = 0; i < kAtOnce; ++i) {
    const Link::Received received = guest_.receive();
    if (received.news == Link::News::End) return false;
    if (received.news == Link::News::Nothing) break;
    take(received.frame, stack);
    if (upload_.is_limited() && upload_.closed_until(now_ms())) break;
  }
  if (datagrams_) datagrams_->flush();
  return true;
}

void Traffic::take(MutableBytes frame, Stack& stack) {
  statistics_.from_guest.add(frame.size());
  upload_.take(frame.size());
  capture(frame);
  if (has_names_) rules_.policy.expire(now_ms());
  judge(frame, stack);
}

void Traffic::capture(Bytes frame) {
  if (capture_.is_on() && !capture_.add(frame))
    tell_("--pcap: nothing more is written: the file is full, or its reader too slow");
}

Statistics Traffic::statistics() const {
  Statistics out = statistics_;
  out.fragments = reassembly_.waiting();
  return out;
}

void Traffic::judge(MutableBytes frame, Stack& stack) {
  Checked checked = check_frame(frame, rules_);
  if (checked.reason == Reason::Sender && learn_sender(frame)) checked = check_frame(frame, rules_);
  if (checked.verdict != Verdict::Fragment) return pass(checked, frame, stack);
  auto datagram = reassembly_.add(frame.first(checked.size), now_ms());
  if (datagram) pass(check_frame(*datagram, rules_), *datagram, stack);
}

void Traffic::pass(const Checked& checked, Bytes frame, Stack& stack) {
  const Bytes whole = frame.first(checked.size);
  const bool goes_on =
      checked.reason == Reason::Blocked && datagrams_ && datagrams_->goes_on(whole);
  if (checked.verdict == Verdict::Pass || goes_on) {
    if (follows_names()) note_question(whole);
    if (datagrams_ && datagrams_->take(whole)) return;
    if (!outbound_ || !outbound_->take(whole)) stack.input(whole);
    return;
  }
  ++statistics_.dropped[static_cast<size_t>(checked.reason)];
  if (checked.reason != Reason::Blocked) return;
  log_.blocked(whole, rules_);
  refuse(whole);
}

/// The guest is told at once, in the place of a silence that it would wait out.
void Traffic::refuse(Bytes blocked) {
  if (refusals_.closed_until(now_ms())) return;
  const std::vector<uint8_t> frame = refusal_of(blocked, rules_.network);
  if (frame.empty()) return;
  refusals_.take(1);
  send(frame);
}

/// Whoever configures the interface may give it another address at any time.
bool Traffic::learn_sender(Bytes frame) {
  const Mac before = rules_.guest;
  if (sender_ == Sender::Interface) {
    const auto address = sys::link_address(guest_.fd());
    if (address) rules_.guest.bytes = *address;
  } else if (before == Mac() && (frame[ethernet::kSource] & 1) == 0) {
    rules_.guest = Mac::read(frame, ethernet::kSource);
  }
  return rules_.guest != before;
}

void Traffic::note_question(Bytes frame) {
  const auto message = name_message(frame, rules_.network, Way::FromGuest);
  if (!message) return;
  if (servers_) servers_->asked(now_ms());
  if (has_names_) questions_.note(message->guest_port, message->text);
}

/// Before the guest has it, so that it cannot be too fast. What comes over TCP nobody else can
/// have sent.
void Traffic::note_answer(Bytes frame) {
  if (has_names_)
    streams_.read(frame, rules_.network, [this](Bytes message) { bind_names(message); });
  const auto message = name_message(frame, rules_.network, Way::ToGuest);
  if (!message) return;
  if (servers_) servers_->answered();
  if (!has_names_ || !questions_.take(message->guest_port, message->text)) return;
  bind_names(message->text);
}

void Traffic::bind_names(Bytes message) {
  const auto answer = read_dns_answer(message);
  if (answer && rules_.policy.bind(*answer, now_ms())) log_.bound(*answer);
}

void Traffic::send(Bytes frame) {
  if (follows_names()) note_answer(frame);
  capture(frame);
  download_.take(frame.size());
  if (guest_.send(frame))
    statistics_.to_guest.add(frame.size());
  else
    ++statistics_.lost;
}

}  // namespace wolffia::net
