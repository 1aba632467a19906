// SPDX-License-Identifier: Apache-2.0
#include "cli/user/values.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/quote.hpp"
#include "plan/capabilities.hpp"

namespace wolffia::cli::user {
namespace {

Error invalid(std::string_view option, std::string_view text, std::string_view rule) {
  return Error::because(EINVAL, cat(option, " ", quoted(text), " ", rule));
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

constexpr std::array<std::string_view, 15> kLimits{
    "as",   "core",   "cpu",   "data", "fsize",  "locks",      "memlock", "msgqueue",
    "nice", "nofile", "nproc", "rss",  "rtprio", "sigpending", "stack"};

}  // namespace

Result<uint64_t> parse_thousandths(std::string_view option, std::string_view text) {
  constexpr uint64_t kMost = 1'000'000;
  const size_t dot = text.find('.');
  std::string fraction(dot == std::string_view::npos ? "" : text.substr(dot + 1));
  if (fraction.size() > 3) return invalid(option, text, "may have three digits behind the dot");
  fraction.resize(3, '0');
  const auto whole = parse_number(option, text.substr(0, dot), kMost);
  const auto part = parse_number(option, fraction, 999);
  if (!whole || !part) return invalid(option, text, "must be a number, as 1.5");
  return *whole * 1000 + *part;
}

Result<Ulimit> parse_ulimit(std::string_view text) {
  constexpr std::string_view kRule = "must be NAME=SOFT[:HARD], as nofile=1024:2048";
  const size_t equals = text.find('=');
  const std::string name = lowered(text.substr(0, equals));
  if (equals == std::string_view::npos ||
      std::find(kLimits.begin(), kLimits.end(), name) == kLimits.end())
    return invalid("--ulimit", text, kRule);
  const auto value = [&](std::string_view number) -> Result<uint64_t> {
    if (number == "unlimited" || number == "-1") return UINT64_MAX;
    return parse_number("--ulimit", number, UINT64_MAX - 1);
  };
  const std::string_view values = text.substr(equals + 1);
  const size_t colon = values.find(':');
  Ulimit limit;
  limit.type = "RLIMIT_";
  for (const char c : name)
    limit.type += static_cast<char>(c - 32);
  limit.soft = TRY(value(values.substr(0, colon)));
  limit.hard = limit.soft;
  if (colon != std::string_view::npos) limit.hard = TRY(value(values.substr(colon + 1)));
  if (limit.soft > limit.hard)
    return invalid("--ulimit", text, "has a soft limit above the hard one");
  return limit;
}

Result<std::string> parse_capability(std::string_view option, std::string_view text) {
  std::string name;
  for (const char c : text)
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || c == '_';
  });
  constexpr std::string_view kRule = "must be a capability, as SYS_PTRACE, or ALL";
  if (!plain) return invalid(option, text, kRule);
  if (name == "ALL") return name;
  if (!name.starts_with("CAP_")) name.insert(0, "CAP_");
  const auto& known = plan::kCapabilities;
  if (std::find(known.begin(), known.end(), name) == known.end())
    return invalid(option, text, kRule);
  return name;
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

Result<std::string> parse_host_line(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string name(text.substr(0, colon));
  std::string address(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c < 127 && c != '#';
  });
  if (!plain || !is_address(address))
    return invalid("--add-host", text, "must be NAME:ADDRESS, as db:10.0.0.5");
  return cat(address, "\t", name, "\n");
}

Result<std::vector<std::string>> parse_variable(std::string_view option, std::string_view text) {
  if (text.empty() || text[0] == '=' || text.find('\0') != std::string_view::npos)
    return invalid(option, text, "must be NAME, NAME=VALUE or PREFIX*");
  using Variables = std::vector<std::string>;
  if (text.find('=') != std::string_view::npos) return Variables{std::string(text)};
  const bool is_prefix = text.ends_with('*');
  const std::string wanted =
      is_prefix ? std::string(text.substr(0, text.size() - 1)) : cat(text, "=");
  Variables found;
  for (char** variable = ::environ; *variable; ++variable)
    if (std::string_view(*variable).starts_with(wanted)) found.emplace_back(*variable);
  return found;
}

Result<std::vector<std::string>> parse_env_file(std::string_view name, std::string_view text) {
  std::vector<std::string> env;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#') continue;
    for (std::string& variable : TRY(parse_variable(name, line.substr(start))))
      env.push_back(std::move(variable));
  }
  return env;
}

std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const size_t end = text.find(',');
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const size_t equals = part.find('=');
    pairs.emplace_back(part.substr(0, equals),
                       equals == std::string_view::npos ? "" : part.substr(equals + 1));
  }
  return pairs;
}

}  // namespace wolffia::cli::user
