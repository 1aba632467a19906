// SPDX-License-Identifier: Apache-2.0
// The tables that subordinate ids and maps come from: /etc/subuid, getsubids, /proc/PID/uid_map,
// nsswitch.conf and passwd. Whatever they hold, a map made of them is one the kernel takes.
#include <string_view>

#include "fuzz/require.hpp"
#include "plan/ranges.hpp"
#include "plan/subid.hpp"

namespace {

using namespace wolffia;
using fuzz::require;

void check_ranges(const std::vector<plan::SubidRange>& ranges) {
  for (const plan::SubidRange& range : ranges) {
    require(range.count >= 1);
    require(range.start + range.count > range.start);
  }
  std::vector<oci::IdMap> map{{0, 1000, 1}};
  append_ranges(map, plan::usable_ranges(ranges, {{0, 0, UINT32_MAX}}));
  require(map.size() <= plan::kMaxMapLines);
  for (size_t i = 1; i < map.size(); ++i) {
    require(map[i].container == map[i - 1].container + map[i - 1].size);
    for (size_t j = 0; j < i; ++j) {
      const uint64_t end_i = uint64_t{map[i].host} + map[i].size;
      const uint64_t end_j = uint64_t{map[j].host} + map[j].size;
      require(map[i].host >= end_j || map[j].host >= end_i);
    }
  }
}

void check_map(const std::vector<oci::IdMap>& map) {
  for (const oci::IdMap& line : map) {
    require(line.size >= 1);
    require(line.size <= UINT32_MAX - line.host && line.size <= UINT32_MAX - line.container);
    require(plan::contains(map, line.container, line.size));
    require(!plan::maps(map, UINT32_MAX));
  }
  require(!plan::describe_inside(map).empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_ranges(plan::parse_subid(text, "ana", 1000));
  check_ranges(plan::parse_getsubids(text));
  check_map(plan::parse_id_map_file(text));
  require(plan::first_free_subid(text) >= 100000);
  (void)plan::subids_are_elsewhere(text);
  require(plan::find_user_name(text, 1000).find(':') == std::string::npos);
  return 0;
}
