// SPDX-License-Identifier: Apache-2.0
#include "sys/copy.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>

namespace wolffia::sys {

Result<void> copy_contents(const Fd& from, const Fd& to) {
  constexpr size_t kAtOnce = 0x7ffff000;  // the most that sendfile(2) takes
  for (;;) {
    const ssize_t n = ::sendfile(to.get(), from.get(), nullptr, kAtOnce);
    if (n == 0) return {};
    if (n < 0 && errno != EINTR) return Error::last("sendfile");
  }
}

Result<void> copy_metadata(const struct stat& status, const Fd& dir, const char* name) {
  // Not ours to give away where the owner is not mapped: then the copy is ours.
  (void)!::fchownat(dir.get(), name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW);
  if (!S_ISLNK(status.st_mode) && ::fchmodat(dir.get(), name, status.st_mode & 07777U, 0) < 0)
    return Error::last("fchmodat");
  const timespec times[] = {status.st_atim, status.st_mtim};
  if (::utimensat(dir.get(), name, times, AT_SYMLINK_NOFOLLOW) < 0) return Error::last("utimensat");
  return {};
}

Result<void> change_mode(const Fd& directory, mode_t mode) {
  if (::fchmodat(directory.get(), ".", mode, 0) < 0) return Error::last("fchmodat");
  return {};
}

}  // namespace wolffia::sys
