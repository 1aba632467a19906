// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.hpp"
#include "sys/netlink.hpp"

/// Packets with a mark are for the current network namespace itself, whatever their address: a
/// table of routes of their own, and the rule that sends them there. Source: ip-rule(8).
namespace wolffia::sys {

/// `family` is AF_INET or AF_INET6; `mark` is also the table's number. Errors: EPERM without
/// CAP_NET_ADMIN over the namespace; EAFNOSUPPORT, EOPNOTSUPP where the kernel lacks it.
Result<void> keep_marked(Netlink& netlink, uint8_t family, uint32_t mark);

/// Takes both away again.
Result<void> forget_marked(Netlink& netlink, uint8_t family, uint32_t mark);

}  // namespace wolffia::sys
