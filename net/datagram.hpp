// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "net/address.hpp"

/// Datagrams in frames. Pure.
namespace wolffia::net {

/// Who they go between, as the guest has it. Both addresses are of one kind.
struct Ends {
  Address guest;
  Address peer;
  uint16_t guest_port = 0;
  uint16_t peer_port = 0;

  bool is_ipv4() const { return std::holds_alternative<Ipv4>(peer); }
  /// All of it, to be compared.
  using Key = std::array<uint8_t, 37>;
  Key key() const;
  /// The guest's end alone.
  Key guest_key() const;
};

struct Datagram {
  Ends ends;
  Bytes data;
};

/// What the guest sends in a frame that check_frame() let pass, or only blocked; nullopt where it
/// is anything else than UDP.
std::optional<Datagram> read_datagram(Bytes frame);

/// Link addresses, and what is unlike from frame to frame.
struct Envelope {
  Mac from;
  Mac to;
  size_t mtu = 1500;
  uint32_t id = 0;  // of this datagram among those between the same addresses
};

/// Room in front of data for all headers: of Ethernet, IPv6, a fragment and UDP.
inline constexpr size_t kDatagramHeaders = 72;

/// A datagram for the guest as frames, each given to `send`: one, or fragments where the network
/// has no room for it. The data is behind kDatagramHeaders bytes of `room`, which is written over.
void send_datagram(const Ends& ends, const Envelope& envelope, MutableBytes room, size_t size,
                   const std::function<void(Bytes frame)>& send);

/// The other way round, and without data: what a guest's datagram looks like to who answers it with
/// an error.
std::vector<uint8_t> example_of(const Ends& ends, const Envelope& envelope);

}  // namespace wolffia::net
