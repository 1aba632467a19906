// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/rules.hpp"

namespace wolffia::net {

/// The address that a peer of a published port has for the guest: its own, and that of the gateway
/// where that would be the guest's own or mean nothing there. A peer on the host's loopback never
/// has a loopback address, which services trust. Source: CVE-2021-20199.
Address address_for_guest(const Address& peer, const Network& network);

}  // namespace wolffia::net
