// SPDX-License-Identifier: Apache-2.0
#include "net/frame_parts.hpp"
#include "net/headers.hpp"

namespace wolffia::net {
namespace {

/// The smallest packet that libslirp's DHCP server reads whole: BOOTP's fixed part and the cookie.
/// Source: RFC 2131, section 2; CVE-2021-3592.
constexpr size_t kDhcpSize = 240;

Reason check_header(Bytes packet) {
  if (packet.size() < ipv4::kSize) return Reason::Short;
  if (packet[0] >> 4 != 4) return Reason::Version;
  const size_t header = (packet[0] & 0xfU) * size_t{4};
  if (header < ipv4::kSize) return Reason::Length;
  if (header > ipv4::kSize) return Reason::Options;
  const size_t total = read16(packet, ipv4::kTotalLength);
  if (total < ipv4::kSize || total > packet.size()) return Reason::Length;
  if (packet[ipv4::kTtl] == 0) return Reason::HopLimit;
  if (checksum(packet.first(ipv4::kSize)) != 0) return Reason::Checksum;
  return Reason::Fine;
}

/// Any address of the network but ours: whoever configures the interface chooses it, and may give
/// it several. The first and the last one of a network are nobody's.
bool may_send(Ipv4 source, const Network& network) {
  if (!source.is_in(network.address, network.prefix)) return false;
  const uint32_t hosts = 0xffffffffU >> network.prefix;
  const uint32_t host = source.value & hosts;
  return host != 0 && host != hosts && source != network.gateway && source != network.nameserver;
}

/// From nobody to everybody. Source: RFC 2131, section 4.1.
bool asks_for_address(Ipv4 source, Ipv4 destination) {
  return source.value == 0 && destination.value == 0xffffffff;
}

Reason check_dhcp(Bytes datagram, const Rules& rules) {
  constexpr size_t kUdpHeader = 8;
  if (!rules.dhcp) return Reason::Source;
  if (read16(datagram, 0) != port::kDhcpClient || read16(datagram, 2) != port::kDhcpServer)
    return Reason::Destination;
  return datagram.size() < kUdpHeader + kDhcpSize ? Reason::Udp : Reason::Fine;
}

bool is_carried(uint8_t protocol) {
  return protocol == protocol::kTcp || protocol == protocol::kUdp || protocol == protocol::kIcmp;
}

Checked check_fragment(Bytes packet, size_t total, const Rules& rules) {
  const size_t offset = (read16(packet, ipv4::kFragment) & ipv4::kOffsetMask) * size_t{8};
  const bool more_follow = (read16(packet, ipv4::kFragment) & ipv4::kMoreFragments) != 0;
  const size_t size = total - ipv4::kSize;
  if (size == 0 || (more_follow && size % 8 != 0) || offset + total > 0xffff)
    return dropped(Reason::Fragment);
  const Flow flow{.protocol = packet[ipv4::kProtocol], .port = {}};
  const Ipv4 destination = Ipv4::read(packet, ipv4::kDestination);
  const Reason bad = check_destination(destination, flow, rules);
  if (bad != Reason::Fine && bad != Reason::Blocked)  // that is asked of the whole
    return dropped(bad);
  return {.verdict = Verdict::Fragment, .size = total};
}

Reason check_whole(MutableBytes packet, const Rules& rules) {
  const uint8_t protocol = packet[ipv4::kProtocol];
  const MutableBytes payload = packet.subspan(ipv4::kSize);
  if (const Reason bad = check_transport(protocol, payload); bad != Reason::Fine) return bad;
  const Ipv4 source = Ipv4::read(packet, ipv4::kSource);
  const Ipv4 destination = Ipv4::read(packet, ipv4::kDestination);
  if (asks_for_address(source, destination))
    return protocol == protocol::kUdp ? check_dhcp(payload, rules) : Reason::Source;
  return check_destination(destination, flow_of(protocol, payload), rules);
}

}  // namespace

Checked check_ipv4(MutableBytes packet, const Rules& rules) {
  if (const Reason bad = check_header(packet); bad != Reason::Fine) return dropped(bad);
  const Ipv4 source = Ipv4::read(packet, ipv4::kSource);
  const Ipv4 destination = Ipv4::read(packet, ipv4::kDestination);
  if (!may_send(source, rules.network) && !asks_for_address(source, destination))
    return dropped(Reason::Source);
  if (!is_carried(packet[ipv4::kProtocol])) return dropped(Reason::Protocol);
  const size_t total = read16(packet, ipv4::kTotalLength);
  constexpr uint16_t kPart = ipv4::kMoreFragments | ipv4::kOffsetMask;
  if ((read16(packet, ipv4::kFragment) & kPart) != 0)
    return check_fragment(packet.first(total), total, rules);
  const Reason bad = check_whole(packet.first(total), rules);
  if (bad == Reason::Blocked) return blocked(total);
  if (bad != Reason::Fine) return dropped(bad);
  return {.verdict = Verdict::Pass, .size = total};
}

}  // namespace wolffia::net
