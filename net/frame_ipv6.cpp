// SPDX-License-Identifier: Apache-2.0
#include "net/frame_parts.hpp"
#include "net/headers.hpp"

namespace wolffia::net {
namespace {

Reason check_header(Bytes packet) {
  if (packet.size() < ipv6::kSize) return Reason::Short;
  if (packet[0] >> 4 != 6) return Reason::Version;
  if (read16(packet, ipv6::kPayloadLength) > packet.size() - ipv6::kSize) return Reason::Length;
  return packet[ipv6::kHopLimit] == 0 ? Reason::HopLimit : Reason::Fine;
}

bool is_carried(uint8_t next) {
  return next == protocol::kTcp || next == protocol::kUdp || next == protocol::kIcmpv6;
}

/// An address of the network or of the link, but none of ours; and before a guest has one, none.
Reason check_source(const Ipv6& source, bool discovers, const Network& network) {
  constexpr Ipv6 kLink{{0xfe, 0x80}};
  constexpr unsigned kLinkPrefix = 64;  // RFC 4291, section 2.5.6
  constexpr Ipv6 kNobody{};
  if (source == kNobody) return discovers ? Reason::Fine : Reason::Source;
  if (source.is_in(kLink, kLinkPrefix))
    return source == kLink.host(kLinkPrefix, 2) || source == kLink.host(kLinkPrefix, 3)
               ? Reason::Source
               : Reason::Fine;
  const bool is_ours = source == network.gateway6 || source == network.nameserver6;
  return source.is_in(network.address6, network.prefix6) && !is_ours ? Reason::Fine
                                                                     : Reason::Source;
}

/// Neighbours speak in one piece. Source: RFC 6980, section 5.
Reason check_fragment(Bytes payload) {
  if (payload.size() <= ipv6::kFragmentSize) return Reason::Fragment;
  const uint16_t place = read16(payload, ipv6::kFragmentOffset);
  const size_t offset = place & 0xfff8U;
  const Bytes part = payload.subspan(ipv6::kFragmentSize);
  if (!is_carried(payload[0])) return Reason::Options;
  const bool more_follow = (place & 1U) != 0;
  if ((more_follow && part.size() % 8 != 0) || offset + part.size() > 0xffff)
    return Reason::Fragment;
  if (offset == 0 && payload[0] == protocol::kIcmpv6 && is_neighbour_discovery(part))
    return Reason::Fragment;
  return Reason::Fine;
}

/// Source: RFC 4861, section 6.1.1: whatever passed a router has a lower limit.
constexpr uint8_t kNeighbourHops = 255;

Reason check_whole(uint8_t next, uint8_t hops, MutableBytes payload) {
  if (!is_carried(next)) return Reason::Options;
  if (const Reason bad = check_transport(next, payload); bad != Reason::Fine) return bad;
  const bool discovers = next == protocol::kIcmpv6 && is_neighbour_discovery(payload);
  return discovers && hops != kNeighbourHops ? Reason::HopLimit : Reason::Fine;
}

}  // namespace

Checked check_ipv6(MutableBytes packet, const Rules& rules) {
  if (const Reason bad = check_header(packet); bad != Reason::Fine) return dropped(bad);
  const size_t size = read16(packet, ipv6::kPayloadLength);
  const uint8_t next = packet[ipv6::kNextHeader];
  const MutableBytes payload = packet.subspan(ipv6::kSize, size);
  const bool is_part = next == protocol::kFragment;
  const Reason inside =
      is_part ? check_fragment(payload) : check_whole(next, packet[ipv6::kHopLimit], payload);
  if (inside != Reason::Fine) return dropped(inside);

  const bool discovers = next == protocol::kIcmpv6 && is_neighbour_discovery(payload);
  const Ipv6 source = Ipv6::read(packet, ipv6::kSource);
  if (const Reason bad = check_source(source, discovers, rules.network); bad != Reason::Fine)
    return dropped(bad);
  const Flow flow = is_part ? Flow{.protocol = payload[0], .port = {}} : flow_of(next, payload);
  const Ipv6 destination = Ipv6::read(packet, ipv6::kDestination);
  const Reason bad = check_destination(destination, flow, rules);
  const size_t whole = ipv6::kSize + size;
  if (bad == Reason::Blocked && !is_part) return blocked(whole);  // else asked of the whole
  if (bad != Reason::Fine && bad != Reason::Blocked) return dropped(bad);
  return {.verdict = is_part ? Verdict::Fragment : Verdict::Pass, .size = whole};
}

}  // namespace wolffia::net
