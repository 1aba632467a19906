// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

/// Where the fields of headers lie, counted from the header's beginning, in bytes.
namespace wolffia::net {

namespace ethernet {  // IEEE 802.3; RFC 894
inline constexpr size_t kSource = 6;
inline constexpr size_t kType = 12;
inline constexpr size_t kSize = 14;
inline constexpr uint16_t kIpv4 = 0x0800;
inline constexpr uint16_t kArp = 0x0806;
inline constexpr uint16_t kIpv6 = 0x86dd;
}  // namespace ethernet

namespace arp {  // RFC 826, for IPv4 on Ethernet
inline constexpr size_t kOperation = 6;
inline constexpr size_t kSenderMac = 8;
inline constexpr size_t kSenderIp = 14;
inline constexpr size_t kSize = 28;
}  // namespace arp

namespace ipv4 {  // RFC 791, section 3.1
inline constexpr size_t kTotalLength = 2;
inline constexpr size_t kId = 4;
inline constexpr size_t kFragment = 6;
inline constexpr size_t kTtl = 8;
inline constexpr size_t kProtocol = 9;
inline constexpr size_t kChecksum = 10;
inline constexpr size_t kSource = 12;
inline constexpr size_t kDestination = 16;
inline constexpr size_t kSize = 20;
inline constexpr uint16_t kDontFragment = 0x4000;
inline constexpr uint16_t kMoreFragments = 0x2000;
inline constexpr uint16_t kOffsetMask = 0x1fff;  // in units of 8 bytes
}  // namespace ipv4

namespace ipv6 {  // RFC 8200, sections 3 and 4.5
inline constexpr size_t kPayloadLength = 4;
inline constexpr size_t kNextHeader = 6;
inline constexpr size_t kHopLimit = 7;
inline constexpr size_t kSource = 8;
inline constexpr size_t kDestination = 24;
inline constexpr size_t kSize = 40;
inline constexpr size_t kFragmentOffset = 2;  // of the fragment header; its lowest bit: more follow
inline constexpr size_t kFragmentId = 4;
inline constexpr size_t kFragmentSize = 8;
}  // namespace ipv6

namespace tcp_header {  // RFC 9293, section 3.1
inline constexpr size_t kDestinationPort = 2;
inline constexpr size_t kSequence = 4;
inline constexpr size_t kAcknowledged = 8;
inline constexpr size_t kOffset = 12;
inline constexpr size_t kFlags = 13;
inline constexpr size_t kChecksum = 16;
inline constexpr size_t kSize = 20;  // without options
inline constexpr uint8_t kFin = 0x01;
inline constexpr uint8_t kSyn = 0x02;
inline constexpr uint8_t kReset = 0x04;
inline constexpr uint8_t kAck = 0x10;
}  // namespace tcp_header

namespace protocol {  // IANA, "Assigned Internet Protocol Numbers"
inline constexpr uint8_t kIcmp = 1;
inline constexpr uint8_t kTcp = 6;
inline constexpr uint8_t kUdp = 17;
inline constexpr uint8_t kFragment = 44;
inline constexpr uint8_t kIcmpv6 = 58;
}  // namespace protocol

namespace port {  // IANA, "Service Name and Transport Protocol Port Number Registry"
inline constexpr uint16_t kDns = 53;
inline constexpr uint16_t kDhcpServer = 67;
inline constexpr uint16_t kDhcpClient = 68;
inline constexpr uint16_t kTftp = 69;
}  // namespace port

}  // namespace wolffia::net
