// SPDX-License-Identifier: Apache-2.0
#include "cli/user/published.hpp"

#include "base/quote.hpp"
#include "base/words.hpp"
#include "cli/user/values.hpp"

namespace wolffia::cli::user {
namespace {

/// So many that each listener still is a descriptor of one daemon.
constexpr size_t kMostPorts = 1000;

Error invalid(std::string_view text, std::string_view rule) {
  return Error::because(EINVAL, cat("--publish ", quoted(text), " ", rule));
}

struct Range {
  uint16_t first = 0;
  uint16_t last = 0;
  size_t size() const { return size_t{last} - first + 1; }
};

bool read_range(std::string_view text, Range& out) {
  const size_t dash = text.find('-');
  if (!read_number(text.substr(0, dash), out.first) || out.first == 0) return false;
  if (dash == std::string_view::npos)
    out.last = out.first;
  else if (!read_number(text.substr(dash + 1), out.last))
    return false;
  return out.first <= out.last;
}

/// What stands before the last two of the fields that ":" parts; without brackets.
std::string address_in(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return text == "*" ? std::string() : std::string(text);
}

}  // namespace

Result<void> parse_ports(std::string_view text, std::vector<helper::PublishedPort>& out) {
  constexpr std::string_view kTakes = "must be [ADDRESS:]HOST:INSIDE[/udp], as 8080:80";
  const size_t slash = text.rfind('/');
  const std::string_view protocol =
      slash == std::string_view::npos ? std::string_view("tcp") : text.substr(slash + 1);
  const std::string_view rest = text.substr(0, slash);
  if (protocol != "tcp" && protocol != "udp") return invalid(text, kTakes);
  const size_t inner = rest.rfind(':');
  if (inner == std::string_view::npos) return invalid(text, kTakes);
  const std::string_view before = rest.substr(0, inner);
  const size_t outer = before.rfind(':');
  const std::string_view host_text =
      outer == std::string_view::npos ? before : before.substr(outer + 1);
  const std::string address =
      outer == std::string_view::npos ? std::string() : address_in(before.substr(0, outer));
  Range host;
  Range inside;
  if (!read_range(host_text, host) || !read_range(rest.substr(inner + 1), inside))
    return invalid(text, cat(kTakes, ", with ports from 1 to 65535"));
  if (host.size() != inside.size()) return invalid(text, "has ranges of different length");
  if (!address.empty() && !is_address(address))
    return invalid(text, "must have an address of this host in front, as 127.0.0.1:8080:80");
  if (out.size() + host.size() > kMostPorts)
    return invalid(text, cat("is one port too many: at most ", kMostPorts, " can be published"));
  for (size_t i = 0; i < host.size(); ++i)
    out.push_back({.address = address,
                   .host = static_cast<uint16_t>(host.first + i),
                   .inside = static_cast<uint16_t>(inside.first + i),
                   .is_udp = protocol == "udp"});
  return {};
}

std::string text_of(const helper::PublishedPort& port) {
  const bool is_ipv6 = port.address.find(':') != std::string::npos;
  const std::string address = port.address.empty() ? std::string("0.0.0.0") : port.address;
  return cat(port.inside, port.is_udp ? "/udp" : "/tcp", " -> ", is_ipv6 ? "[" : "", address,
             is_ipv6 ? "]" : "", ":", port.host);
}

}  // namespace wolffia::cli::user
