// SPDX-License-Identifier: Apache-2.0
#include "net/dns_stream.hpp"

#include <algorithm>
#include <optional>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kMostStreams = 64;
constexpr size_t kLength = 2;  // in front of a message
constexpr size_t kMostBytes = kLength + 65'535;

}  // namespace

struct DnsStreams::Segment {
  Address guest;
  uint16_t port = 0;
  uint32_t sequence = 0;
  uint8_t flags = 0;
  Bytes data;

  bool begins() const { return (flags & tcp_header::kSyn) != 0; }
  bool ends() const { return (flags & (tcp_header::kFin | tcp_header::kReset)) != 0; }
  bool is_of(const Stream& stream) const { return stream.port == port && stream.guest == guest; }

  static std::optional<Segment> of(Bytes frame, const Network& network);
};

/// From the name server at its port; nullopt: it is anything else.
std::optional<DnsStreams::Segment> DnsStreams::Segment::of(Bytes frame, const Network& network) {
  if (frame.size() < ethernet::kSize + ipv4::kSize + tcp_header::kSize) return std::nullopt;
  const uint16_t type = read16(frame, ethernet::kType);
  const bool is_ipv4 = type == ethernet::kIpv4;
  if (!is_ipv4 && type != ethernet::kIpv6) return std::nullopt;
  const Bytes packet = frame.subspan(ethernet::kSize);
  const size_t header = is_ipv4 ? ipv4::kSize : ipv6::kSize;
  if (packet.size() < header + tcp_header::kSize) return std::nullopt;
  if (packet[is_ipv4 ? ipv4::kProtocol : ipv6::kNextHeader] != protocol::kTcp) return std::nullopt;
  const bool is_nameserver = is_ipv4 ? Ipv4::read(packet, ipv4::kSource) == network.nameserver
                                     : Ipv6::read(packet, ipv6::kSource) == network.nameserver6;
  const size_t whole = is_ipv4 ? size_t{read16(packet, ipv4::kTotalLength)}
                               : ipv6::kSize + read16(packet, ipv6::kPayloadLength);
  const Bytes segment = packet.subspan(header);
  const size_t offset = size_t{segment[tcp_header::kOffset]} / 16 * 4;
  if (!is_nameserver || read16(segment, 0) != port::kDns || offset < tcp_header::kSize ||
      whole > packet.size() || whole < header + offset)
    return std::nullopt;
  Segment out{.guest = Ipv4(),
              .port = read16(segment, tcp_header::kDestinationPort),
              .sequence = read32(segment, tcp_header::kSequence),
              .flags = segment[tcp_header::kFlags],
              .data = packet.subspan(header + offset, whole - header - offset)};
  if (is_ipv4)
    out.guest = Ipv4::read(packet, ipv4::kDestination);
  else
    out.guest = Ipv6::read(packet, ipv6::kDestination);
  return out;
}

void DnsStreams::read(Bytes frame, const Network& network, const Tell& tell) {
  const auto segment = Segment::of(frame, network);
  if (!segment) return;
  if (segment->begins()) return begin(*segment);
  const auto it =
      std::ranges::find_if(streams_, [&](const Stream& stream) { return segment->is_of(stream); });
  if (it == streams_.end()) return;
  const bool goes_on = add(*it, *segment);
  tell_whole(*it, tell);
  if (!goes_on || segment->ends()) streams_.erase(it);
}

void DnsStreams::begin(const Segment& segment) {
  std::erase_if(streams_, [&](const Stream& stream) { return segment.is_of(stream); });
  if (streams_.size() >= kMostStreams) streams_.pop_front();
  streams_.push_back(
      {.guest = segment.guest, .port = segment.port, .next = segment.sequence + 1, .bytes = {}});
}

/// False where something is missing in between. Numbers wrap around: RFC 9293, 3.4.
bool DnsStreams::add(Stream& stream, const Segment& segment) {
  const uint32_t known = stream.next - segment.sequence;
  constexpr uint32_t kHalf = 0x80000000;
  if (known >= kHalf) return false;
  if (known >= segment.data.size()) return true;
  const Bytes fresh = segment.data.subspan(known);
  stream.bytes.insert(stream.bytes.end(), fresh.begin(), fresh.end());
  stream.next += static_cast<uint32_t>(fresh.size());
  return true;
}

/// What is left is less than a message, and so bounded.
void DnsStreams::tell_whole(Stream& stream, const Tell& tell) {
  size_t at = 0;
  const Bytes bytes(stream.bytes);
  while (bytes.size() - at >= kLength) {
    const size_t size = read16(bytes, at);
    if (bytes.size() - at - kLength < size) break;
    tell(bytes.subspan(at + kLength, size));
    at += kLength + size;
  }
  stream.bytes.erase(stream.bytes.begin(), stream.bytes.begin() + static_cast<ptrdiff_t>(at));
}

static_assert(kMostStreams * kMostBytes < size_t{8} << 20, "what all may hold at once");

}  // namespace wolffia::net
