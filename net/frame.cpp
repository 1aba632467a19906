// SPDX-License-Identifier: Apache-2.0
#include "net/frame.hpp"

#include <array>

#include "net/frame_parts.hpp"
#include "net/headers.hpp"

namespace wolffia::net {
namespace {

constexpr std::array<std::string_view, kReasons> kNames{
    "fine",    "short",    "ether-type", "sender",    "arp",    "version",
    "options", "length",   "checksum",   "hop-limit", "source", "destination",
    "blocked", "protocol", "tcp",        "udp",       "icmp",   "fragment",
};
static_assert(!kNames.back().empty());

bool is_of_guest(Ipv4 address, const Network& network) {
  return address.is_in(network.address, network.prefix) && address != network.gateway &&
         address != network.nameserver;
}

/// A question or an answer, about IPv4 on Ethernet, by the guest about itself.
Checked check_arp(Bytes packet, const Rules& rules) {
  constexpr std::array<uint8_t, arp::kOperation> kIpv4OnEthernet{0, 1, 8, 0, 6, 4};
  if (packet.size() < arp::kSize) return dropped(Reason::Short);
  for (size_t i = 0; i < kIpv4OnEthernet.size(); ++i)
    if (packet[i] != kIpv4OnEthernet[i]) return dropped(Reason::Arp);
  const uint16_t operation = read16(packet, arp::kOperation);
  if (operation != 1 && operation != 2) return dropped(Reason::Arp);
  if (Mac::read(packet, arp::kSenderMac) != rules.guest) return dropped(Reason::Sender);
  const Ipv4 sender = Ipv4::read(packet, arp::kSenderIp);
  const bool is_probe = sender.value == 0;  // RFC 5227: is somebody else at it?
  if (!is_probe && !is_of_guest(sender, rules.network)) return dropped(Reason::Source);
  return {.verdict = Verdict::Pass, .size = arp::kSize};
}

Checked check_payload(uint16_t type, MutableBytes packet, const Rules& rules) {
  switch (type) {
    case ethernet::kArp:
      return check_arp(packet, rules);
    case ethernet::kIpv4:
      return check_ipv4(packet, rules);
    case ethernet::kIpv6:
      if (rules.network.has_ipv6) return check_ipv6(packet, rules);
      [[fallthrough]];
    default:
      return dropped(Reason::EtherType);
  }
}

}  // namespace

std::string_view name_of(Reason reason) {
  return kNames[static_cast<size_t>(reason)];
}

Checked check_frame(MutableBytes frame, const Rules& rules) {
  if (frame.size() < ethernet::kSize) return dropped(Reason::Short);
  if (Mac::read(frame, ethernet::kSource) != rules.guest) return dropped(Reason::Sender);
  const uint16_t type = read16(frame, ethernet::kType);
  Checked checked = check_payload(type, frame.subspan(ethernet::kSize), rules);
  if (checked.size > 0) checked.size += ethernet::kSize;
  return checked;
}

}  // namespace wolffia::net
