// SPDX-License-Identifier: Apache-2.0
#include "sys/space.hpp"

#include <sys/quota.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wolffia::sys {

Result<Space> space_of(const Fd& file) {
  struct statfs status {};
  if (::fstatfs(file.get(), &status) < 0) return Error::last("fstatfs");
  const auto block = static_cast<uint64_t>(status.f_frsize > 0 ? status.f_frsize : status.f_bsize);
  const auto flags = static_cast<uint64_t>(status.f_flags);
  Space space;
  space.free_bytes = status.f_bavail * block;
  space.total_bytes = status.f_blocks * block;
  space.free_inodes = status.f_ffree;
  space.total_inodes = status.f_files;
  space.type = static_cast<uint32_t>(status.f_type);  // signed on some architectures
  space.readonly = (flags & ST_RDONLY) != 0;
  space.noexec = (flags & ST_NOEXEC) != 0;
  return space;
}

std::optional<Quota> quota_of(const Fd& file, uint32_t uid) {
  struct dqblk entry {};
  if (::syscall(SYS_quotactl_fd, file.get(), QCMD(Q_GETQUOTA, USRQUOTA), uid, &entry) < 0)
    return std::nullopt;
  const auto has = [&](uint32_t field) { return (entry.dqb_valid & field) == field; };
  Quota quota;
  if (has(QIF_BLIMITS | QIF_SPACE)) {
    quota.used_bytes = entry.dqb_curspace;
    quota.limit_bytes = entry.dqb_bhardlimit * uint64_t{1024};
  }
  if (has(QIF_ILIMITS | QIF_INODES)) {
    quota.used_inodes = entry.dqb_curinodes;
    quota.limit_inodes = entry.dqb_ihardlimit;
  }
  return quota;
}

}  // namespace wolffia::sys
