// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <optional>

#include "net/address.hpp"

namespace wolffia::net {

/// Who of the blocked has written to the guest: their datagrams may be answered, though the guest
/// may not write to them first. Of TCP the segments themselves say who began.
class Replies {
 public:
  /// A frame to the guest.
  void note(Bytes frame);
  /// Whether a frame of the guest answers one.
  bool answer(Bytes frame) const;

 private:
  struct Talk {
    Ipv6 peer;  // of IPv4 the first four bytes
    uint16_t peer_port = 0;
    uint16_t guest_port = 0;
    bool operator==(const Talk&) const = default;
  };
  static std::optional<Talk> talk_of(Bytes frame, bool to_guest);

  std::deque<Talk> talks_;  // oldest first
};

}  // namespace wolffia::net
