// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wolffia::image {

/// A path below a tree's root, by its names; none of them is empty, "." or "..", or holds "/".
using Names = std::vector<std::string>;

/// The names of a path that an archive holds: relative to the root though it be absolute, and ".."
/// taken back against the name before it, as podman does. Empty: the root itself.
/// Errors: EINVAL when a ".." leads above the root; ENAMETOOLONG for a name beyond 255 bytes and
/// beyond 8,192 names.
Result<Names> clean_path(std::string_view path);

std::string join(std::span<const std::string> names);

/// What an entry is there for. Source: image-spec layer.md, "Whiteouts"; aufs(5) for the last two.
enum class Purpose : uint8_t {
  Plain,
  Whiteout,   // removes the name behind ".wh." of lower layers
  Opaque,     // ".wh..wh..opq": the directory shows nothing of lower layers
  LinkData,   // below ".wh..wh.plnk": what hard links refer to, and nobody sees
  OtherData,  // AUFS' notes to itself
};

inline constexpr std::string_view kWhiteoutPrefix = ".wh.";
inline constexpr std::string_view kOpaqueName = ".wh..wh..opq";
inline constexpr std::string_view kLinkDirectory = ".wh..wh.plnk";

/// Errors: EINVAL for a ".wh." without a name that could be removed, and above an entry.
Result<Purpose> purpose_of(const Names& names);

}  // namespace wolffia::image
