// SPDX-License-Identifier: Apache-2.0
#include "overlay/marks.hpp"

#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

namespace wolffia::overlay {
namespace {

constexpr std::array kOpaqueAttributes{"user.overlay.opaque", "trusted.overlay.opaque",
                                       "user.fuseoverlayfs.opaque"};
constexpr std::array kOpaqueFiles{".wh..wh..opq", ".wh..opq"};
constexpr std::array kWhiteoutAttributes{"user.overlay.whiteout", "trusted.overlay.whiteout"};
constexpr std::array<std::string_view, 5> kPrivatePrefixes{
    "user.overlay.", "trusted.overlay.", "user.fuseoverlayfs.", "security.fuseoverlayfs.",
    "user.containers.override_"};
constexpr size_t kLongestName = 255;

/// Whether one of the attributes has that value. Few directories have any attribute: to list them
/// is one call, and answers for all.
bool says_opaque(const LayerDir& dir, std::string_view value) {
  const auto names = dir.attribute_names("");
  if (!names) return false;  // a file system without attributes
  return std::any_of(kOpaqueAttributes.begin(), kOpaqueAttributes.end(), [&](const char* key) {
    if (std::find(names->begin(), names->end(), key) == names->end()) return false;
    const auto found = dir.attribute("", key);
    return found && *found == value;
  });
}

}  // namespace

bool may_have_marked_files(const LayerDir& dir) {
  return says_opaque(dir, "x");
}

bool is_whiteout(const LayerDir& dir, const char* name, const struct stat& status) {
  if (S_ISCHR(status.st_mode)) return status.st_rdev == ::makedev(0, 0);
  if (!S_ISREG(status.st_mode) || status.st_size != 0) return false;
  const bool marked =
      std::any_of(kWhiteoutAttributes.begin(), kWhiteoutAttributes.end(),
                  [&](const char* key) { return static_cast<bool>(dir.attribute(name, key)); });
  return marked && may_have_marked_files(dir);
}

bool has_whiteout_beside(const LayerDir& dir, const char* name) {
  const std::string mark = cat(kWhiteoutPrefix, name);
  return mark.size() <= kLongestName && dir.status(mark.c_str());
}

bool is_opaque(const LayerDir& dir) {
  return says_opaque(dir, "y") ||
         std::any_of(kOpaqueFiles.begin(), kOpaqueFiles.end(),
                     [&](const char* name) { return static_cast<bool>(dir.status(name)); });
}

bool is_private(std::string_view attribute) {
  return std::any_of(kPrivatePrefixes.begin(), kPrivatePrefixes.end(),
                     [&](std::string_view prefix) { return attribute.starts_with(prefix); });
}

}  // namespace wolffia::overlay
