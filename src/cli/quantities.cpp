// SPDX-License-Identifier: Apache-2.0
#include "cli/quantities.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/quote.hpp"

namespace wolffia::cli {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};
constexpr std::array kSizes{
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"k", 1ULL << 10},
    Unit{"kb", 1ULL << 10},
    Unit{"m", 1ULL << 20},
    Unit{"mb", 1ULL << 20},
    Unit{"g", 1ULL << 30},
    Unit{"gb", 1ULL << 30},
    Unit{"t", 1ULL << 40},
    Unit{"tb", 1ULL << 40},
    Unit{"kib", 1ULL << 10},
    Unit{"mib", 1ULL << 20},
    Unit{"gib", 1ULL << 30},
    Unit{"tib", 1ULL << 40},
};
constexpr std::array kDurations{Unit{"", 1}, Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3600},
                                Unit{"d", 86400}};

Error invalid(std::string_view option, std::string_view text, std::string_view rule) {
  return Error::because(EINVAL, cat(option, " ", quoted(text), " ", rule));
}

/// Whether they differ in nothing but capital letters. Precondition: `lower` has none.
bool same_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

template <size_t N>
Result<uint64_t> parse_with_unit(std::string_view option, std::string_view text,
                                 const std::array<Unit, N>& units, std::string_view rule) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc() || stop == text.data()) return invalid(option, text, rule);
  const std::string_view name(stop, static_cast<size_t>(end - stop));
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& one) { return same_word(name, one.name); });
  if (unit == units.end() || number > (UINT64_MAX >> 1) / unit->factor)
    return invalid(option, text, rule);
  return number * unit->factor;
}

}  // namespace

Result<uint64_t> parse_size(std::string_view option, std::string_view text) {
  return parse_with_unit(option, text, kSizes, "must be a size, as 512m or 2g");
}

Result<uint64_t> parse_duration(std::string_view option, std::string_view text) {
  return parse_with_unit(option, text, kDurations, "must be a time, as 90, 5m or 2h");
}

Result<uint64_t> parse_number(std::string_view option, std::string_view text, uint64_t limit) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault == std::errc() && stop == end && number <= limit) return number;
  return invalid(option, text, cat("must be a number from 0 to ", limit));
}

}  // namespace wolffia::cli
