// SPDX-License-Identifier: Apache-2.0
#include "cli/overlay_marks.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::cli {

bool is_whiteout(const sys::Fd& dir, const char* name, const struct stat& status) {
  if (S_ISCHR(status.st_mode)) return status.st_rdev == ::makedev(0, 0);
  if (!S_ISREG(status.st_mode) || status.st_size != 0) return false;
  const auto file = sys::open_entry(dir, name, O_RDONLY | O_NONBLOCK);
  return file && sys::attribute(*file, "user.overlay.whiteout");  // mostly without a value
}

bool is_opaque(const sys::Fd& directory) {
  const auto value = sys::attribute(directory, "user.overlay.opaque");
  return value && *value == "y";
}

}  // namespace wolffia::cli
