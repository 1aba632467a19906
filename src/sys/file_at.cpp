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

#include "sys/directory.hpp"

namespace wolffia::sys {
namespace {

bool is_self(FileAt file) {
  return file.name[0] == '\0';
}

/// "/proc/self/fd/N", which leads to the file of the descriptor, to a symbolic link itself as well;
/// or "/proc/self/fd/N/NAME", an entry of a directory, in one walk of the kernel.
class ProcPath {
 public:
  explicit ProcPath(const Fd& fd) {
    constexpr std::string_view kPrefix = "/proc/self/fd/";
    std::memcpy(text_.data(), kPrefix.data(), kPrefix.size());
    end_ =
        std::to_chars(text_.data() + kPrefix.size(), text_.data() + kLongestNumber, fd.get()).ptr;
    *end_ = '\0';
  }
  explicit ProcPath(FileAt file) : ProcPath(file.dir) {
    if (is_self(file)) return;
    *end_ = '/';
    std::memcpy(end_ + 1, file.name, ::strnlen(file.name, NAME_MAX + 1) + 1);
  }
  const char* text() const { return text_.data(); }

 private:
  static constexpr size_t kLongestNumber = 32;
  std::array<char, kLongestNumber + NAME_MAX + 4> text_{};
  char* end_ = text_.data();
};

/// What the calls on attributes are named for a path that is followed, and for one that is not.
template <class Followed, class Itself>
auto by_path(FileAt file, Followed followed, Itself itself) {
  return is_self(file) ? followed : itself;
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

Result<Fd> create_file(FileAt file, mode_t mode, int flags) {
  const int all = flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int fd = ::openat(file.dir.get(), file.name, all, mode);
  if (fd < 0) return Error::last("openat");
  return Fd(fd);
}

Result<void> set_mode_of(FileAt file, mode_t mode) {
  if (!is_self(file)) return change_mode(file.dir, file.name, mode);
  if (::chmod(ProcPath(file.dir).text(), mode) < 0) return Error::last("chmod");
  return {};
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
  const auto call = by_path(file, ::getxattr, ::lgetxattr);
  const ProcPath path(file);
  std::array<char, 256> value;  // NOLINT(cppcoreguidelines-pro-type-member-init): the call does
  const ssize_t size = call(path.text(), name, value.data(), value.size());
  if (size >= 0) return std::string(value.data(), static_cast<size_t>(size));
  if (errno != ERANGE) return Error::last("getxattr");
  std::string longer(XATTR_SIZE_MAX, '\0');
  const ssize_t all = call(path.text(), name, longer.data(), longer.size());
  if (all < 0) return Error::last("getxattr");
  longer.resize(static_cast<size_t>(all));
  return longer;
}

Result<std::vector<std::string>> attribute_names_of(FileAt file) {
  const auto call = by_path(file, ::listxattr, ::llistxattr);
  const ProcPath path(file);
  std::string list(1024, '\0');
  ssize_t size = call(path.text(), list.data(), list.size());
  if (size < 0 && errno == ERANGE) {
    list.resize(XATTR_LIST_MAX);
    size = call(path.text(), list.data(), list.size());
  }
  if (size < 0) return Error::last("listxattr");
  std::vector<std::string> names;
  for (size_t at = 0; at < static_cast<size_t>(size); at += names.back().size() + 1)
    names.emplace_back(list.data() + at);
  return names;
}

Result<void> set_attribute_of(FileAt file, const char* name, std::string_view value, int flags) {
  const auto call = by_path(file, ::setxattr, ::lsetxattr);
  if (call(ProcPath(file).text(), name, value.data(), value.size(), flags) < 0)
    return Error::last("setxattr");
  return {};
}

Result<void> remove_attribute_of(FileAt file, const char* name) {
  const auto call = by_path(file, ::removexattr, ::lremovexattr);
  if (call(ProcPath(file).text(), name) < 0) return Error::last("removexattr");
  return {};
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
