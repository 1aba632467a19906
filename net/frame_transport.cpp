// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "net/frame_parts.hpp"
#include "net/headers.hpp"

namespace wolffia::net {
namespace {

// RFC 9293, section 3.1.
constexpr size_t kTcpSize = 20;
constexpr size_t kTcpOffset = 12;  // in units of 4 bytes, in the upper half; flags are behind
constexpr size_t kTcpChecksum = 16;
constexpr uint16_t kUrgent = 0x20;

Reason check_tcp(MutableBytes segment) {
  if (segment.size() < kTcpSize) return Reason::Tcp;
  const uint16_t word = read16(segment, kTcpOffset);
  const size_t header = static_cast<size_t>(word >> 12) * 4;
  if (header < kTcpSize || header > segment.size()) return Reason::Tcp;
  if ((word & kUrgent) == 0) return Reason::Fine;
  const uint16_t calm = word & static_cast<uint16_t>(~kUrgent);
  write16(segment, kTcpOffset, calm);
  write16(segment, kTcpChecksum, adjusted(read16(segment, kTcpChecksum), word, calm));
  return Reason::Fine;
}

/// Source: RFC 768. A length that is less than IP's is allowed there and useful to nobody.
Reason check_udp(Bytes datagram) {
  constexpr size_t kSize = 8;
  constexpr size_t kLength = 4;
  if (datagram.size() < kSize) return Reason::Udp;
  return read16(datagram, kLength) == datagram.size() ? Reason::Fine : Reason::Udp;
}

/// Of RFC 792 libslirp answers echo requests; to errors and answers it does not listen.
Reason check_icmp(Bytes message) {
  constexpr size_t kSize = 8;
  constexpr uint8_t kEcho = 8;
  const bool is_echo = message.size() >= kSize && message[0] == kEcho && message[1] == 0;
  return is_echo ? Reason::Fine : Reason::Icmp;
}

/// A message of ICMPv6 that libslirp answers, and the bytes in front of its options.
struct Icmpv6Type {
  uint8_t type;
  size_t fixed;
  bool has_options;
};

constexpr std::array kIcmpv6Types{
    Icmpv6Type{.type = 128, .fixed = 8, .has_options = false},  // echo request: RFC 4443, 4.1
    Icmpv6Type{.type = 133, .fixed = 8, .has_options = true},  // router solicitation: RFC 4861, 4.1
    Icmpv6Type{.type = 135, .fixed = 24, .has_options = true},  // neighbour solicitation: 4.3
    Icmpv6Type{.type = 136, .fixed = 24, .has_options = true},  // neighbour advertisement: 4.4
};

/// Source: RFC 4861, section 4.6: a type, a length in units of 8 bytes, never 0.
bool are_options(Bytes options) {
  while (!options.empty()) {
    if (options.size() < 8) return false;
    const size_t size = options[1] * size_t{8};
    if (size == 0 || size > options.size()) return false;
    options = options.subspan(size);
  }
  return true;
}

Reason check_icmpv6(Bytes message) {
  if (message.empty()) return Reason::Icmp;
  const auto* it = std::ranges::find(kIcmpv6Types, message[0], &Icmpv6Type::type);
  if (it == kIcmpv6Types.end() || message.size() < it->fixed || message[1] != 0)
    return Reason::Icmp;
  if (it->has_options && !are_options(message.subspan(it->fixed))) return Reason::Icmp;
  return Reason::Fine;
}

}  // namespace

Reason check_transport(uint8_t protocol, MutableBytes payload) {
  switch (protocol) {
    case protocol::kTcp:
      return check_tcp(payload);
    case protocol::kUdp:
      return check_udp(payload);
    case protocol::kIcmp:
      return check_icmp(payload);
    case protocol::kIcmpv6:
      return check_icmpv6(payload);
    default:
      return Reason::Protocol;
  }
}

bool is_neighbour_discovery(Bytes payload) {
  return !payload.empty() && payload[0] >= 133 && payload[0] <= 137;
}

Flow flow_of(uint8_t protocol, Bytes payload) {
  constexpr uint16_t kHandshake = 0x17;  // ACK, RST, SYN, FIN
  constexpr uint16_t kSyn = 0x02;
  Flow flow{.protocol = protocol, .port = {}};
  const bool is_tcp = protocol == protocol::kTcp;
  if (is_tcp || protocol == protocol::kUdp) flow.port = read16(payload, 2);
  if (is_tcp) flow.opens = (read16(payload, kTcpOffset) & kHandshake) == kSyn;
  return flow;
}

}  // namespace wolffia::net
