// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wolffia {

/// What one --allow or --deny says: which connections, and whether they may be. The runner and the
/// network daemon read it alike.
struct NetworkRule {
  enum class Kind : uint8_t { Every, Ipv4, Ipv6, Name };
  enum class Protocol : uint8_t { Any, Tcp, Udp };

  bool allows = false;
  Kind kind = Kind::Every;
  std::array<uint8_t, 16> network{};  // of Ipv4 the first four
  unsigned prefix = 0;
  std::string name;         // in small letters, without the dot behind
  bool subdomains = false;  // those of `name`, and not itself
  Protocol protocol = Protocol::Any;
  uint16_t first_port = 0;  // 0: every port, and what has none
  uint16_t last_port = 0;
  std::string text;  // as it was written

  /// For people: "--allow 192.0.2.0/24".
  std::string with_option() const;
  bool names_one_address() const {
    return (kind == Kind::Ipv4 && prefix == 32) || (kind == Kind::Ipv6 && prefix == 128);
  }
};

/// "ADDRESS[/BITS]", "NAME", "*.NAME" or "*", then ":PORT" or ":PORT-PORT", then "/tcp" or "/udp";
/// an address of IPv6 is in brackets where a port follows: "[2001:db8::/32]:443". `option` is
/// "--allow" or "--deny". Errors: EINVAL, a sentence naming it.
Result<NetworkRule> parse_network_rule(std::string_view option, std::string_view text);

}  // namespace wolffia
