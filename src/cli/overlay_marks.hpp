// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include "sys/fd.hpp"

/// What the kernel's overlayfs notes in the directories it puts together.
/// Source: overlayfs.rst, "whiteouts and opaque directories".
namespace wolffia::cli {

/// Whether the entry `name` says that the lower layers' is gone: a device 0:0, or since Linux 6.7
/// an empty file with an attribute.
bool is_whiteout(const sys::Fd& dir, const char* name, const struct stat& status);

/// Whether nothing of the lower layers' directory of that name is seen. The value "x" is another
/// mark: that whiteouts with an attribute are in it.
bool is_opaque(const sys::Fd& directory);

}  // namespace wolffia::cli
