// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace wolffia {

/// One line of --help.
struct Row {
  std::string left;
  std::string_view right;
};

/// Two columns. The right one starts behind the widest left one that leaves it room, and on the
/// next line beside a wider one.
void append_rows(std::string& out, std::span<const Row> rows);

}  // namespace wolffia
