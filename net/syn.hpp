// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "net/address.hpp"

namespace wolffia::net {

/// The segment that begins a connection of the guest's.
struct Syn {
  Address guest;
  Address peer;
  uint16_t guest_port = 0;
  uint16_t peer_port = 0;
  uint32_t sequence = 0;       // where it begins: another one begins elsewhere
  bool was_forwarded = false;  // it does not come from the guest's namespace itself

  /// Both ends: what there is one connection of.
  using Ends = std::array<uint8_t, 36>;
  Ends ends() const;
};

/// What is in a frame that check_frame() let pass; nullopt where it is anything else.
std::optional<Syn> read_syn(Bytes frame);

/// The segment of a frame to the guest that answers one: as if the guest had sent it, with the
/// sequence number of its peer.
std::optional<Syn> read_answer(Bytes frame);

}  // namespace wolffia::net
