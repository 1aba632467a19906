// SPDX-License-Identifier: Apache-2.0
#include "sys/groups.hpp"

#include <unistd.h>

namespace wolffia::sys {

Result<std::vector<uint32_t>> supplementary_groups() {
  const int count = ::getgroups(0, nullptr);
  if (count < 0) return Error::last("getgroups");
  std::vector<gid_t> groups(static_cast<size_t>(count));
  if (::getgroups(count, groups.data()) != count) return Error::last("getgroups");
  return std::vector<uint32_t>(groups.begin(), groups.end());
}

}  // namespace wolffia::sys
