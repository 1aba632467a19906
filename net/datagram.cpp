// SPDX-License-Identifier: Apache-2.0
#include "net/datagram.hpp"

#include <algorithm>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kUdp = 8;
constexpr size_t kUdpLength = 4;
constexpr size_t kUdpChecksum = 6;
constexpr uint8_t kHops = 64;

void put(MutableBytes out, const Address& address) {
  if (const auto* ipv4 = std::get_if<Ipv4>(&address))
    write32(out, 0, ipv4->value);
  else
    std::ranges::copy(std::get<Ipv6>(address).bytes, out.begin());
}

/// Of both kinds the checksum covers addresses, length and protocol too: RFC 768; RFC 8200, 8.1.
uint16_t udp_checksum(const Ends& ends, Bytes payload) {
  std::array<uint8_t, 40> pseudo{};
  const size_t address = ends.is_ipv4() ? 4 : 16;
  put(pseudo, ends.peer);
  put(MutableBytes(pseudo).subspan(address), ends.guest);
  write32(pseudo, 2 * address, static_cast<uint32_t>(payload.size()));
  pseudo[2 * address + 7] = protocol::kUdp;
  const uint16_t of_pseudo = checksum(Bytes(pseudo).first(2 * address + 8));
  const uint16_t sum = adjusted(checksum(payload), 0, static_cast<uint16_t>(of_pseudo ^ 0xffffU));
  return sum == 0 ? 0xffff : sum;  // 0 says that there is none
}

void write_ethernet(MutableBytes frame, const Envelope& envelope, uint16_t type) {
  std::ranges::copy(envelope.to.bytes, frame.begin());
  std::ranges::copy(envelope.from.bytes, frame.begin() + ethernet::kSource);
  write16(frame, ethernet::kType, type);
}

/// `place`: the field of the fragment.
void write_ipv4(MutableBytes packet, const Ends& ends, uint32_t id, uint16_t place) {
  std::ranges::fill(packet.first(ipv4::kSize), uint8_t{0});
  packet[0] = 0x45;
  write16(packet, ipv4::kTotalLength, static_cast<uint16_t>(packet.size()));
  write16(packet, ipv4::kId, static_cast<uint16_t>(id & 0xffff));
  write16(packet, ipv4::kFragment, place);
  packet[ipv4::kTtl] = kHops;
  packet[ipv4::kProtocol] = protocol::kUdp;
  put(packet.subspan(ipv4::kSource), ends.peer);
  put(packet.subspan(ipv4::kDestination), ends.guest);
  write16(packet, ipv4::kChecksum, checksum(packet.first(ipv4::kSize)));
}

void write_ipv6(MutableBytes packet, const Ends& ends, uint8_t next) {
  write32(packet, 0, 0x60000000);
  write16(packet, ipv6::kPayloadLength, static_cast<uint16_t>(packet.size() - ipv6::kSize));
  packet[ipv6::kNextHeader] = next;
  packet[ipv6::kHopLimit] = kHops;
  put(packet.subspan(ipv6::kSource), ends.peer);
  put(packet.subspan(ipv6::kDestination), ends.guest);
}

void write_fragment(MutableBytes header, uint32_t id, uint16_t place) {
  header[0] = protocol::kUdp;
  header[1] = 0;
  write16(header, ipv6::kFragmentOffset, place);
  write32(header, ipv6::kFragmentId, id);
}

/// One part of `payload`, whose headers are written in front of it: over a part that is sent.
struct Part {
  size_t begin;  // within the room
  size_t size;
  uint16_t offset;  // within the payload, in bytes
  bool is_last;
};

Bytes frame4(const Ends& ends, const Envelope& envelope, MutableBytes room, const Part& part) {
  constexpr size_t kHeaders = ethernet::kSize + ipv4::kSize;
  const MutableBytes frame = room.subspan(part.begin - kHeaders, kHeaders + part.size);
  write_ethernet(frame, envelope, ethernet::kIpv4);
  const auto place =
      static_cast<uint16_t>(part.offset / 8 | (part.is_last ? 0 : ipv4::kMoreFragments));
  write_ipv4(frame.subspan(ethernet::kSize), ends, envelope.id, place);
  return frame;
}

Bytes frame6(const Ends& ends, const Envelope& envelope, MutableBytes room, const Part& part) {
  const bool is_whole = part.is_last && part.offset == 0;
  const size_t headers = ethernet::kSize + ipv6::kSize + (is_whole ? 0 : ipv6::kFragmentSize);
  const MutableBytes frame = room.subspan(part.begin - headers, headers + part.size);
  write_ethernet(frame, envelope, ethernet::kIpv6);
  const MutableBytes packet = frame.subspan(ethernet::kSize);
  write_ipv6(packet, ends, is_whole ? protocol::kUdp : protocol::kFragment);
  const auto place = static_cast<uint16_t>(part.offset | (part.is_last ? 0 : 1));
  if (!is_whole) write_fragment(packet.subspan(ipv6::kSize), envelope.id, place);
  return frame;
}

}  // namespace

Ends::Key Ends::key() const {
  Key out = guest_key();
  put(MutableBytes(out).subspan(19), peer);
  write16(out, 35, peer_port);
  return out;
}

Ends::Key Ends::guest_key() const {
  Key out{};
  out[0] = is_ipv4() ? 4 : 6;
  put(MutableBytes(out).subspan(1), guest);
  write16(out, 17, guest_port);
  return out;
}

std::optional<Datagram> read_datagram(Bytes frame) {
  if (frame.size() < ethernet::kSize + ipv4::kSize) return std::nullopt;
  const uint16_t type = read16(frame, ethernet::kType);
  const bool is_ipv4 = type == ethernet::kIpv4;
  if (!is_ipv4 && type != ethernet::kIpv6) return std::nullopt;
  const Bytes packet = frame.subspan(ethernet::kSize);
  const size_t header = is_ipv4 ? ipv4::kSize : ipv6::kSize;
  if (packet.size() < header + kUdp) return std::nullopt;
  if (packet[is_ipv4 ? ipv4::kProtocol : ipv6::kNextHeader] != protocol::kUdp) return std::nullopt;
  if (is_ipv4 && (read16(packet, ipv4::kFragment) & ~ipv4::kDontFragment) != 0) return std::nullopt;
  Datagram out;
  if (is_ipv4) {
    out.ends.guest = Ipv4::read(packet, ipv4::kSource);
    out.ends.peer = Ipv4::read(packet, ipv4::kDestination);
  } else {
    out.ends.guest = Ipv6::read(packet, ipv6::kSource);
    out.ends.peer = Ipv6::read(packet, ipv6::kDestination);
  }
  const Bytes payload = packet.subspan(header);
  out.ends.guest_port = read16(payload, 0);
  out.ends.peer_port = read16(payload, 2);
  out.data = payload.subspan(kUdp);
  return out;
}

void send_datagram(const Ends& ends, const Envelope& envelope, MutableBytes room, size_t size,
                   const std::function<void(Bytes frame)>& send) {
  const size_t begin = kDatagramHeaders - kUdp;
  const MutableBytes payload = room.subspan(begin, kUdp + size);
  write16(payload, 0, ends.peer_port);
  write16(payload, 2, ends.guest_port);
  write16(payload, kUdpLength, static_cast<uint16_t>(payload.size()));
  write16(payload, kUdpChecksum, 0);
  write16(payload, kUdpChecksum, udp_checksum(ends, payload));
  const bool is_ipv4 = ends.is_ipv4();
  const size_t most = envelope.mtu - (is_ipv4 ? ipv4::kSize : ipv6::kSize);
  const size_t part = (most - (is_ipv4 ? 0 : ipv6::kFragmentSize)) & ~size_t{7};
  const size_t step = payload.size() <= most ? payload.size() : part;
  for (size_t at = 0; at < payload.size(); at += step) {
    const Part it{.begin = begin + at,
                  .size = std::min(step, payload.size() - at),
                  .offset = static_cast<uint16_t>(at),
                  .is_last = at + step >= payload.size()};
    send(is_ipv4 ? frame4(ends, envelope, room, it) : frame6(ends, envelope, room, it));
  }
}

std::vector<uint8_t> example_of(const Ends& ends, const Envelope& envelope) {
  std::array<uint8_t, kDatagramHeaders> room{};
  std::vector<uint8_t> out;
  const Ends back{.guest = ends.peer,
                  .peer = ends.guest,
                  .guest_port = ends.peer_port,
                  .peer_port = ends.guest_port};
  const Envelope other{.from = envelope.to, .to = envelope.from};
  send_datagram(back, other, room, 0, [&](Bytes frame) { out.assign(frame.begin(), frame.end()); });
  return out;
}

}  // namespace wolffia::net
