// SPDX-License-Identifier: Apache-2.0
#include "image/layer/entry_path.hpp"

#include <algorithm>

namespace wolffia::image {
namespace {

constexpr size_t kMostName = 255;  // NAME_MAX
constexpr size_t kMostNames = 8192;

/// A name behind ".wh." that no file can have, or none of a layer has.
bool cannot_be_removed(std::string_view name) {
  return name.empty() || name == "." || name == ".." || name.starts_with(kWhiteoutPrefix);
}

}  // namespace

Result<Names> clean_path(std::string_view path) {
  Names names;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      if (names.empty()) return Error::because(EINVAL, "the path leads out of the tree");
      names.pop_back();
      continue;
    }
    if (name.size() > kMostName)
      return Error::because(ENAMETOOLONG, "the path has a name of more than 255 bytes");
    if (name.find('\0') != std::string_view::npos)
      return Error::because(EINVAL, "the path holds a NUL");
    if (names.size() == kMostNames)
      return Error::because(ENAMETOOLONG, "the path has more than 8192 names");
    names.emplace_back(name);
  }
  return names;
}

std::string join(std::span<const std::string> names) {
  std::string path;
  for (const std::string& name : names) {
    if (!path.empty()) path += '/';
    path += name;
  }
  return path;
}

Result<Purpose> purpose_of(const Names& names) {
  const auto marked = [](const std::string& name) { return name.starts_with(kWhiteoutPrefix); };
  const auto first = std::find_if(names.begin(), names.end(), marked);
  if (first == names.end()) return Purpose::Plain;
  if (first == names.begin() && *first == kLinkDirectory) {
    if (std::any_of(first + 1, names.end(), marked))
      return Error::because(EINVAL, "a whiteout below .wh..wh.plnk");
    return Purpose::LinkData;
  }
  const bool last = first + 1 == names.end();
  if (last && *first == kOpaqueName) return Purpose::Opaque;
  if (first == names.begin() && first->starts_with(".wh..wh.")) return Purpose::OtherData;
  if (!last) return Error::because(EINVAL, "a whiteout that is a directory");
  if (cannot_be_removed(std::string_view(*first).substr(kWhiteoutPrefix.size())))
    return Error::because(EINVAL, "a whiteout of a name that cannot be");
  return Purpose::Whiteout;
}

}  // namespace wolffia::image
