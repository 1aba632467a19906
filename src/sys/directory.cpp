// SPDX-License-Identifier: Apache-2.0
#include "sys/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

#include "sys/file.hpp"

namespace wolffia::sys {
Result<void> make_directory(const Fd& dir, const char* name, mode_t mode) {
  if (::mkdirat(dir.get(), name, mode) < 0) return Error::last("mkdirat");
  return {};
}

Result<Fd> open_directory(const Fd& dir, const char* name) {
  return open_at(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

Result<std::vector<std::string>> entry_names(const Fd& dir, size_t limit) {
  Fd again = TRY(open_at(dir, ".", O_RDONLY | O_DIRECTORY));  // its own position
  struct Closer {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  const std::unique_ptr<DIR, Closer> stream(::fdopendir(again.get()));
  if (!stream) return Error::last("fdopendir");
  (void)again.release();  // closedir() closes it
  std::vector<std::string> names;
  while (names.size() < limit) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (!entry && errno != 0) return Error::last("readdir");
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

Result<struct stat> stat_entry(const Fd& dir, const char* name) {
  struct stat status {};
  if (::fstatat(dir.get(), name, &status, AT_SYMLINK_NOFOLLOW) < 0) return Error::last("fstatat");
  return status;
}

Result<void> name_file(const Fd& file, const Fd& dir, const char* to) {
  const std::string from = cat("/proc/self/fd/", file.get());
  if (::linkat(AT_FDCWD, from.c_str(), dir.get(), to, AT_SYMLINK_FOLLOW) < 0)
    return Error::last("linkat");
  return {};
}

Result<void> remove_entry(const Fd& dir, const char* name) {
  if (::unlinkat(dir.get(), name, 0) < 0) return Error::last("unlinkat");
  return {};
}

Result<void> remove_directory(const Fd& dir, const char* name) {
  if (::unlinkat(dir.get(), name, AT_REMOVEDIR) < 0) return Error::last("unlinkat");
  return {};
}

Result<void> change_mode(const Fd& dir, const char* name, mode_t mode) {
  // glibc 2.36 makes four calls and a path of /proc of this. Source: fchmodat2(2), Linux 6.6.
  if (::syscall(kFchmodat2, dir.get(), name, mode, AT_SYMLINK_NOFOLLOW) == 0) return {};
  if (::fchmodat(dir.get(), name, mode, AT_SYMLINK_NOFOLLOW) < 0) return Error::last("fchmodat");
  return {};
}

namespace {

/// Moves what is in `child`, a directory in `dir`, up into `dir` under names of our own.
Result<void> lift_entries(const Fd& dir, const Fd& child, size_t& lifted) {
  for (const std::string& name : TRY(entry_names(child, SIZE_MAX))) {
    if (::unlinkat(child.get(), name.c_str(), 0) == 0 || errno == ENOENT) continue;
    // Moving a directory writes its "..": its own mode must allow that.
    (void)change_mode(child, name.c_str(), S_IRWXU);
    const std::string fresh = cat("@", ::getpid(), ".", ++lifted);
    if (::renameat(child.get(), name.c_str(), dir.get(), fresh.c_str()) < 0 && errno != ENOENT)
      return Error::last("renameat");
  }
  return {};
}

}  // namespace

Result<void> empty_directory(const Fd& dir) {
  size_t lifted = 0;
  for (;;) {
    const std::vector<std::string> names = TRY(entry_names(dir, SIZE_MAX));
    if (names.empty()) return {};
    for (const std::string& name : names) {
      // Another may be removing the same: what is gone is gone.
      if (::unlinkat(dir.get(), name.c_str(), 0) == 0 || errno == ENOENT) continue;
      if (errno != EISDIR && errno != EPERM) return Error::last("unlinkat");
      if (::unlinkat(dir.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) continue;
      if (errno != ENOTEMPTY && errno != EEXIST) return Error::last("unlinkat");
      (void)change_mode(dir, name.c_str(), S_IRWXU);  // or it can't be opened
      const auto child = open_directory(dir, name.c_str());
      if (!child && child.error().is(ENOENT)) continue;
      if (!child) return child.error();
      TRY(lift_entries(dir, *child, lifted));
    }
  }
}

Result<void> remove_tree(const Fd& dir, const char* name) {
  auto removed = remove_entry(dir, name);
  if (removed || removed.error().is(ENOENT)) return {};
  if (!removed.error().is(EISDIR) && !removed.error().is(EPERM)) return removed;
  if (remove_directory(dir, name)) return {};
  (void)change_mode(dir, name, S_IRWXU);  // or it can't be opened
  const Fd inside = TRY(open_directory(dir, name));
  TRY(empty_directory(inside));
  auto gone = remove_directory(dir, name);
  return gone || gone.error().is(ENOENT) ? Result<void>() : gone;
}

Result<void> rename_entry(const Fd& dir, const char* from, const char* to) {
  if (::renameat(dir.get(), from, dir.get(), to) < 0) return Error::last("renameat");
  return {};
}

Result<void> link_entry(const Fd& dir, const char* from, const char* to) {
  if (::linkat(dir.get(), from, dir.get(), to, 0) < 0) return Error::last("linkat");
  return {};
}

Result<void> make_symlink(std::string_view text, const Fd& dir, const char* name) {
  if (::symlinkat(std::string(text).c_str(), dir.get(), name) < 0) return Error::last("symlinkat");
  return {};
}

Result<std::string> read_symlink(const Fd& dir, const char* name) {
  std::string text(PATH_MAX, '\0');
  const ssize_t n = ::readlinkat(dir.get(), name, text.data(), text.size());
  if (n < 0) return Error::last("readlinkat");
  text.resize(static_cast<size_t>(n));
  return text;
}

}  // namespace wolffia::sys
