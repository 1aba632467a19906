// SPDX-License-Identifier: Apache-2.0
#include "sys/file_at.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <array>
#include <charconv>
#include <cstring>

namespace wolffia::sys {
namespace {

bool is_self(FileAt file) {
  return file.name[0] == '\0';
}

/// "/proc/self/fd/N": leads to the file of the descriptor, to a symbolic link itself as well.
class ProcPath {
 public:
  explicit ProcPath(const Fd& fd) {
    constexpr std::string_view kPrefix = "/proc/self/fd/";
    std::memcpy(text_.data(), kPrefix.data(), kPrefix.size());
    *std::to_chars(text_.data() + kPrefix.size(), text_.data() + text_.size() - 1, fd.get()).ptr =
        '\0';
  }
  const char* text() const { return text_.data(); }

 private:
  std::array<char, 32> text_{};
};

/// Carries out `call` on a path that leads to `file`.
template <class Call>
auto by_path(FileAt file, Call call) -> decltype(call("")) {
  if (is_self(file)) return call(ProcPath(file.dir).text());
  const Fd opened = TRY(path_of(file));
  return call(ProcPath(opened).text());
}

}  // namespace

Result<struct stat> stat_of(FileAt file) {
  struct stat status {};
  const int flags = AT_SYMLINK_NOFOLLOW | (is_self(file) ? AT_EMPTY_PATH : 0);
  if (::fstatat(file.dir.get(), file.name, &status, flags) < 0) return Error::last("fstatat");
  return status;
}

Result<Fd> path_of(FileAt file) {
  return open_again(file, O_PATH);
}

Result<Fd> open_again(FileAt file, int flags) {
  const int fd = is_self(file)
                     ? ::open(ProcPath(file.dir).text(), flags | O_CLOEXEC)
                     : ::openat(file.dir.get(), file.name, flags | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return Error::last("openat");
  return Fd(fd);
}

Result<void> set_mode_of(FileAt file, mode_t mode) {
  // glibc's fchmodat with AT_SYMLINK_NOFOLLOW opens the file as this does.
  return by_path(file, [&](const char* path) -> Result<void> {
    if (::chmod(path, mode) < 0) return Error::last("chmod");
    return {};
  });
}

Result<void> set_owner_of(FileAt file, uint32_t uid, uint32_t gid) {
  const int flags = AT_SYMLINK_NOFOLLOW | (is_self(file) ? AT_EMPTY_PATH : 0);
  if (::fchownat(file.dir.get(), file.name, uid, gid, flags) < 0) return Error::last("fchownat");
  return {};
}

Result<void> set_times_of(FileAt file, const timespec (&times)[2]) {
  const int done = is_self(file)
                       ? ::utimensat(AT_FDCWD, ProcPath(file.dir).text(), times, 0)
                       : ::utimensat(file.dir.get(), file.name, times, AT_SYMLINK_NOFOLLOW);
  if (done < 0) return Error::last("utimensat");
  return {};
}

Result<std::string> attribute_of(FileAt file, const char* name) {
  return by_path(file, [&](const char* path) -> Result<std::string> {
    std::string value(256, '\0');
    ssize_t size = ::getxattr(path, name, value.data(), value.size());
    if (size < 0 && errno == ERANGE) {
      value.resize(XATTR_SIZE_MAX);
      size = ::getxattr(path, name, value.data(), value.size());
    }
    if (size < 0) return Error::last("getxattr");
    value.resize(static_cast<size_t>(size));
    return value;
  });
}

Result<std::vector<std::string>> attribute_names_of(FileAt file) {
  return by_path(file, [&](const char* path) -> Result<std::vector<std::string>> {
    std::string list(1024, '\0');
    ssize_t size = ::listxattr(path, list.data(), list.size());
    if (size < 0 && errno == ERANGE) {
      list.resize(XATTR_LIST_MAX);
      size = ::listxattr(path, list.data(), list.size());
    }
    if (size < 0) return Error::last("listxattr");
    std::vector<std::string> names;
    for (size_t at = 0; at < static_cast<size_t>(size); at += names.back().size() + 1)
      names.emplace_back(list.data() + at);
    return names;
  });
}

Result<void> set_attribute_of(FileAt file, const char* name, std::string_view value, int flags) {
  return by_path(file, [&](const char* path) -> Result<void> {
    if (::setxattr(path, name, value.data(), value.size(), flags) < 0)
      return Error::last("setxattr");
    return {};
  });
}

Result<void> remove_attribute_of(FileAt file, const char* name) {
  return by_path(file, [&](const char* path) -> Result<void> {
    if (::removexattr(path, name) < 0) return Error::last("removexattr");
    return {};
  });
}

Result<void> rename_with(FileAt from, FileAt to, unsigned flags) {
  if (::renameat2(from.dir.get(), from.name, to.dir.get(), to.name, flags) < 0)
    return Error::last("renameat2");
  return {};
}

Result<void> link_to(FileAt from, FileAt to) {
  const int done = is_self(from) ? ::linkat(AT_FDCWD, ProcPath(from.dir).text(), to.dir.get(),
                                            to.name, AT_SYMLINK_FOLLOW)
                                 : ::linkat(from.dir.get(), from.name, to.dir.get(), to.name, 0);
  if (done < 0) return Error::last("linkat");
  return {};
}

Result<EntryReader> EntryReader::open(const Fd& dir) {
  return EntryReader(TRY(open_again({dir, "."}, O_RDONLY | O_DIRECTORY)));
}

Result<bool> EntryReader::next(RawEntry& entry) {
  for (;;) {
    if (at_ == end_) {
      const ssize_t n = ::getdents64(dir_.get(), buffer_.data(), buffer_.size());
      if (n < 0) return Error::last("getdents64");
      if (n == 0) return false;
      at_ = 0;
      end_ = static_cast<size_t>(n);
    }
    const auto* raw = reinterpret_cast<const dirent64*>(buffer_.data() + at_);
    at_ += raw->d_reclen;
    entry = {raw->d_name, raw->d_ino, raw->d_type};
    if (entry.name != "." && entry.name != "..") return true;
  }
}

}  // namespace wolffia::sys
