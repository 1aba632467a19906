// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "base/words.hpp"

namespace wolffia::net {

Mac Mac::read(Bytes bytes, size_t at) {
  Mac mac;
  std::ranges::copy(bytes.subspan(at, mac.bytes.size()), mac.bytes.begin());
  return mac;
}

Ipv6 Ipv6::read(Bytes bytes, size_t at) {
  Ipv6 address;
  std::ranges::copy(bytes.subspan(at, address.bytes.size()), address.bytes.begin());
  return address;
}

bool Ipv6::is_in(const Ipv6& network, unsigned prefix) const {
  for (size_t i = 0; i < bytes.size() && prefix > 0; ++i) {
    const unsigned bits = std::min(prefix, 8U);
    if (((bytes[i] ^ network.bytes[i]) >> (8 - bits)) != 0) return false;
    prefix -= bits;
  }
  return true;
}

Ipv6 Ipv6::host(unsigned prefix, uint8_t last) const {
  Ipv6 address = *this;
  for (size_t i = 0; i < address.bytes.size(); ++i) {
    const unsigned kept = prefix > i * 8 ? std::min(prefix - static_cast<unsigned>(i) * 8, 8U) : 0;
    address.bytes[i] &= static_cast<uint8_t>(0xff00U >> kept);
  }
  address.bytes.back() = last;
  return address;
}

std::optional<Ipv4> parse_ipv4(const std::string& text) {
  std::array<uint8_t, 4> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return Ipv4::read(bytes, 0);
}

std::optional<Ipv6> parse_ipv6(const std::string& text) {
  Ipv6 address;
  if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::optional<Mac> parse_mac(const std::string& text) {
  Mac mac;
  Words words(text, ':');
  for (uint8_t& byte : mac.bytes) {
    const std::string_view word = words.next();
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), byte, 16);
    if (fault != std::errc() || word.size() > 2 || end != word.data() + word.size())
      return std::nullopt;
  }
  if (!words.empty() || text.ends_with(':')) return std::nullopt;
  return mac;
}

std::string to_text(Ipv4 address) {
  const uint32_t value = address.value;
  return cat(value >> 24, ".", value >> 16 & 0xff, ".", value >> 8 & 0xff, ".", value & 0xff);
}

std::string to_text(const Ipv6& address) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
  return text;
}

std::string to_text(const Address& address) {
  return std::visit([](const auto& it) { return to_text(it); }, address);
}

std::string to_text(const Mac& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : address.bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

}  // namespace wolffia::net
