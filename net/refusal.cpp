// SPDX-License-Identifier: Apache-2.0
#include "net/refusal.hpp"

#include <algorithm>
#include <cerrno>

#include "net/headers.hpp"

namespace wolffia::net {
namespace {

constexpr size_t kIcmpHeader = 8;
constexpr uint8_t kHops = 64;

/// Of both kinds: what is 0 in the second field is the code's neighbour, the checksum.
struct Message {
  uint8_t type;
  uint8_t code;
};
/// By Unreachable. Source: RFC 792 and RFC 1812, 5.2.7.1; RFC 4443, 3.1.
constexpr Message kMessages4[] = {{3, 13}, {3, 0}, {3, 1}, {3, 3}};
constexpr Message kMessages6[] = {{1, 1}, {1, 0}, {1, 3}, {1, 4}};

constexpr uint8_t kEcho4 = 8;
constexpr uint8_t kEcho6 = 128;

/// So much of a packet is quoted that the answer has no more than every host takes.
constexpr size_t kMost4 = 576 - ipv4::kSize - kIcmpHeader;
constexpr size_t kMost6 = 1280 - ipv6::kSize - kIcmpHeader;

constexpr Ipv4 kGroups4{0xe0000000};  // and those above
constexpr Ipv6 kGroups6{{0xff}};

struct Failure {
  int error;
  Unreachable why;
};

constexpr Failure kFailures[] = {
    {.error = EHOSTUNREACH, .why = Unreachable::Host},
    {.error = EHOSTDOWN, .why = Unreachable::Host},
    {.error = EACCES, .why = Unreachable::Prohibited},
    {.error = EPERM, .why = Unreachable::Prohibited},
    {.error = ECONNREFUSED, .why = Unreachable::Port},
};

/// The link addresses change places.
void address_back(MutableBytes out, Bytes frame) {
  std::ranges::copy(frame.subspan(ethernet::kSource, ethernet::kSource), out.begin());
  std::ranges::copy(frame.first(ethernet::kSource), out.begin() + ethernet::kSource);
  write16(out, ethernet::kType, read16(frame, ethernet::kType));
}

std::vector<uint8_t> answer_to(Bytes frame, size_t header, size_t quoted) {
  std::vector<uint8_t> out(ethernet::kSize + header + kIcmpHeader + quoted);
  address_back(out, frame);
  std::ranges::copy(frame.subspan(ethernet::kSize, quoted),
                    out.begin() + static_cast<std::ptrdiff_t>(out.size() - quoted));
  return out;
}

bool is_question(uint8_t protocol, uint8_t icmp, uint8_t echo, Bytes payload) {
  return protocol != icmp || (!payload.empty() && payload[0] == echo);
}

std::vector<uint8_t> refuse4(Bytes frame, const Network& network, Message said) {
  const Bytes packet = frame.subspan(ethernet::kSize);
  const Ipv4 destination = Ipv4::read(packet, ipv4::kDestination);
  if (destination >= kGroups4 ||
      !is_question(packet[ipv4::kProtocol], protocol::kIcmp, kEcho4, packet.subspan(ipv4::kSize)))
    return {};
  const size_t quoted = std::min(packet.size(), kMost4);
  std::vector<uint8_t> out = answer_to(frame, ipv4::kSize, quoted);
  const MutableBytes header = MutableBytes(out).subspan(ethernet::kSize);
  header[0] = 0x45;
  write16(header, ipv4::kTotalLength, static_cast<uint16_t>(header.size()));
  header[ipv4::kTtl] = kHops;
  header[ipv4::kProtocol] = protocol::kIcmp;
  write32(header, ipv4::kSource, network.gateway.value);
  std::ranges::copy(packet.subspan(ipv4::kSource, 4), header.begin() + ipv4::kDestination);
  write16(header, ipv4::kChecksum, checksum(header.first(ipv4::kSize)));
  const MutableBytes message = header.subspan(ipv4::kSize);
  message[0] = said.type;
  message[1] = said.code;
  write16(message, 2, checksum(message));
  return out;
}

/// The checksum covers addresses, length and protocol as well: RFC 8200, 8.1; RFC 9293, 3.1.
uint16_t checksum_with(Bytes addresses, uint8_t protocol, Bytes message) {
  std::vector<uint8_t> covered(addresses.begin(), addresses.end());
  covered.resize(covered.size() + 8);
  write32(covered, covered.size() - 8, static_cast<uint32_t>(message.size()));
  covered.back() = protocol;
  covered.insert(covered.end(), message.begin(), message.end());
  return checksum(covered);
}

uint16_t checksum6(Bytes header, Bytes message) {
  return checksum_with(header.subspan(ipv6::kSource, 32), protocol::kIcmpv6, message);
}

std::vector<uint8_t> refuse6(Bytes frame, const Network& network, Message said) {
  const Bytes packet = frame.subspan(ethernet::kSize);
  if (Ipv6::read(packet, ipv6::kDestination).is_in(kGroups6, 8) ||
      !is_question(packet[ipv6::kNextHeader], protocol::kIcmpv6, kEcho6,
                   packet.subspan(ipv6::kSize)))
    return {};
  const size_t quoted = std::min(packet.size(), kMost6);
  std::vector<uint8_t> out = answer_to(frame, ipv6::kSize, quoted);
  const MutableBytes header = MutableBytes(out).subspan(ethernet::kSize);
  header[0] = 0x60;
  write16(header, ipv6::kPayloadLength, static_cast<uint16_t>(header.size() - ipv6::kSize));
  header[ipv6::kNextHeader] = protocol::kIcmpv6;
  header[ipv6::kHopLimit] = kHops;
  std::ranges::copy(network.gateway6.bytes, header.begin() + ipv6::kSource);
  std::ranges::copy(packet.subspan(ipv6::kSource, 16), header.begin() + ipv6::kDestination);
  const MutableBytes message = header.subspan(ipv6::kSize);
  message[0] = said.type;
  message[1] = said.code;
  write16(message, 2, checksum6(header.first(ipv6::kSize), message));
  return out;
}

}  // namespace

Unreachable why_unreachable(int error) {
  const auto* const it = std::ranges::find(kFailures, error, &Failure::error);
  return it == std::end(kFailures) ? Unreachable::Network : it->why;
}

std::vector<uint8_t> refusal_of(Bytes blocked, const Network& network, Unreachable why) {
  const bool is_to_many = (blocked[0] & 1) != 0;  // IEEE 802, 8.2.2
  const auto kind = static_cast<size_t>(why);
  if (is_to_many) return {};
  if (read16(blocked, ethernet::kType) == ethernet::kIpv4)
    return refuse4(blocked, network, kMessages4[kind]);
  return network.has_ipv6 ? refuse6(blocked, network, kMessages6[kind]) : std::vector<uint8_t>();
}

std::vector<uint8_t> reset_of(Bytes syn) {
  const bool is_ipv4 = read16(syn, ethernet::kType) == ethernet::kIpv4;
  const size_t header = is_ipv4 ? ipv4::kSize : ipv6::kSize;
  const Bytes packet = syn.subspan(ethernet::kSize);
  const Bytes asked = packet.subspan(header, tcp_header::kSize);
  std::vector<uint8_t> out(ethernet::kSize + header + tcp_header::kSize);
  address_back(out, syn);
  const MutableBytes answer = MutableBytes(out).subspan(ethernet::kSize);
  const size_t address = is_ipv4 ? 4 : 16;
  const size_t source = is_ipv4 ? ipv4::kSource : ipv6::kSource;
  const auto at = [&](size_t offset) {
    return answer.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  std::ranges::copy(packet.subspan(source + address, address), at(source));
  std::ranges::copy(packet.subspan(source, address), at(source + address));
  if (is_ipv4) {
    answer[0] = 0x45;
    write16(answer, ipv4::kTotalLength, static_cast<uint16_t>(answer.size()));
    answer[ipv4::kTtl] = kHops;
    answer[ipv4::kProtocol] = protocol::kTcp;
    write16(answer, ipv4::kChecksum, checksum(answer.first(header)));
  } else {
    answer[0] = 0x60;
    write16(answer, ipv6::kPayloadLength, tcp_header::kSize);
    answer[ipv6::kNextHeader] = protocol::kTcp;
    answer[ipv6::kHopLimit] = kHops;
  }
  const MutableBytes segment = answer.subspan(header);
  write16(segment, 0, read16(asked, tcp_header::kDestinationPort));
  write16(segment, tcp_header::kDestinationPort, read16(asked, 0));
  write32(segment, tcp_header::kAcknowledged, read32(asked, tcp_header::kSequence) + 1);
  segment[tcp_header::kOffset] = tcp_header::kSize / 4 << 4;
  segment[tcp_header::kFlags] = tcp_header::kReset | tcp_header::kAck;
  write16(segment, tcp_header::kChecksum,
          checksum_with(answer.subspan(source, 2 * address), protocol::kTcp, segment));
  return out;
}

}  // namespace wolffia::net
