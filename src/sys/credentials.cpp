// SPDX-License-Identifier: Apache-2.0
#include "sys/credentials.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace wolffia::sys {

uint32_t effective_uid() {
  return ::geteuid();
}
uint32_t effective_gid() {
  return ::getegid();
}

Result<bool> has_no_new_privileges() {
  const int set = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  if (set < 0) return Error::last("prctl");
  return set == 1;
}

Result<ExecRights> exec_rights(const char* path) {
  struct stat file {};
  if (::stat(path, &file) < 0) return Error::last("stat");
  struct statvfs mount {};
  if (::statvfs(path, &mount) < 0) return Error::last("statvfs");
  ExecRights rights;
  rights.nosuid = (mount.f_flag & ST_NOSUID) != 0;
  rights.setuid_root = file.st_uid == 0 && (file.st_mode & S_ISUID) != 0;
  // Any failure means that there is no such attribute here, which is the answer.
  rights.capabilities =
      !rights.setuid_root && ::getxattr(path, "security.capability", nullptr, 0) > 0;
  return rights;
}

}  // namespace wolffia::sys
