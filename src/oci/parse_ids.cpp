// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <numeric>

#include "oci/parse_parts.hpp"

namespace wolffia::oci {
namespace {

/// The kernel takes no more lines in a map. Source: user_namespaces(7), Linux 4.15.
constexpr size_t kMaxLines = 340;

Result<IdMap> parse_id_map(const json::Object& object) {
  IdMap map{};
  map.container = TRY(object.get<uint32_t>("containerID"));
  map.host = TRY(object.get<uint32_t>("hostID"));
  map.size = TRY(object.get<uint32_t>("size"));
  if (map.size == 0) return object.invalid("size", "must be at least 1");
  if (map.size > UINT32_MAX - map.host) return object.invalid("size", "runs past the last host id");
  if (map.size > UINT32_MAX - map.container)
    return object.invalid("size", "runs past the last container id");
  return map;
}

/// The pair of lines that share an id on the side that starts at `start`.
std::optional<std::pair<size_t, size_t>> find_overlap(const std::vector<IdMap>& maps,
                                                      uint32_t IdMap::*start) {
  std::vector<size_t> order(maps.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(maps[a].*start, a) < std::pair(maps[b].*start, b);
  });
  for (size_t i = 1; i < order.size(); ++i) {
    const IdMap& before = maps[order[i - 1]];
    if (before.*start + before.size > maps[order[i]].*start)
      return std::minmax(order[i - 1], order[i]);
  }
  return {};
}

}  // namespace

Result<void> read_id_maps(const json::Object& parent, std::string_view key,
                          std::vector<IdMap>& maps) {
  TRY(parent.read_each(key, maps, parse_id_map));
  if (maps.size() > kMaxLines)
    return parent.invalid(key, cat("must have at most ", kMaxLines, " lines"));
  // The kernel refuses overlaps of either side with a bare EINVAL.
  for (const auto& [start, name] :
       {std::pair(&IdMap::container, "container ids"), std::pair(&IdMap::host, "host ids")}) {
    const auto overlap = find_overlap(maps, start);
    if (!overlap) continue;
    const auto lines = TRY(parent.get<std::vector<json::Field>>(key));
    return lines[overlap->second].invalid(
        cat("shares ", name, " with ", key, "[", overlap->first, "]"));
  }
  return {};
}

}  // namespace wolffia::oci
