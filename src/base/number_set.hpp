// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wolffia {

/// Numbers of CPUs or memory nodes: bit n % 64 of word n / 64 is n, as the kernel takes them.
using NumberSet = std::vector<uint64_t>;

/// The highest number that is read: no kernel is built for more. Source: CONFIG_NR_CPUS.
inline constexpr unsigned kHighestNumber = 8191;

/// "0-3,7", with spaces around numbers or without; nothing for what is no such list. An empty text
/// is an empty set. Source: cpuset(7), "List format".
std::optional<NumberSet> read_number_set(std::string_view text);

/// The list again, with each range as long as it can be.
std::string list_of(const NumberSet& set);

}  // namespace wolffia
