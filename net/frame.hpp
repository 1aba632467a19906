// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "net/rules.hpp"

/// The validator in front of libslirp, whose parsers trust a length too many (CVE-2019-14378,
/// CVE-2020-1983, CVE-2020-29129, CVE-2021-3592…3595, CVE-2026-9539): what it gets has headers that
/// lie inside the frame, lengths that agree, an address of the guest's as its source, and a
/// destination that the rules allow. Pure: bytes in, verdict out.
namespace wolffia::net {

/// Why a frame is not passed on.
enum class Reason : uint8_t {
  Fine,
  Short,        // ends before its headers do
  EtherType,    // neither ARP nor IP
  Sender,       // another link address than the interface's
  Arp,          // not a question or an answer about IPv4 on Ethernet
  Version,      // says another version than its Ethernet type
  Options,      // IPv4 options, IPv6 extension headers
  Length,       // says more bytes than there are, or fewer than its own headers
  Checksum,     // of the IPv4 header
  HopLimit,     // has none left
  Source,       // not an address that a guest may have
  Destination,  // nothing that can be reached from outside a machine
  Blocked,      // can be reached, and is not to be
  Protocol,     // neither TCP, UDP nor ICMP
  Tcp,          // header and data offset disagree
  Udp,          // its length is not the packet's
  Icmp,         // a type that needs no answer, or a malformed one
  Fragment,     // one that cannot belong to a datagram
};

inline constexpr size_t kReasons = static_cast<size_t>(Reason::Fragment) + 1;

std::string_view name_of(Reason reason);

enum class Verdict : uint8_t {
  Pass,      // may be handed to libslirp
  Fragment,  // is part of a datagram: for reassembly.hpp, and never for libslirp
  Drop,
};

struct Checked {
  Verdict verdict = Verdict::Drop;
  Reason reason = Reason::Fine;  // of Drop
  size_t size = 0;               // without Ethernet's padding; of Drop, but for Blocked, 0
};

/// Judges a frame of the guest, Ethernet header first. TCP's urgent flag is cleared in it: the code
/// behind it has been a hole more than once, and data that is no longer urgent still arrives.
Checked check_frame(MutableBytes frame, const Rules& rules);

}  // namespace wolffia::net
