// SPDX-License-Identifier: Apache-2.0
#include "cli/user/doctor/proxy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"

namespace wolffia::cli::user::doctor {
namespace {

constexpr std::array<std::string_view, 6> kSchemes{"http",    "https",  "socks4",
                                                   "socks4a", "socks5", "socks5h"};
constexpr uint16_t kDefaultPort = 1080;
constexpr std::string_view kSchemeEnd = "://";

/// Takes "SCHEME://" off `text`. False where it is none that there is.
bool take_scheme(std::string_view& text) {
  const size_t end = text.find(kSchemeEnd);
  if (end == std::string_view::npos) return true;
  const std::string_view scheme = text.substr(0, end);
  text.remove_prefix(end + kSchemeEnd.size());
  return std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
}

std::optional<uint16_t> port_of(std::string_view text) {
  if (text.empty()) return kDefaultPort;
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return text.front() == ':' && whole && port != 0 ? std::optional(port) : std::nullopt;
}

bool is_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_';
}

}  // namespace

std::optional<ProxyAddress> parse_proxy(std::string_view text) {
  if (!take_scheme(text)) return std::nullopt;
  text = text.substr(0, text.find('/'));
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  ProxyAddress address;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    address.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    address.host = text.substr(0, text.find(':'));
    text.remove_prefix(address.host.size());
    if (!std::all_of(address.host.begin(), address.host.end(), is_name)) return std::nullopt;
  }
  const std::optional<uint16_t> port = port_of(text);
  if (address.host.empty() || !port) return std::nullopt;
  address.port = *port;
  return address;
}

std::string without_credentials(std::string_view text) {
  const size_t scheme = text.find(kSchemeEnd);
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + kSchemeEnd.size();
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < begin) return std::string(text);
  return cat(text.substr(0, begin), text.substr(at + 1));
}

}  // namespace wolffia::cli::user::doctor
