// SPDX-License-Identifier: Apache-2.0
// /proc/PID/mountinfo: a container chooses names of mount points, and with FUSE parts of types.
#include <string_view>

#include "fuzz/require.hpp"
#include "sys/mountinfo.hpp"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using wolffia::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t lines = 1;
  for (const char c : text)
    if (c == '\n') ++lines;
  const auto mounts = wolffia::sys::parse_mountinfo(text);
  require(mounts.size() <= lines);
  for (const auto& mount : mounts) {
    // Unescaping only ever shortens, and an octal escape holds no more than a byte.
    require(mount.point.size() <= size && mount.type.size() <= size);
    require(mount.point.starts_with('/'));
  }
  return 0;
}
