// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "net/flow.hpp"
#include "net/frame.hpp"

/// What the files of the validator ask of each other.
namespace wolffia::net {

inline Checked dropped(Reason reason) {
  return {.verdict = Verdict::Drop, .reason = reason};
}

/// An answer to somebody who wrote first may still be passed on.
inline Checked blocked(size_t size) {
  return {.verdict = Verdict::Drop, .reason = Reason::Blocked, .size = size};
}

/// `packet` is what is behind the Ethernet header, padding included; of Checked::size the Ethernet
/// header is no part.
Checked check_ipv4(MutableBytes packet, const Rules& rules);
Checked check_ipv6(MutableBytes packet, const Rules& rules);

/// The destination's port, of TCP and UDP that check_transport() found whole.
Flow flow_of(uint8_t protocol, Bytes payload);

Reason check_destination(Ipv4 address, Flow flow, const Rules& rules);
Reason check_destination(const Ipv6& address, Flow flow, const Rules& rules);

/// Whether an address is nobody's that is blocked by where it is: neither the host's, nor of a
/// link, nor of many at once, of whom the host may be one.
bool is_open_to_all(const Address& address, const Rules& rules);

/// Why that was Reason::Blocked: the option that says so.
std::string why_blocked(const Address& address, Flow flow, const Rules& rules);

/// Headers of TCP, UDP, ICMP and ICMPv6: `payload` is the whole of what IP carries.
Reason check_transport(uint8_t protocol, MutableBytes payload);

/// A message of RFC 4861 that a neighbour sends: `payload` is what IPv6 carries.
bool is_neighbour_discovery(Bytes payload);

}  // namespace wolffia::net
