// SPDX-License-Identifier: Apache-2.0
#include "net/departures.hpp"

#include <algorithm>

namespace wolffia::net {

bool Departures::takes(int file, size_t size) const {
  constexpr size_t kMost = 64;         // UDP_MAX_SEGMENTS of Linux before 6.9
  constexpr size_t kLargest = 65'487;  // what one packet of IPv6 or IPv4 carries, with UDP's header
  const bool has_full_ones = count_ * segment_ == bytes_.size();
  return file == file_ && count_ < kMost && has_full_ones && size > 0 && size <= segment_ &&
         bytes_.size() + size <= kLargest;
}

void Departures::add(int file, Bytes datagram) {
  if (count_ == 0) {
    file_ = file;
    segment_ = datagram.size();
  }
  bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
  ++count_;
}

void Departures::clear() {
  file_ = -1;
  count_ = 0;
  segment_ = 0;
  bytes_.clear();
}

Bytes Departures::at(size_t index) const {
  const size_t begin = index * segment_;
  return Bytes(bytes_).subspan(begin, std::min(segment_, bytes_.size() - begin));
}

}  // namespace wolffia::net
