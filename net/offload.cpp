// SPDX-License-Identifier: Apache-2.0
#include "net/offload.hpp"

#include <algorithm>
#include <optional>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kUdpChecksum = 6;

/// A segment of TCP: where it begins in its frame, and its header's size.
struct Segment {
  bool is_ipv4;
  size_t begin;
  size_t header;
};

std::optional<Segment> segment_in(Bytes frame) {
  if (frame.size() < ethernet::kSize + ipv6::kSize) return std::nullopt;  // TCP has no less
  const uint16_t type = read16(frame, ethernet::kType);
  const bool is_ipv4 = type == ethernet::kIpv4;
  const Bytes packet = frame.subspan(ethernet::kSize);
  if (is_ipv4) {
    constexpr uint16_t kPart = ipv4::kMoreFragments | ipv4::kOffsetMask;
    const bool is_plain = packet[0] == 0x45 && (read16(packet, ipv4::kFragment) & kPart) == 0;
    if (!is_plain || packet[ipv4::kProtocol] != protocol::kTcp) return std::nullopt;
  } else if (type != ethernet::kIpv6 || packet[ipv6::kNextHeader] != protocol::kTcp) {
    return std::nullopt;
  }
  const size_t begin = ethernet::kSize + (is_ipv4 ? ipv4::kSize : ipv6::kSize);
  if (frame.size() < begin + tcp_header::kSize) return std::nullopt;
  const size_t header = (frame[begin + tcp_header::kOffset] >> 4) * size_t{4};
  if (header < tcp_header::kSize || frame.size() < begin + header) return std::nullopt;
  return Segment{.is_ipv4 = is_ipv4, .begin = begin, .header = header};
}

/// The sum over addresses, protocol and length, which a checksum that is left open begins with.
uint16_t pseudo_sum(Bytes packet, bool is_ipv4, size_t length) {
  std::array<uint8_t, 40> pseudo{};
  const size_t addresses = is_ipv4 ? 8 : 32;
  std::ranges::copy(packet.subspan(is_ipv4 ? ipv4::kSource : ipv6::kSource, addresses),
                    pseudo.begin());
  write32(pseudo, addresses, static_cast<uint32_t>(length));
  pseudo[addresses + 7] = protocol::kTcp;
  return static_cast<uint16_t>(checksum(Bytes(pseudo).first(addresses + 8)) ^ 0xffffU);
}

/// The option that says the largest segment: RFC 9293, section 3.7.1. Where its value is.
std::optional<size_t> segment_size_in(Bytes options) {
  constexpr uint8_t kEnd = 0;
  constexpr uint8_t kNothing = 1;
  constexpr uint8_t kSegmentSize = 2;
  for (size_t at = 0; at < options.size() && options[at] != kEnd;) {
    if (options[at] == kNothing) {
      ++at;
      continue;
    }
    if (at + 1 >= options.size()) return std::nullopt;
    const size_t size = options[at + 1];
    if (size < 2 || at + size > options.size()) return std::nullopt;
    if (options[at] == kSegmentSize && size == 4) return at + 2;
    at += size;
  }
  return std::nullopt;
}

}  // namespace

void complete_checksum(const OffloadHeader& header, MutableBytes frame) {
  if ((header.flags & OffloadHeader::kNeedsChecksum) == 0) return;
  const size_t place = size_t{header.checksum_start} + header.checksum_offset;
  if (place + sizeof(uint16_t) > frame.size()) return;
  const uint16_t sum = checksum(frame.subspan(header.checksum_start));
  const bool is_none = sum == 0 && header.checksum_offset == kUdpChecksum;  // RFC 768: it says so
  write16(frame, place, is_none ? 0xffff : sum);
}

Offloaded offload(Bytes frame, size_t mtu) {
  Offloaded out;
  const auto segment = segment_in(frame);
  if (!segment) return out;
  const Bytes packet = frame.subspan(ethernet::kSize);
  out.head_size = segment->begin + segment->header;
  std::ranges::copy(frame.first(out.head_size), out.head.begin());
  const uint16_t sum = pseudo_sum(packet, segment->is_ipv4, frame.size() - segment->begin);
  write16(out.head, segment->begin + tcp_header::kChecksum, sum);
  out.header.flags = OffloadHeader::kNeedsChecksum;
  out.header.checksum_start = static_cast<uint16_t>(segment->begin);
  out.header.checksum_offset = tcp_header::kChecksum;
  const size_t headers = out.head_size - ethernet::kSize;
  if (packet.size() <= mtu || mtu <= headers) return out;
  out.header.kind = segment->is_ipv4 ? OffloadHeader::kTcp4 : OffloadHeader::kTcp6;
  out.header.part_size = static_cast<uint16_t>(mtu - headers);
  out.header.header_size = static_cast<uint16_t>(out.head_size);
  return out;
}

void set_segment_size(MutableBytes frame, size_t mtu) {
  const auto segment = segment_in(frame);
  if (!segment || (frame[segment->begin + tcp_header::kFlags] & tcp_header::kSyn) == 0) return;
  const MutableBytes header = frame.subspan(segment->begin, segment->header);
  const MutableBytes options = header.subspan(tcp_header::kSize);
  const auto place = segment_size_in(options);
  if (!place) return;
  const uint16_t said = read16(options, *place);
  const size_t headers = segment->begin - ethernet::kSize + tcp_header::kSize;
  const bool is_word = *place % 2 == 0;  // of those that the checksum adds up
  if (!is_word || said + headers != mtu) return;
  write16(options, *place, kSegment);
  const uint16_t sum = read16(header, tcp_header::kChecksum);
  write16(header, tcp_header::kChecksum, adjusted(sum, said, kSegment));
}

}  // namespace wolffia::net
