// SPDX-License-Identifier: Apache-2.0
#include "cli/user/table.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/quote.hpp"
#include "base/text.hpp"

namespace wolffia::cli::user {

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], printable(row[i]).size());
  }
  std::string out;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = printable(row[i]);
      out += cell;
      if (i + 1 < row.size()) out.append(widths[i] + 2 - cell.size(), ' ');
    }
    out += '\n';
  }
  return out;
}

std::string how_long_ago(const std::string& time) {
  tm parts{};
  if (!::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) return time;
  const int64_t seconds = std::max<int64_t>(0, ::time(nullptr) - ::timegm(&parts));
  struct Unit {
    int64_t seconds;
    const char* name;
  };
  constexpr std::array kUnits{Unit{86400, "day"}, Unit{3600, "hour"}, Unit{60, "minute"},
                              Unit{1, "second"}};
  for (const Unit& unit : kUnits) {
    const int64_t count = seconds / unit.seconds;
    if (count > 0) return cat(counted(static_cast<uint64_t>(count), unit.name), " ago");
  }
  return "now";
}

std::string counted(uint64_t count, std::string_view what) {
  return cat(count, " ", what, count == 1 ? "" : "s");
}

std::string readable_size(uint64_t bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit)
    size /= 1024;
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size,
                      kUnits[unit]);
  return text.data();
}

}  // namespace wolffia::cli::user
