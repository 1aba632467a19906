// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <functional>
#include <vector>

#include "net/address.hpp"
#include "net/rules.hpp"

namespace wolffia::net {

/// Messages of the name server that go to the guest over TCP, where each has its length in front.
/// Source: RFC 1035, 4.2.2; RFC 7766.
class DnsStreams {
 public:
  using Tell = std::function<void(Bytes message)>;

  /// A frame to the guest, of any kind. Where it completes messages `tell` gets each. What comes
  /// again is not told again; after a gap nothing of that connection is told any more.
  void read(Bytes frame, const Network& network, const Tell& tell);

  size_t size() const { return streams_.size(); }

 private:
  struct Stream {
    Address guest;
    uint16_t port = 0;
    uint32_t next = 0;  // the sequence number that is to come
    std::vector<uint8_t> bytes;
  };
  struct Segment;
  void begin(const Segment& segment);
  static bool add(Stream& stream, const Segment& segment);
  static void tell_whole(Stream& stream, const Tell& tell);

  std::deque<Stream> streams_;  // oldest first
};

}  // namespace wolffia::net
