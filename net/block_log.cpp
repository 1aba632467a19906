// SPDX-License-Identifier: Apache-2.0
#include "net/block_log.hpp"

#include "net/frame_parts.hpp"
#include "net/headers.hpp"

namespace wolffia::net {
namespace {

/// So many sentences fit into a pipe that nobody reads: pipe(7).
constexpr size_t kMost = 300;

struct Aim {
  Address address;
  Flow flow;
};

Aim aim_of(Bytes frame) {
  const Bytes packet = frame.subspan(ethernet::kSize);
  if (read16(frame, ethernet::kType) == ethernet::kIpv4)
    return {Ipv4::read(packet, ipv4::kDestination),
            flow_of(packet[ipv4::kProtocol], packet.subspan(ipv4::kSize))};
  return {Ipv6::read(packet, ipv6::kDestination),
          flow_of(packet[ipv6::kNextHeader], packet.subspan(ipv6::kSize))};
}

std::string_view name_of_protocol(uint8_t protocol) {
  if (protocol == protocol::kTcp) return "tcp";
  return protocol == protocol::kUdp ? "udp" : "icmp";
}

std::string text_of(const Aim& aim) {
  if (!aim.flow.port) return to_text(aim.address);
  const bool is_ipv6 = std::holds_alternative<Ipv6>(aim.address);
  return cat(is_ipv6 ? "[" : "", to_text(aim.address), is_ipv6 ? "]" : "", ":", *aim.flow.port);
}

}  // namespace

void BlockLog::blocked(Bytes frame, const Rules& rules) {
  if (!tell_ || told_.size() >= kMost) return;
  const Aim aim = aim_of(frame);
  tell_once(cat("blocked ", name_of_protocol(aim.flow.protocol), " to ", text_of(aim), ": ",
                why_blocked(aim.address, aim.flow, rules)));
}

void BlockLog::bound(const DnsAnswer& answer) {
  if (!tell_ || told_.size() >= kMost) return;
  for (const auto& [address, seconds] : answer.found)
    tell_once(cat(answer.name, " is ", to_text(address)));
}

void BlockLog::tell_once(const std::string& sentence) {
  if (told_.size() >= kMost || !told_.insert(sentence).second) return;
  tell_(sentence);
  if (told_.size() == kMost) tell_("of what else is blocked nothing is told");
}

}  // namespace wolffia::net
