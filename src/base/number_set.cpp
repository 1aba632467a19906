// SPDX-License-Identifier: Apache-2.0
#include "base/number_set.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/words.hpp"

namespace wolffia {
namespace {

constexpr unsigned kBits = 64;

std::string_view trimmed(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
  return word.substr(0, word.find_last_not_of(' ') + 1);
}

bool has(const NumberSet& set, unsigned number) {
  return number / kBits < set.size() && (set[number / kBits] >> number % kBits & 1) != 0;
}

void add(NumberSet& set, unsigned number) {
  if (set.size() <= number / kBits) set.resize(number / kBits + 1);
  set[number / kBits] |= uint64_t{1} << number % kBits;
}

/// "3" or "0-3".
bool add_range(NumberSet& set, std::string_view word) {
  const size_t dash = word.find('-');
  unsigned first = 0;
  if (!read_number(trimmed(word.substr(0, dash)), first)) return false;
  unsigned last = first;
  if (dash != std::string_view::npos && !read_number(trimmed(word.substr(dash + 1)), last))
    return false;
  if (first > last || last > kHighestNumber) return false;
  for (unsigned number = first; number <= last; ++number)
    add(set, number);
  return true;
}

}  // namespace

std::optional<NumberSet> read_number_set(std::string_view text) {
  NumberSet set;
  if (trimmed(text).empty()) return set;
  if (trimmed(text).ends_with(',')) return std::nullopt;
  for (Words words(text, ','); !words.empty();)
    if (!add_range(set, words.next())) return std::nullopt;
  return set;
}

std::string list_of(const NumberSet& set) {
  std::string list;
  const unsigned end = static_cast<unsigned>(set.size()) * kBits;
  for (unsigned first = 0; first < end; ++first) {
    if (!has(set, first)) continue;
    unsigned last = first;
    while (has(set, last + 1))
      ++last;
    list += cat(list.empty() ? "" : ",", first);
    if (last != first) list += cat("-", last);
    first = last;
  }
  return list;
}

}  // namespace wolffia
