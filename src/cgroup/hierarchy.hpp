// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// The v2 hierarchy of cgroups. Paths of cgroups start with "/", which is the root of the hierarchy
/// as it is mounted here. Source: cgroups(7); Documentation/admin-guide/cgroup-v2.rst.
namespace wolffia::cgroup {

struct Hierarchy {
  std::string mount;  // /sys/fs/cgroup, or where the v1 hierarchies are there its "unified"
  sys::Fd root;
  std::string own;  // the cgroup of the calling process

  /// Errors: ENOENT, a sentence, where the v2 hierarchy is not mounted.
  static Result<Hierarchy> find();

  /// The path as a person finds it: below `mount`.
  std::string shown(std::string_view path) const;
};

/// The v2 cgroup of /proc/PID/cgroup. Errors: ENOENT where there is none.
Result<std::string> own_path(std::string_view proc_file);

/// "/a/b" for "/a//./b/". Errors: EINVAL for a path with "..".
Result<std::string> clean(std::string_view path);

/// "/a" for "/a/b", "/" for "/a".
std::string parent_of(const std::string& path);

}  // namespace wolffia::cgroup
