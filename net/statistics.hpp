// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "net/frame.hpp"

namespace wolffia::net {

/// What has gone through since the beginning.
struct Statistics {
  struct Count {
    uint64_t frames = 0;
    uint64_t bytes = 0;
    void add(size_t size) {
      ++frames;
      bytes += size;
    }
  };
  /// Connections that no frame is seen of, and their bytes.
  struct Relayed {
    uint64_t connections = 0;
    uint64_t from_guest = 0;
    uint64_t to_guest = 0;
  };
  Count from_guest;
  Count to_guest;
  Relayed published;                         // of ports
  Relayed outbound;                          // that begin inside
  uint64_t lost = 0;                         // the guest's interface had no room
  std::array<uint64_t, kReasons> dropped{};  // of the guest's frames, by Reason
  size_t fragments = 0;                      // datagrams that wait for the rest of them
};

}  // namespace wolffia::net
