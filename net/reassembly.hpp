// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "net/address.hpp"

namespace wolffia::net {

/// Puts fragments of IPv4 and IPv6 together, within bounds: libslirp's own reassembly writes where
/// a fragment's bytes say (CVE-2019-14378, CVE-2020-1983), so it never sees one.
/// Two fragments that overlap are no datagram of anybody's, and end it (RFC 5722, section 4).
class Reassembly {
 public:
  using Time = std::chrono::milliseconds;  // since any moment, never going back

  struct Limits {
    size_t datagrams = 64;
    size_t bytes = size_t{2} << 20;  // of all that wait
    Time lifetime{30'000};           // RFC 791, section 3.2, asks for 15 s at least
  };

  Reassembly() : Reassembly(Limits()) {}
  explicit Reassembly(const Limits& limits) : limits_(limits) {}

  /// Takes a frame that check_frame() found to be a Verdict::Fragment, without padding. Where it
  /// was the last that was missing: the frame of the whole datagram, which is still to be checked.
  /// Where the limits are reached the oldest datagram goes.
  std::optional<std::vector<uint8_t>> add(Bytes frame, Time now);

  /// Forgets what has waited for too long.
  void expire(Time now);

  size_t waiting() const { return datagrams_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  /// What the fragments of a datagram have in common: RFC 791, section 3.2; RFC 8200, section 4.5.
  struct Key {
    Ipv6 source;  // those of IPv4 in the first four bytes
    Ipv6 destination;
    uint32_t id = 0;
    uint8_t protocol = 0;
    bool is_ipv6 = false;
    bool operator==(const Key&) const = default;
  };

  /// One fragment, taken apart.
  struct Part {
    Key key;
    size_t header = 0;  // of the frame in front of the datagram's payload, without fragment header
    size_t offset = 0;
    bool is_last = false;
    Bytes payload;
  };

  struct Range {
    size_t begin;
    size_t end;
  };

  struct Datagram {
    Key key;
    Time born{};
    std::vector<uint8_t> frame;  // headers, and the payload as far as it reaches
    std::vector<Range> present;  // in order, with gaps between them
    std::optional<size_t> size;  // of the payload; known when the last fragment is there
    size_t bytes() const { return frame.size() + present.size() * sizeof(Range); }
  };
  using Place = std::list<Datagram>::iterator;

  static Part take_apart(Bytes frame);
  static bool note_range(std::vector<Range>& present, Range range);
  static bool put(Datagram& datagram, const Part& part, Bytes frame);
  static void finish(Datagram& datagram);
  Place find(const Part& part, Time now);
  void forget(Place place);

  Limits limits_;
  std::list<Datagram> datagrams_;  // oldest first
  size_t bytes_ = 0;
};

}  // namespace wolffia::net
