// SPDX-License-Identifier: Apache-2.0
#include "base/network_rule.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "base/quote.hpp"
#include "base/words.hpp"

namespace wolffia {
namespace {

constexpr std::string_view kTakes =
    "must be an address, a network, a name or *, and may have a port and /udp behind, as "
    "192.0.2.0/24:443";

Error invalid(const NetworkRule& rule, std::string_view what) {
  return Error::because(EINVAL, cat(rule.with_option(), " ", what));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool may_be_in_name(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/// Source: RFC 1035, section 2.3.4; the underscore is for services: RFC 2782.
bool is_name(std::string_view name) {
  constexpr size_t kLongest = 253;
  constexpr size_t kLongestLabel = 63;
  if (name.empty() || name.size() > kLongest || name.ends_with('.')) return false;
  std::string_view last;
  for (Words labels(name, '.'); !labels.empty();) {
    last = labels.next();
    if (last.empty() || last.size() > kLongestLabel || last[0] == '-') return false;
    if (!std::ranges::all_of(last, may_be_in_name)) return false;
  }
  return !std::ranges::all_of(last, is_digit);  // "10.0.0" is a bad address
}

/// "/tcp" or "/udp" at the end goes.
void take_protocol(std::string_view& text, NetworkRule& rule) {
  using Protocol = NetworkRule::Protocol;
  if (text.ends_with("/tcp")) rule.protocol = Protocol::Tcp;
  if (text.ends_with("/udp")) rule.protocol = Protocol::Udp;
  if (rule.protocol != Protocol::Any) text.remove_suffix(4);
}

bool read_ports(std::string_view text, NetworkRule& rule) {
  const size_t dash = text.find('-');
  if (!read_number(text.substr(0, dash), rule.first_port) || rule.first_port == 0) return false;
  rule.last_port = rule.first_port;
  if (dash != std::string_view::npos && !read_number(text.substr(dash + 1), rule.last_port))
    return false;
  return rule.first_port <= rule.last_port;
}

/// What stands before the ports, which go into the rule.
Result<std::string_view> take_ports(std::string_view text, NetworkRule& rule) {
  std::string_view target = text;
  std::string_view behind;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return invalid(rule, "has no ] behind its address");
    target = text.substr(1, end - 1);
    behind = text.substr(end + 1);
  } else if (std::ranges::count(text, ':') == 1) {
    target = text.substr(0, text.find(':'));
    behind = text.substr(target.size());
  }
  if (behind.empty()) return target;
  if (behind[0] != ':' || !read_ports(behind.substr(1), rule))
    return invalid(rule, "must have a port from 1 to 65535 behind the colon, or two as 8000-8010");
  return target;
}

bool has_bits_behind(const NetworkRule& rule) {
  for (unsigned bit = rule.prefix; bit < rule.network.size() * 8; ++bit)
    if ((rule.network[bit / 8] & (0x80U >> bit % 8)) != 0) return true;
  return false;
}

/// True where it is an address or a network.
Result<bool> read_network(std::string_view target, NetworkRule& rule) {
  const size_t slash = target.find('/');
  const std::string address(target.substr(0, slash));
  if (::inet_pton(AF_INET, address.c_str(), rule.network.data()) == 1)
    rule.kind = NetworkRule::Kind::Ipv4;
  else if (::inet_pton(AF_INET6, address.c_str(), rule.network.data()) == 1)
    rule.kind = NetworkRule::Kind::Ipv6;
  else
    return false;
  const unsigned most = rule.kind == NetworkRule::Kind::Ipv4 ? 32 : 128;
  rule.prefix = most;
  if (slash == std::string_view::npos) return true;
  if (!read_number(target.substr(slash + 1), rule.prefix) || rule.prefix > most)
    return invalid(rule, cat("must have a number of bits from 0 to ", most, " behind the slash"));
  if (has_bits_behind(rule))
    return invalid(rule, "is not the first address of its network: write that, as 192.0.2.0/24");
  return true;
}

}  // namespace

std::string NetworkRule::with_option() const {
  return cat(allows ? "--allow " : "--deny ", quoted_if_needed(text));
}

Result<NetworkRule> parse_network_rule(std::string_view option, std::string_view text) {
  NetworkRule rule;
  rule.allows = option == "--allow";
  rule.text = text;
  take_protocol(text, rule);
  std::string_view target = TRY(take_ports(text, rule));
  if (target == "*") return rule;
  if (TRY(read_network(target, rule))) return rule;
  rule.subdomains = target.starts_with("*.");
  if (rule.subdomains) target.remove_prefix(2);
  std::ranges::transform(target, std::back_inserter(rule.name), small);
  if (!is_name(rule.name)) return invalid(rule, kTakes);
  rule.kind = NetworkRule::Kind::Name;
  return rule;
}

}  // namespace wolffia
