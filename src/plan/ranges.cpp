// SPDX-License-Identifier: Apache-2.0
#include "plan/ranges.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace wolffia::plan {
namespace {

/// Ids from `begin` up to but not including `end`; 64 bits, so that the end can be written.
struct Span {
  uint64_t begin, end;
  bool empty() const { return begin >= end; }
};

Span inside(const oci::IdMap& line) {
  return {line.container, uint64_t{line.container} + line.size};
}
Span outside(const oci::IdMap& line) {
  return {line.host, uint64_t{line.host} + line.size};
}

Span common(Span a, Span b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

/// What is left of `pieces` without `hole`.
std::vector<Span> without(const std::vector<Span>& pieces, Span hole) {
  std::vector<Span> left;
  for (const Span& piece : pieces) {
    const Span before = common(piece, {0, hole.begin});
    const Span after = common(piece, {hole.end, UINT64_MAX});
    if (!before.empty()) left.push_back(before);
    if (!after.empty()) left.push_back(after);
  }
  return left;
}

}  // namespace

bool maps(const std::vector<oci::IdMap>& map, uint32_t id) {
  return contains(map, id, 1);
}

bool contains(const std::vector<oci::IdMap>& map, uint32_t start, uint32_t count) {
  std::vector<Span> missing{{start, uint64_t{start} + count}};
  for (const oci::IdMap& line : map)
    missing = without(missing, inside(line));
  return missing.empty();
}

std::vector<SubidRange> usable_ranges(const std::vector<SubidRange>& ranges,
                                      const std::vector<oci::IdMap>& current) {
  std::vector<SubidRange> usable;
  for (const SubidRange& range : ranges) {
    for (const oci::IdMap& line : current) {
      const Span both = common(inside(line), {range.start, uint64_t{range.start} + range.count});
      if (both.empty()) continue;
      usable.push_back(
          {static_cast<uint32_t>(both.begin), static_cast<uint32_t>(both.end - both.begin)});
    }
  }
  return usable;
}

void append_ranges(std::vector<oci::IdMap>& map, const std::vector<SubidRange>& ranges) {
  for (const SubidRange& range : ranges) {
    std::vector<Span> pieces{{range.start, uint64_t{range.start} + range.count}};
    for (const oci::IdMap& line : map)
      pieces = without(pieces, outside(line));
    for (const Span& piece : pieces) {
      const uint64_t next = map.empty() ? 0 : inside(map.back()).end;
      const uint64_t size = std::min(piece.end - piece.begin, UINT32_MAX - next);
      if (size == 0 || map.size() >= kMaxMapLines) return;
      map.push_back({static_cast<uint32_t>(next), static_cast<uint32_t>(piece.begin),
                     static_cast<uint32_t>(size)});
    }
  }
}

std::vector<oci::IdMap> cut_along(const std::vector<oci::IdMap>& map,
                                  const std::vector<oci::IdMap>& current) {
  std::vector<oci::IdMap> pieces;
  for (oci::IdMap rest : map) {
    while (rest.size > 0) {
      const auto line = std::find_if(current.begin(), current.end(), [&](const oci::IdMap& one) {
        return rest.host >= one.container && rest.host - one.container < one.size;
      });
      const uint32_t there =
          line == current.end() ? rest.size : line->size - (rest.host - line->container);
      const uint32_t size = std::min(rest.size, there);
      pieces.push_back({rest.container, rest.host, size});
      rest = {rest.container + size, rest.host + size, rest.size - size};
    }
  }
  return pieces;
}

std::string describe_inside(const std::vector<oci::IdMap>& map) {
  std::string text;
  for (const oci::IdMap& line : map) {
    text += cat(text.empty() ? "" : ", ", line.container);
    if (line.size > 1) text += cat("-", line.container + (line.size - 1));
  }
  return text.empty() ? "none" : text;
}

}  // namespace wolffia::plan
