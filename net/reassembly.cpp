// SPDX-License-Identifier: Apache-2.0
#include "net/reassembly.hpp"

#include <algorithm>

#include "net/headers.hpp"

namespace wolffia::net {

Reassembly::Part Reassembly::take_apart(Bytes frame) {
  Part part;
  const Bytes packet = frame.subspan(ethernet::kSize);
  part.key.is_ipv6 = read16(frame, ethernet::kType) == ethernet::kIpv6;
  if (part.key.is_ipv6) {
    const Bytes fragment = packet.subspan(ipv6::kSize);
    const uint16_t place = read16(fragment, ipv6::kFragmentOffset);
    part.key.source = Ipv6::read(packet, ipv6::kSource);
    part.key.destination = Ipv6::read(packet, ipv6::kDestination);
    part.key.id = read32(fragment, ipv6::kFragmentId);
    part.key.protocol = fragment[0];
    part.header = ethernet::kSize + ipv6::kSize;
    part.offset = place & 0xfff8U;
    part.is_last = (place & 1U) == 0;
    part.payload = fragment.subspan(ipv6::kFragmentSize);
    return part;
  }
  const uint16_t place = read16(packet, ipv4::kFragment);
  write32(part.key.source.bytes, 0, read32(packet, ipv4::kSource));
  write32(part.key.destination.bytes, 0, read32(packet, ipv4::kDestination));
  part.key.id = read16(packet, ipv4::kId);
  part.key.protocol = packet[ipv4::kProtocol];
  part.header = ethernet::kSize + ipv4::kSize;
  part.offset = (place & ipv4::kOffsetMask) * size_t{8};
  part.is_last = (place & ipv4::kMoreFragments) == 0;
  part.payload = packet.subspan(ipv4::kSize);
  return part;
}

/// Adds `range`, joined to its neighbours; false where it overlaps one.
bool Reassembly::note_range(std::vector<Range>& present, Range range) {
  auto next = std::ranges::lower_bound(present, range.begin, {}, &Range::begin);
  if (next != present.end() && next->begin < range.end) return false;
  if (next != present.begin() && std::prev(next)->end > range.begin) return false;
  if (next != present.end() && next->begin == range.end) {
    range.end = next->end;
    next = present.erase(next);
  }
  if (next != present.begin() && std::prev(next)->end == range.begin)
    std::prev(next)->end = range.end;
  else
    present.insert(next, range);
  return true;
}

/// False where the fragment contradicts what is there.
bool Reassembly::put(Datagram& datagram, const Part& part, Bytes frame) {
  const Range range{.begin = part.offset, .end = part.offset + part.payload.size()};
  const size_t known = datagram.present.empty() ? 0 : datagram.present.back().end;
  if (part.is_last) {
    if (datagram.size || known > range.end) return false;
    datagram.size = range.end;
  } else if (datagram.size && range.end > *datagram.size) {
    return false;
  }
  if (!note_range(datagram.present, range)) return false;
  const size_t end = part.header + range.end;
  if (datagram.frame.size() < end) datagram.frame.resize(end);
  const auto payload = datagram.frame.begin() + static_cast<ptrdiff_t>(part.header + range.begin);
  std::ranges::copy(part.payload, payload);
  // The first one's header is the whole's (RFC 8200, section 4.5).
  if (part.offset == 0) std::ranges::copy(frame.first(part.header), datagram.frame.begin());
  return true;
}

/// Makes the header that of one packet.
void Reassembly::finish(Datagram& datagram) {
  const MutableBytes packet = MutableBytes(datagram.frame).subspan(ethernet::kSize);
  if (datagram.key.is_ipv6) {
    write16(packet, ipv6::kPayloadLength, static_cast<uint16_t>(*datagram.size));
    packet[ipv6::kNextHeader] = datagram.key.protocol;
    return;
  }
  write16(packet, ipv4::kTotalLength, static_cast<uint16_t>(packet.size()));
  write16(packet, ipv4::kFragment, 0);
  write16(packet, ipv4::kChecksum, 0);
  write16(packet, ipv4::kChecksum, checksum(packet.first(ipv4::kSize)));
}

Reassembly::Place Reassembly::find(const Part& part, Time now) {
  const auto found = std::ranges::find(datagrams_, part.key, &Datagram::key);
  if (found != datagrams_.end()) return found;
  if (datagrams_.size() >= limits_.datagrams) forget(datagrams_.begin());
  Datagram& datagram = datagrams_.emplace_back();
  datagram.key = part.key;
  datagram.born = now;
  return std::prev(datagrams_.end());
}

void Reassembly::forget(Place place) {
  bytes_ -= place->bytes();
  datagrams_.erase(place);
}

std::optional<std::vector<uint8_t>> Reassembly::add(Bytes frame, Time now) {
  expire(now);
  const Part part = take_apart(frame);
  const Place place = find(part, now);
  bytes_ -= place->bytes();
  const bool fits = put(*place, part, frame);
  bytes_ += place->bytes();
  if (!fits) {
    forget(place);
    return std::nullopt;
  }
  const bool is_whole = place->size && place->present.front().end == *place->size &&
                        place->present.front().begin == 0;
  if (is_whole) {
    finish(*place);
    bytes_ -= place->bytes();
    std::vector<uint8_t> whole = std::move(place->frame);
    datagrams_.erase(place);
    return whole;
  }
  while (bytes_ > limits_.bytes)
    forget(datagrams_.begin());
  return std::nullopt;
}

void Reassembly::expire(Time now) {
  while (!datagrams_.empty() && now - datagrams_.front().born >= limits_.lifetime)
    forget(datagrams_.begin());
}

}  // namespace wolffia::net
