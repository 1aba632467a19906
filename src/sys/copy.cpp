// SPDX-License-Identifier: Apache-2.0
#include "sys/copy.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

namespace wolffia::sys {
namespace {

/// Copies the bytes from `at` to `end`, each to its own place.
Result<void> copy_range(const Fd& from, const Fd& to, off_t at, off_t end) {
  if (::lseek(to.get(), at, SEEK_SET) < 0) return Error::last("lseek");
  while (at < end) {
    const ssize_t n = ::sendfile(to.get(), from.get(), &at, static_cast<size_t>(end - at));
    if (n == 0) return Error::because(ESTALE, "the file shrinks while it is copied");
    if (n < 0 && errno != EINTR) return Error::last("sendfile");
  }
  return {};
}

}  // namespace

Result<void> copy_contents(const Fd& from, const Fd& to) {
  constexpr size_t kAtOnce = 0x7ffff000;  // the most that sendfile(2) takes
  for (;;) {
    const ssize_t n = ::sendfile(to.get(), from.get(), nullptr, kAtOnce);
    if (n == 0) return {};
    if (n < 0 && errno != EINTR) return Error::last("sendfile");
  }
}

Result<void> copy_with_holes(const Fd& from, const Fd& to, uint64_t size) {
  const auto whole = static_cast<off_t>(size);
  for (off_t at = 0; at < whole;) {
    const off_t data = ::lseek(from.get(), at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // only a hole is left
    if (data < 0) return Error::last("lseek");
    const off_t hole = ::lseek(from.get(), data, SEEK_HOLE);
    if (hole < 0) return Error::last("lseek");
    at = std::min(hole, whole);
    if (data < at) TRY(copy_range(from, to, data, at));
  }
  if (::ftruncate(to.get(), whole) < 0) return Error::last("ftruncate");
  return {};
}

Result<void> share_contents(const Fd& from, const Fd& to) {
  if (::ioctl(to.get(), FICLONE, from.get()) < 0) return Error::last("ioctl");
  return {};
}

std::string attribute_of(const Fd& file, const char* name) {
  std::string value(XATTR_SIZE_MAX, '\0');
  const ssize_t size = ::fgetxattr(file.get(), name, value.data(), value.size());
  value.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return value;
}

void copy_attributes(const Fd& from, const Fd& to, std::string_view except) {
  std::string names(XATTR_LIST_MAX, '\0');
  const ssize_t size = ::flistxattr(from.get(), names.data(), names.size());
  names.resize(size > 0 ? static_cast<size_t>(size) : 0);
  for (size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
    const std::string name = names.c_str() + at;
    if (name.starts_with(except)) continue;
    const std::string value = attribute_of(from, name.c_str());
    (void)::fsetxattr(to.get(), name.c_str(), value.data(), value.size(), 0);
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
