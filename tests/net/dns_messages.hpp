// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/words.hpp"
#include "net/frames.hpp"

/// Messages of a name server, for tests: right ones, with one thing changed where that matters.
namespace wolffia::net {

inline constexpr uint16_t kTypeA = 1;
inline constexpr uint16_t kTypeCname = 5;
inline constexpr uint16_t kTypeAaaa = 28;

inline Frame number(uint32_t value, size_t size) {
  Frame out(size);
  for (size_t i = 0; i < size; ++i)
    out[size - 1 - i] = static_cast<uint8_t>(value >> 8 * i);
  return out;
}

inline Frame dns_name(std::string_view text) {
  Frame out;
  for (Words labels(text, '.'); !labels.empty();) {
    const std::string_view label = labels.next();
    out.push_back(static_cast<uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
  }
  out.push_back(0);
  return out;
}

/// The question's name, which is the first thing behind the header.
inline Frame same_name() {
  return {0xc0, 12};
}

inline Frame dns_record(const Frame& name, uint16_t type, uint32_t seconds, const Frame& data) {
  return name + number(type, 2) + number(1, 2) + number(seconds, 4) +
         number(static_cast<uint32_t>(data.size()), 2) + data;
}

inline Frame dns_answer(std::string_view name, const std::vector<Frame>& records,
                        uint16_t flags = 0x8180) {
  Frame out = number(0x1234, 2) + number(flags, 2) + number(1, 2) +
              number(static_cast<uint32_t>(records.size()), 2) + number(0, 4);
  out = out + dns_name(name) + number(kTypeA, 2) + number(1, 2);
  for (const Frame& record : records)
    out = out + record;
  return out;
}

inline Frame bytes_of(Ipv4 address) {
  return number(address.value, 4);
}

}  // namespace wolffia::net
