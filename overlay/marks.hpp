// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "overlay/layer.hpp"

/// What is written into a layer to say that something below it is not seen: whiteouts and opaque
/// directories, in every form that the kernel's overlayfs, fuse-overlayfs or an OCI layer uses.
/// Source: overlayfs.rst, "whiteouts and opaque directories"; OCI image-spec layer.md, "Whiteouts".
namespace wolffia::overlay {

inline constexpr std::string_view kWhiteoutPrefix = ".wh.";

/// ".wh.x": a mark that hides "x", and never a file of the mount.
inline bool is_mark(std::string_view name) {
  return name.starts_with(kWhiteoutPrefix);
}

/// Whether `name` in `dir`, whose status is given, is a whiteout: a device 0:0, or since Linux 6.7
/// an empty file with an attribute in a directory that says that it has such.
bool is_whiteout(const LayerDir& dir, const char* name, const struct stat& status);

/// Whether `dir` says that empty files in it may be whiteouts.
bool may_have_marked_files(const LayerDir& dir);

/// Whether a file ".wh.NAME" beside it hides `name` of the layers below.
bool has_whiteout_beside(const LayerDir& dir, const char* name);

/// Whether nothing below `dir` is seen.
bool is_opaque(const LayerDir& dir);

/// Whether an attribute belongs to a union file system and is not shown.
bool is_private(std::string_view attribute);

}  // namespace wolffia::overlay
