// SPDX-License-Identifier: Apache-2.0
#include "sys/mountinfo.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace wolffia::sys {
namespace {

std::string_view take_field(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

bool read_number(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

/// Undoes the kernel's "\040" for blank, tab, newline and backslash.
std::string unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view code = text.substr(i, 4);
    if (code.size() == 4 && code[0] == '\\' && code[1] <= '3' &&
        std::all_of(code.begin() + 1, code.end(), is_octal)) {
      plain += static_cast<char>((code[1] - '0') * 64 + (code[2] - '0') * 8 + (code[3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<MountInfo> parse_line(std::string_view line) {
  MountInfo mount;
  if (!read_number(take_field(line), mount.id)) return std::nullopt;
  if (!read_number(take_field(line), mount.parent)) return std::nullopt;
  (void)take_field(line);  // device
  (void)take_field(line);  // root within the file system
  mount.point = unescape(take_field(line));
  if (!mount.point.starts_with('/')) return std::nullopt;
  (void)take_field(line);  // options; then any number of optional fields up to "-"
  while (!line.empty()) {
    if (take_field(line) != "-") continue;
    mount.type = unescape(take_field(line));
    return mount;
  }
  return std::nullopt;
}

}  // namespace

std::vector<MountInfo> parse_mountinfo(std::string_view text) {
  std::vector<MountInfo> mounts;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (auto mount = parse_line(text.substr(0, end))) mounts.push_back(*std::move(mount));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return mounts;
}

}  // namespace wolffia::sys
