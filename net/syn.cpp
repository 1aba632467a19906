// SPDX-License-Identifier: Apache-2.0
#include "net/syn.hpp"

#include <algorithm>
#include <utility>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

/// What systems give packets to begin with: each router takes one away. Source: RFC 1812, 5.3.1.
constexpr std::array<uint8_t, 3> kFirstHops{64, 128, 255};

void put(MutableBytes out, const Address& address, uint16_t port) {
  if (const auto* ipv4 = std::get_if<Ipv4>(&address))
    write32(out, 0, ipv4->value);
  else
    std::ranges::copy(std::get<Ipv6>(address).bytes, out.begin());
  write16(out, 16, port);
}

/// A segment whose flags, of those that make and end connections, are `flags`: from its sender.
std::optional<Syn> read_segment(Bytes frame, uint8_t flags) {
  constexpr uint8_t kAsked =
      tcp_header::kSyn | tcp_header::kAck | tcp_header::kReset | tcp_header::kFin;
  if (frame.size() < ethernet::kSize + ipv4::kSize) return std::nullopt;
  const bool is_ipv4 = read16(frame, ethernet::kType) == ethernet::kIpv4;
  if (!is_ipv4 && read16(frame, ethernet::kType) != ethernet::kIpv6) return std::nullopt;
  const Bytes packet = frame.subspan(ethernet::kSize);
  const size_t header = is_ipv4 ? ipv4::kSize : ipv6::kSize;
  if (packet.size() < header + tcp_header::kSize) return std::nullopt;
  if (packet[is_ipv4 ? ipv4::kProtocol : ipv6::kNextHeader] != protocol::kTcp) return std::nullopt;
  const Bytes segment = packet.subspan(header);
  if ((segment[tcp_header::kFlags] & kAsked) != flags) return std::nullopt;
  Syn syn;
  if (is_ipv4) {
    syn.guest = Ipv4::read(packet, ipv4::kSource);
    syn.peer = Ipv4::read(packet, ipv4::kDestination);
  } else {
    syn.guest = Ipv6::read(packet, ipv6::kSource);
    syn.peer = Ipv6::read(packet, ipv6::kDestination);
  }
  syn.guest_port = read16(segment, 0);
  syn.peer_port = read16(segment, tcp_header::kDestinationPort);
  syn.sequence = read32(segment, tcp_header::kSequence);
  const uint8_t hops = packet[is_ipv4 ? ipv4::kTtl : ipv6::kHopLimit];
  syn.was_forwarded = std::ranges::find(kFirstHops, hops) == kFirstHops.end();
  return syn;
}

}  // namespace

std::optional<Syn> read_syn(Bytes frame) {
  return read_segment(frame, tcp_header::kSyn);
}

std::optional<Syn> read_answer(Bytes frame) {
  auto answer = read_segment(frame, tcp_header::kSyn | tcp_header::kAck);
  if (!answer) return std::nullopt;
  std::swap(answer->guest, answer->peer);
  std::swap(answer->guest_port, answer->peer_port);
  return answer;
}

Syn::Ends Syn::ends() const {
  Ends out{};
  put(MutableBytes(out).first(18), guest, guest_port);
  put(MutableBytes(out).subspan(18), peer, peer_port);
  return out;
}

}  // namespace wolffia::net
