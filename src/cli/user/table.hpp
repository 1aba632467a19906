// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wolffia::cli::user {

/// Rows of cells as aligned columns, two blanks between; nothing behind the last one. What others
/// chose is escaped.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// "3 minutes ago" for RFC 3339 in UTC; the text itself where it is none.
std::string how_long_ago(const std::string& time);

/// "1 layer", "2 layers".
std::string counted(uint64_t count, std::string_view what);

/// "12.3 MiB".
std::string readable_size(uint64_t bytes);

}  // namespace wolffia::cli::user
