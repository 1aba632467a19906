// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

struct Access {
  char letter;
  uint8_t bit;
};

constexpr std::array kAccesses{
    Access{'r', DeviceRule::kRead},
    Access{'w', DeviceRule::kWrite},
    Access{'m', DeviceRule::kMknod},
};

/// -1 is every number, as are none and null.
Result<void> read_number(const json::Object& rule, std::string_view key,
                         std::optional<uint32_t>& number) {
  int64_t value = -1;
  TRY(rule.read_integer(key, value, -1, INT32_MAX));
  if (value >= 0) number = static_cast<uint32_t>(value);
  return {};
}

Result<uint8_t> parse_access(const json::Field& field) {
  const auto text = TRY(field.as<std::string_view>());
  uint8_t access = 0;
  for (const char letter : text) {
    const auto* row = std::ranges::find(kAccesses, letter, &Access::letter);
    if (row == kAccesses.end()) return not_a(field, "made of r, w and m", text);
    access |= row->bit;
  }
  return access;
}

}  // namespace

/// Source: runtime-spec config-linux.md, "Allowed Device list".
Result<DeviceRule> parse_device_rule(const json::Object& object) {
  constexpr std::array<std::string_view, 4> kTypes{"a", "b", "c", ""};
  DeviceRule rule;
  rule.allow = TRY(object.get<bool>("allow"));
  if (const auto type = object.find("type")) {
    const std::string word = TRY(parse_word(*type, kTypes, "a type of devices (a, b, c)"));
    if (!word.empty()) rule.type = word[0];
  }
  TRY(read_number(object, "major", rule.major));
  TRY(read_number(object, "minor", rule.minor));
  if (const auto access = object.find("access")) rule.access = TRY(parse_access(*access));
  return rule;
}

}  // namespace wolffia::oci
