// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

/// What is asked of the daemon: the options of fuse-overlayfs, of both its versions.
namespace wolffia::overlay {

/// `size` ids from `inside` on, as the mount shows them, are stored as those from `outside` on.
struct IdRange {
  uint32_t inside = 0;
  uint32_t outside = 0;
  uint32_t size = 0;
};

/// Which names of inodes stand for files of different file systems.
enum class Xino { Off, Auto, On };

/// Where owners and modes are kept that the file system cannot be given.
enum class StatOverride {
  WhereNeeded,  // the file's own where they can be set, else the attribute
  User,         // xattr_permissions=2: always in user.containers.override_stat, files 0755
  Privileged    // xattr_permissions=1: always in security.fuseoverlayfs.override_stat
};

struct Options {
  std::vector<std::string> lower;  // topmost first; at least one
  std::string upper;               // empty: nothing can be changed
  std::string work;                // empty exactly where `upper` is
  std::vector<IdRange> uids;       // empty: as they are
  std::vector<IdRange> gids;
  std::optional<uint32_t> squash_uid;  // squash_to_uid, squash_to_root
  std::optional<uint32_t> squash_gid;
  double timeout = 1e9;  // seconds that the kernel may keep names and attributes
  bool writeback = true;
  bool sync = true;  // fsync=0: fsync(2) of a program does nothing, and neither do copies wait
  bool attributes = true;  // noxattrs
  bool acl = true;         // noacl
  bool static_nlink = false;
  bool durable = true;             // volatile: the mark is left in `work`
  bool ino32 = false;              // ino32_t: numbers of inodes fit 32 bits
  bool rename_directories = true;  // redirect_dir=off: EXDEV where they have lower content
  Xino xino = Xino::Auto;
  StatOverride override_stat = StatOverride::WhereNeeded;
  unsigned threads = 0;  // 0: as many as the process may use processors
};

}  // namespace wolffia::overlay
