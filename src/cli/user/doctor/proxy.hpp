// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wolffia::cli::user::doctor {

/// Where a proxy listens.
struct ProxyAddress {
  std::string host;  // a name, or an address without brackets
  uint16_t port = 0;
};

/// "http://name:password@host:3128/": what libcurl takes from the environment. nullopt: no address.
/// Source: libcurl-env(3), CURLOPT_PROXY(3).
std::optional<ProxyAddress> parse_proxy(std::string_view text);

/// The text without name and password.
std::string without_credentials(std::string_view text);

}  // namespace wolffia::cli::user::doctor
