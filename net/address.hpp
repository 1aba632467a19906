// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "net/bytes.hpp"

/// Addresses as values that do not convert into each other.
namespace wolffia::net {

struct Mac {
  std::array<uint8_t, 6> bytes{};
  bool operator==(const Mac&) const = default;
  static Mac read(Bytes bytes, size_t at);
};

struct Ipv4 {
  uint32_t value = 0;  // 10.0.2.100 is 0x0a000264
  // clang-tidy 14 takes the 0 that the compiler compares with for a pointer.
  auto operator<=>(const Ipv4&) const = default;  // NOLINT(modernize-use-nullptr)
  static Ipv4 read(Bytes bytes, size_t at) { return {read32(bytes, at)}; }
  bool is_in(Ipv4 network, unsigned prefix) const {
    return prefix == 0 || ((value ^ network.value) >> (32 - prefix)) == 0;
  }
};

struct Ipv6 {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Ipv6&) const = default;  // NOLINT(modernize-use-nullptr)
  static Ipv6 read(Bytes bytes, size_t at);
  bool is_in(const Ipv6& network, unsigned prefix) const;
  /// The same network part, with `last` as the last byte and nothing between.
  Ipv6 host(unsigned prefix, uint8_t last) const;
};

using Address = std::variant<Ipv4, Ipv6>;

/// "10.0.2.2", "fd00::2", "52:55:0a:00:02:02"; nullopt for anything else.
std::optional<Ipv4> parse_ipv4(const std::string& text);
std::optional<Ipv6> parse_ipv6(const std::string& text);
std::optional<Mac> parse_mac(const std::string& text);

std::string to_text(Ipv4 address);
std::string to_text(const Ipv6& address);
std::string to_text(const Mac& address);
std::string to_text(const Address& address);

}  // namespace wolffia::net
