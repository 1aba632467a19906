// SPDX-License-Identifier: Apache-2.0
#include "plan/subid.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace wolffia::plan {
namespace {

/// What useradd(8) begins with: SUB_UID_MIN in login.defs(5).
constexpr uint32_t kFirstSubid = 100000;

/// Takes what comes before `separator` (or the rest) off `text`.
std::string_view take(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

/// The next word of `text`, words being separated by blanks; empty at its end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::optional<uint32_t> number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<SubidRange> range_of(std::string_view start, std::string_view count) {
  const std::optional<uint32_t> first = number(start);
  const std::optional<uint32_t> size = number(count);
  if (!first || !size || *size == 0 || *size > UINT32_MAX - *first) return std::nullopt;
  return SubidRange{*first, *size};
}

struct Line {
  std::string_view owner;
  SubidRange range;
};

/// "owner:start:count"; anything else is no line, as newuidmap(1) has it.
std::optional<Line> line_of(std::string_view text) {
  const std::string_view owner = take(text, ':');
  const std::string_view start = take(text, ':');
  const std::optional<SubidRange> range = range_of(start, text);
  if (owner.empty() || !range) return std::nullopt;
  return Line{owner, *range};
}

}  // namespace

std::vector<SubidRange> parse_subid(std::string_view file, std::string_view user_name,
                                    uint32_t uid) {
  std::vector<SubidRange> ranges;
  while (!file.empty()) {
    const std::optional<Line> line = line_of(take(file, '\n'));
    if (!line) continue;
    const bool by_name = !user_name.empty() && line->owner == user_name;
    if (by_name || number(line->owner) == uid) ranges.push_back(line->range);
  }
  return ranges;
}

uint32_t first_free_subid(std::string_view file) {
  uint32_t free = kFirstSubid;
  while (!file.empty()) {
    const std::optional<Line> line = line_of(take(file, '\n'));
    if (line) free = std::max(free, line->range.start + line->range.count);
  }
  return free;
}

std::vector<SubidRange> parse_getsubids(std::string_view output) {
  std::vector<SubidRange> ranges;
  while (!output.empty()) {
    std::string_view line = take(output, '\n');
    if (!take_word(line).ends_with(':') || take_word(line).empty()) continue;
    const std::string_view start = take_word(line);
    const std::string_view count = take_word(line);
    if (const auto range = range_of(start, count); range && take_word(line).empty())
      ranges.push_back(*range);
  }
  return ranges;
}

bool subids_are_elsewhere(std::string_view nsswitch) {
  while (!nsswitch.empty()) {
    std::string_view line = take(nsswitch, '\n');
    if (take_word(line) == "subid:") return take_word(line) != "files";
  }
  return false;
}

std::string find_user_name(std::string_view passwd, uint32_t uid) {
  while (!passwd.empty()) {
    std::string_view line = take(passwd, '\n');
    const std::string_view name = take(line, ':');
    take(line, ':');  // the password
    if (number(take(line, ':')) == uid) return std::string(name);
  }
  return {};
}

std::vector<oci::IdMap> parse_id_map_file(std::string_view text) {
  std::vector<oci::IdMap> map;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    const std::optional<uint32_t> container = number(take_word(line));
    const std::string_view host = take_word(line);
    const std::optional<SubidRange> range = range_of(host, take_word(line));
    if (!container || !range || range->count > UINT32_MAX - *container) continue;
    map.push_back({*container, range->start, range->count});
  }
  return map;
}

}  // namespace wolffia::plan
