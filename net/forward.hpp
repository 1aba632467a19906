// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "net/address.hpp"

namespace wolffia::net {

enum class Protocol : uint8_t { Tcp, Udp };

/// A port of the host that leads to one of the guest. Both addresses are of one kind.
struct Forward {
  Protocol protocol = Protocol::Tcp;
  Address host_address;
  uint16_t host_port = 0;
  Address guest_address;
  uint16_t guest_port = 0;
  bool operator==(const Forward&) const = default;
};

}  // namespace wolffia::net
