// SPDX-License-Identifier: Apache-2.0
#include "net/replies.hpp"

#include <algorithm>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kMostTalks = 512;
constexpr size_t kPorts = 4;  // source and destination are the first fields of UDP

/// Where the header of UDP is, with room for its ports; nullopt: the frame has none.
std::optional<Bytes> udp_of(Bytes packet, bool is_ipv6) {
  const size_t header = is_ipv6 ? ipv6::kSize : ipv4::kSize;
  if (packet.size() < header + kPorts) return std::nullopt;
  const uint8_t protocol = packet[is_ipv6 ? ipv6::kNextHeader : ipv4::kProtocol];
  const bool is_later_part = !is_ipv6 && (read16(packet, ipv4::kFragment) & ipv4::kOffsetMask) != 0;
  if (protocol != protocol::kUdp || is_later_part) return std::nullopt;
  return packet.subspan(header);
}

}  // namespace

std::optional<Replies::Talk> Replies::talk_of(Bytes frame, bool to_guest) {
  if (frame.size() < ethernet::kSize) return std::nullopt;
  const uint16_t type = read16(frame, ethernet::kType);
  const bool is_ipv6 = type == ethernet::kIpv6;
  if (!is_ipv6 && type != ethernet::kIpv4) return std::nullopt;
  const Bytes packet = frame.subspan(ethernet::kSize);
  const auto udp = udp_of(packet, is_ipv6);
  if (!udp) return std::nullopt;
  Talk talk;
  if (is_ipv6)
    talk.peer = Ipv6::read(packet, to_guest ? ipv6::kSource : ipv6::kDestination);
  else
    write32(talk.peer.bytes, 0, read32(packet, to_guest ? ipv4::kSource : ipv4::kDestination));
  talk.peer_port = read16(*udp, to_guest ? 0 : 2);
  talk.guest_port = read16(*udp, to_guest ? 2 : 0);
  return talk;
}

void Replies::note(Bytes frame) {
  const auto talk = talk_of(frame, true);
  if (!talk || std::ranges::find(talks_, *talk) != talks_.end()) return;
  if (talks_.size() >= kMostTalks) talks_.pop_front();
  talks_.push_back(*talk);
}

bool Replies::answer(Bytes frame) const {
  const auto talk = talk_of(frame, false);
  return talk && std::ranges::find(talks_, *talk) != talks_.end();
}

}  // namespace wolffia::net
