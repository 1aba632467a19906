// SPDX-License-Identifier: Apache-2.0
#include "base/rows.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace wolffia {

void append_rows(std::string& out, std::span<const Row> rows) {
  constexpr size_t kWidest = 32;
  size_t width = 0;
  for (const Row& row : rows)
    if (row.left.size() <= kWidest) width = std::max(width, row.left.size());
  for (const Row& row : rows) {
    out += cat("  ", row.left);
    const bool wide = row.left.size() > width;
    if (wide) out += "\n  ";
    out.append(width + 2 - (wide ? 0 : row.left.size()), ' ');
    out += cat(row.right, "\n");
  }
}

}  // namespace wolffia
