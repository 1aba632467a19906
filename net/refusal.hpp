// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "net/rules.hpp"

namespace wolffia::net {

/// What a guest is told of a frame that was blocked, for which it would else wait: a frame with the
/// ICMP message that the destination is administratively prohibited, from the gateway. `blocked` is
/// a frame that check_frame() found whole. Empty where there must be no answer: to what is for
/// many, and to messages of ICMP that are no questions. Source: RFC 1812, 4.3.2.7 and 5.2.7.1; RFC
/// 4443, 2.4 and 3.1.
std::vector<uint8_t> refusal_of(Bytes blocked, const Network& network);

}  // namespace wolffia::net
