// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "net/rules.hpp"

namespace wolffia::net {

/// Why a destination is not reached.
enum class Unreachable : uint8_t { Prohibited, Network, Host, Port };

/// What an error of the host's connect(2) is for the guest: of a network that is not there, where
/// it is no other.
Unreachable why_unreachable(int error);

/// What a guest is told of a frame that leads nowhere, for which it would else wait: a frame with
/// the ICMP message that the destination is administratively prohibited, or cannot be reached, from
/// the gateway. `blocked` is a frame that check_frame() found whole. Empty where there must be no
/// answer: to what is for many, and to messages of ICMP that are no questions. Source: RFC
/// 1812, 4.3.2.7 and 5.2.7.1; RFC 4443, 2.4 and 3.1.
std::vector<uint8_t> refusal_of(Bytes blocked, const Network& network,
                                Unreachable why = Unreachable::Prohibited);

/// What a guest is told of a connection that its peer refuses: the reset that answers `syn`, from
/// the peer. Source: RFC 9293, 3.10.7.1.
std::vector<uint8_t> reset_of(Bytes syn);

}  // namespace wolffia::net
