// SPDX-License-Identifier: Apache-2.0
// Frames of a guest: what the validator passes on, and what reassembly makes of fragments. The
// first byte switches the rules; then frames, two bytes of length in front of each.
#include "fuzz/require.hpp"
#include "net/frame.hpp"
#include "net/headers.hpp"
#include "net/reassembly.hpp"

namespace {

using namespace wolffia;
using namespace wolffia::net;
using fuzz::require;

constexpr Reassembly::Limits kLimits{.datagrams = 8, .bytes = 100'000};

Rules rules_of(uint8_t bits) {
  Rules rules;
  rules.network.has_ipv6 = (bits & 1) != 0;
  rules.dhcp = (bits & 2) != 0;
  rules.dns = (bits & 4) != 0;
  rules.host = (bits & 8) != 0;
  return rules;  // and a link address of zeros, which is found soon
}

/// What libslirp relies on, said once more in other words.
void require_whole(Bytes frame, const Rules& rules) {
  const uint16_t type = read16(frame, ethernet::kType);
  const Bytes packet = frame.subspan(ethernet::kSize);
  if (type == ethernet::kArp) return require(packet.size() == arp::kSize);
  if (type == ethernet::kIpv4) {
    require(packet[0] == 0x45 && read16(packet, ipv4::kTotalLength) == packet.size());
    require((read16(packet, ipv4::kFragment) & 0x3fff) == 0 && checksum(packet.first(20)) == 0);
    require(packet[ipv4::kDestination] != 127);
    require(packet[ipv4::kSource] == 10 || (packet[ipv4::kSource] == 0 && rules.dhcp));
    const size_t header = packet[ipv4::kProtocol] == protocol::kTcp ? 20 : 8;
    return require(packet.size() >= ipv4::kSize + header);
  }
  require(type == ethernet::kIpv6 && rules.network.has_ipv6);
  require(read16(packet, ipv6::kPayloadLength) == packet.size() - ipv6::kSize);
  const uint8_t next = packet[ipv6::kNextHeader];
  require(next == protocol::kTcp || next == protocol::kUdp || next == protocol::kIcmpv6);
}

void judge(std::vector<uint8_t> frame, const Rules& rules, Reassembly& reassembly, bool is_whole) {
  const Checked checked = check_frame(frame, rules);
  require((checked.verdict == Verdict::Drop) == (checked.reason != Reason::Fine));
  if (checked.verdict == Verdict::Drop) return require(!name_of(checked.reason).empty());
  require(checked.size <= frame.size());
  frame.resize(checked.size);
  if (checked.verdict == Verdict::Pass) return require_whole(frame, rules);
  require(!is_whole);  // what was put together is no part of anything
  auto datagram = reassembly.add(frame, Reassembly::Time(frame[0]));
  require(reassembly.waiting() <= kLimits.datagrams && reassembly.bytes() <= kLimits.bytes);
  if (datagram) judge(std::move(*datagram), rules, reassembly, true);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Rules rules = rules_of(data[0]);
  Reassembly reassembly(kLimits);
  Bytes rest(data + 1, size - 1);
  while (rest.size() >= 2) {
    const size_t length = std::min<size_t>(read16(rest, 0), rest.size() - 2);
    const Bytes frame = rest.subspan(2, length);
    judge({frame.begin(), frame.end()}, rules, reassembly, false);
    rest = rest.subspan(2 + length);
  }
  return 0;
}
