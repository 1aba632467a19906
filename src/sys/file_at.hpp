// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sys/fd.hpp"

/// Files as a union file system names them: by an entry of an open directory, never through a
/// symbolic link. What has no such call takes the way over /proc/self/fd.
namespace wolffia::sys {

/// The entry `name` of `dir`; with an empty name `dir` itself, whatever kind of file it is, also
/// where it was opened with O_PATH.
struct FileAt {
  const Fd& dir;
  const char* name = "";
};

Result<struct stat> stat_of(FileAt file);
Result<Fd> path_of(FileAt file);  // O_PATH

/// Opens with `flags` | O_CLOEXEC | O_NOFOLLOW. Errors: ELOOP for a symbolic link; ENXIO.
Result<Fd> open_again(FileAt file, int flags);

/// Makes a regular file and opens it with `flags`. Errors: EEXIST. Source: O_EXCL in open(2).
Result<Fd> create_file(FileAt file, mode_t mode, int flags);

Result<void> set_mode_of(FileAt file, mode_t mode);
/// UINT32_MAX: as it is. Source: fchownat(2).
Result<void> set_owner_of(FileAt file, uint32_t uid, uint32_t gid);
/// Access and modification; UTIME_NOW and UTIME_OMIT as in utimensat(2).
Result<void> set_times_of(FileAt file, const timespec (&times)[2]);

/// Errors: ENODATA; ENOTSUP; ERANGE never. Source: getxattr(2).
Result<std::string> attribute_of(FileAt file, const char* name);
Result<std::vector<std::string>> attribute_names_of(FileAt file);
/// `flags` is XATTR_CREATE, XATTR_REPLACE or 0.
Result<void> set_attribute_of(FileAt file, const char* name, std::string_view value, int flags);
Result<void> remove_attribute_of(FileAt file, const char* name);

/// Source: renameat2(2); `flags` is RENAME_NOREPLACE, RENAME_EXCHANGE or 0.
Result<void> rename_with(FileAt from, FileAt to, unsigned flags);
/// Source: linkat(2). A `from` without name is given one through /proc/self/fd.
Result<void> link_to(FileAt from, FileAt to);

/// What getdents64(2) says of an entry.
struct RawEntry {
  std::string_view name;
  uint64_t inode = 0;
  unsigned char type = 0;  // DT_*; DT_UNKNOWN where the file system does not say
};

/// Reads a directory piece by piece. Source: getdents64(2).
class EntryReader {
 public:
  /// `dir` may have been opened with O_PATH.
  static Result<EntryReader> open(const Fd& dir);
  /// Of a directory that was opened to be read.
  explicit EntryReader(Fd dir) : dir_(std::move(dir)), buffer_(32 << 10) {}
  /// False at the end; "." and ".." are left out. The name is valid until the next call.
  Result<bool> next(RawEntry& entry);

 private:
  Fd dir_;
  std::vector<char> buffer_;
  size_t at_ = 0;
  size_t end_ = 0;
};

}  // namespace wolffia::sys
