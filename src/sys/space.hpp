// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "sys/fd.hpp"

namespace wolffia::sys {

/// What a file system has left for an ordinary user, and how it is mounted.
struct Space {
  uint64_t free_bytes = 0, total_bytes = 0;
  uint64_t free_inodes = 0, total_inodes = 0;  // total 0: the file system does not count them
  uint64_t type = 0;                           // *_SUPER_MAGIC
  bool readonly = false, noexec = false;
};

/// Of the file system that `file` lies on. Source: fstatfs(2).
Result<Space> space_of(const Fd& file);

/// What a user may still have on a file system; 0 as a limit: none.
struct Quota {
  uint64_t used_bytes = 0, limit_bytes = 0;
  uint64_t used_inodes = 0, limit_inodes = 0;
};

/// The quota of `uid`; nullopt where there is none, or the kernel can't tell (NFS, Lustre).
/// Source: quotactl_fd(2), Linux 5.14.
std::optional<Quota> quota_of(const Fd& file, uint32_t uid);

}  // namespace wolffia::sys
