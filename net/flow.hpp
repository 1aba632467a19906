// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

namespace wolffia::net {

/// Where a packet goes to, as far as the rules ask.
struct Flow {
  uint8_t protocol = 0;
  std::optional<uint16_t> port;  // none: of ICMP, and of a fragment, where it is not known yet
  bool opens = true;  // a connection; of TCP only a SYN without more does: RFC 9293, 3.10.7.2
};

}  // namespace wolffia::net
