// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "net/bytes.hpp"

namespace wolffia::net {

/// Datagrams for one socket that wait to be sent by one call: all are of one size, but for the
/// last, which may be smaller. Source: UDP_SEGMENT in udp(7).
class Departures {
 public:
  /// Whether one of `size` bytes for the socket `file` can go with those that wait.
  bool takes(int file, size_t size) const;
  /// The first one, or one that it takes.
  void add(int file, Bytes datagram);
  void clear();

  size_t count() const { return count_; }
  int file() const { return file_; }  // -1 where nothing waits
  size_t segment() const { return segment_; }
  Bytes bytes() const { return bytes_; }
  /// One of them.
  Bytes at(size_t index) const;

 private:
  int file_ = -1;
  size_t count_ = 0;
  size_t segment_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace wolffia::net
