// SPDX-License-Identifier: Apache-2.0
// /proc/PID/mountinfo: a container chooses names of mount points, and with FUSE parts of types.
#include <cstdlib>
#include <string_view>

#include "sys/mountinfo.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t lines = 1;
  for (const char c : text)
    if (c == '\n') ++lines;
  const auto mounts = wolffia::sys::parse_mountinfo(text);
  if (mounts.size() > lines) std::abort();
  for (const auto& mount : mounts) {
    // Unescaping only ever shortens, and an octal escape holds no more than a byte.
    if (mount.point.size() > size || mount.type.size() > size) std::abort();
    if (!mount.point.starts_with('/')) std::abort();
  }
  return 0;
}
