// SPDX-License-Identifier: Apache-2.0
#include "plan/mount_options.hpp"

#include <algorithm>

namespace wolffia::plan {
namespace {

constexpr bool before(const MountOption& a, const MountOption& b) {
  return a.name < b.name;
}
static_assert(std::is_sorted(kMountOptions.begin(), kMountOptions.end(), before),
              "find_mount_option() halves the table");

}  // namespace

const MountOption* find_mount_option(std::string_view name) {
  const MountOption wanted{name, Apply::Nothing};
  const auto* row = std::lower_bound(kMountOptions.begin(), kMountOptions.end(), wanted, before);
  return row != kMountOptions.end() && row->name == name ? row : nullptr;
}

const MountOption* find_propagation(std::string_view word) {
  const MountOption* row = find_mount_option(word);
  return row && row->apply == Apply::Propagate ? row : nullptr;
}

}  // namespace wolffia::plan
