// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.hpp"
#include "sys/netlink.hpp"

namespace wolffia::sys {

/// While it lives, packets of the current network namespace have a mark that belong to a connection
/// of which a socket with that mark is one end, whoever sends them: where the other end's socket
/// has none they are routed anew. Only what begins a connection is left as it is. These are a table
/// of nftables with one chain. Source: nft(8), "ct mark", chains of type route.
class MarkedConnections {
 public:
  /// `family` is AF_INET or AF_INET6. Errors: EPERM without CAP_NET_ADMIN over the namespace;
  /// EPROTONOSUPPORT, EOPNOTSUPP, ENOENT where the kernel lacks some part.
  static Result<MarkedConnections> keep(uint8_t family, uint32_t mark);

  MarkedConnections(MarkedConnections&&) = default;
  ~MarkedConnections();

 private:
  enum class Ends : bool { WhenAsked, WithSocket };

  MarkedConnections(Netlink netlink, uint8_t family, uint32_t mark, Ends ends)
      : netlink_(std::move(netlink)), family_(family), mark_(mark), ends_(ends) {}
  static Result<MarkedConnections> keep(uint8_t family, uint32_t mark, Ends ends);

  Netlink netlink_;
  uint8_t family_;
  uint32_t mark_;
  Ends ends_;
};

}  // namespace wolffia::sys
