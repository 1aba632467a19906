// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The kernel's list of mounts as text. Source: proc_pid_mountinfo(5).
namespace wolffia::sys {

/// One line of /proc/PID/mountinfo, the fields that are of use here.
struct MountInfo {
  uint64_t id = 0;
  uint64_t parent = 0;
  std::string point;  // where it is mounted, seen from the reader's root; octal escapes undone
  std::string type;   // file system type
};

/// Every line that is one; others are skipped. The order is the kernel's: parents first.
std::vector<MountInfo> parse_mountinfo(std::string_view text);

}  // namespace wolffia::sys
