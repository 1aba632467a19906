// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <string>
#include <string_view>

#include "sys/fd.hpp"

/// What the kernel's overlayfs notes in the directories it puts together, and wolffia-overlay in
/// its place. Source: overlayfs.rst, "whiteouts and opaque directories".
namespace wolffia::cli {

/// Whether the entry `name` says that the lower layers' is gone: a device 0:0, or since Linux 6.7
/// an empty file with an attribute.
bool is_whiteout(const sys::Fd& dir, const char* name, const struct stat& status);

/// Whether the entry `name` is what wolffia-overlay writes beside the files of a directory where
/// they can have no attributes.
bool is_mark(const sys::Fd& dir, std::string_view name);

/// Whether nothing of the lower layers' directory of that name is seen. The value "x" is another
/// mark: that whiteouts with an attribute are in it.
bool is_opaque(const sys::Fd& directory);

/// What wolffia-overlay noted of the directory's own owner where it can have no attributes; empty:
/// nothing.
std::string listed_owner(const sys::Fd& directory);

}  // namespace wolffia::cli
