// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "helper/network.hpp"

namespace wolffia::cli::user {

/// "[ADDRESS:]HOST:INSIDE[/udp]", an address of IPv6 in brackets, each port a number or a range as
/// "8000-8010": adds a port for each. Without an address all of IPv4 are meant. Errors: EINVAL, a
/// sentence.
Result<void> parse_ports(std::string_view text, std::vector<helper::PublishedPort>& out);

/// "80/tcp -> 0.0.0.0:8080", as podman port(1) has it.
std::string text_of(const helper::PublishedPort& port);

}  // namespace wolffia::cli::user
