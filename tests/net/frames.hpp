// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "net/headers.hpp"
#include "net/rules.hpp"

/// Frames as a guest sends them, for tests: right ones, with one thing changed where that matters.
namespace wolffia::net {

using Frame = std::vector<uint8_t>;

inline constexpr Mac kGuestMac{{0x02, 0, 0, 0, 0, 1}};
inline constexpr Ipv4 kGuest{0x0a000264};
inline constexpr Ipv4 kGateway{0x0a000202};
inline constexpr Ipv4 kNameserver{0x0a000203};
inline constexpr Ipv4 kSomewhere{0xc6336401};  // 198.51.100.1, RFC 5737
inline const Ipv6 kGuest6 = *parse_ipv6("fd00::100");
inline const Ipv6 kSomewhere6 = *parse_ipv6("2001:db8::1");

inline Rules rules_for_tests() {
  Rules rules;
  rules.guest = kGuestMac;
  rules.network.has_ipv6 = true;
  return rules;
}

inline Frame operator+(Frame left, const Frame& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Frame ethernet_frame(uint16_t type, const Frame& packet) {
  Frame frame(ethernet::kSize);
  std::ranges::copy(kGuestMac.bytes, frame.begin() + ethernet::kSource);
  write16(frame, ethernet::kType, type);
  return frame + packet;
}

inline void renew_checksum(Frame& frame) {
  const MutableBytes header = MutableBytes(frame).subspan(ethernet::kSize, ipv4::kSize);
  write16(header, ipv4::kChecksum, 0);
  write16(header, ipv4::kChecksum, checksum(header));
}

struct Ipv4Fields {
  Ipv4 source = kGuest;
  Ipv4 destination = kSomewhere;
  uint16_t id = 1;
  uint16_t fragment = 0;
};

inline Frame ipv4_frame(uint8_t protocol, const Frame& payload, const Ipv4Fields& fields = {}) {
  Frame packet(ipv4::kSize);
  packet[0] = 0x45;
  write16(packet, ipv4::kTotalLength, static_cast<uint16_t>(ipv4::kSize + payload.size()));
  write16(packet, ipv4::kId, fields.id);
  write16(packet, ipv4::kFragment, fields.fragment);
  packet[ipv4::kTtl] = 64;
  packet[ipv4::kProtocol] = protocol;
  write32(packet, ipv4::kSource, fields.source.value);
  write32(packet, ipv4::kDestination, fields.destination.value);
  Frame frame = ethernet_frame(ethernet::kIpv4, packet + payload);
  renew_checksum(frame);
  return frame;
}

inline Frame ipv6_frame(uint8_t next, const Frame& payload, const Ipv6& source = kGuest6,
                        const Ipv6& destination = kSomewhere6) {
  Frame packet(ipv6::kSize);
  packet[0] = 0x60;
  write16(packet, ipv6::kPayloadLength, static_cast<uint16_t>(payload.size()));
  packet[ipv6::kNextHeader] = next;
  packet[ipv6::kHopLimit] = 255;
  std::ranges::copy(source.bytes, packet.begin() + ipv6::kSource);
  std::ranges::copy(destination.bytes, packet.begin() + ipv6::kDestination);
  return ethernet_frame(ethernet::kIpv6, packet + payload);
}

inline Frame udp(uint16_t port, const Frame& payload = {}) {
  Frame datagram(8);
  write16(datagram, 0, 40000);
  write16(datagram, 2, port);
  write16(datagram, 4, static_cast<uint16_t>(8 + payload.size()));
  return datagram + payload;
}

inline Frame tcp(uint16_t port, uint8_t flags = 0x02) {
  Frame segment(20);
  write16(segment, 0, 40000);
  write16(segment, 2, port);
  segment[12] = 0x50;
  segment[13] = flags;
  return segment;
}

inline Frame echo() {
  return {8, 0, 0, 0, 0, 1, 0, 1};
}

inline Frame arp_frame(uint16_t operation = 1, Ipv4 sender = kGuest) {
  Frame packet(arp::kSize);
  const Frame about{0, 1, 8, 0, 6, 4};
  std::ranges::copy(about, packet.begin());
  write16(packet, arp::kOperation, operation);
  std::ranges::copy(kGuestMac.bytes, packet.begin() + arp::kSenderMac);
  write32(packet, arp::kSenderIp, sender.value);
  write32(packet, 24, kGateway.value);
  return ethernet_frame(ethernet::kArp, packet);
}

/// The fragment of RFC 8200, section 4.5: `place` is its offset, with 1 where more follow.
inline Frame ipv6_fragment(uint8_t next, uint16_t place, const Frame& payload, uint32_t id = 7) {
  Frame header(ipv6::kFragmentSize);
  header[0] = next;
  write16(header, ipv6::kFragmentOffset, place);
  write32(header, ipv6::kFragmentId, id);
  return ipv6_frame(protocol::kFragment, header + payload);
}

}  // namespace wolffia::net
