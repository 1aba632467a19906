// SPDX-License-Identifier: Apache-2.0
#include "cli/user/copy_tree.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/quote.hpp"
#include "sys/copy.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::cli::user {
namespace {

constexpr size_t kMostEntries = 1 << 22;  // of one directory
constexpr int kDeepest = 250;             // two descriptors a level, of 1024
constexpr size_t kMostLeftOut = 20;
constexpr int kReadFile = O_RDONLY | O_NONBLOCK | O_NOCTTY;  // whatever it has become, no waiting
constexpr int kWriteFile = O_WRONLY | O_NONBLOCK | O_NOCTTY;

std::pair<dev_t, ino_t> inode_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

Result<void> make_way(const sys::Fd& directory, const char* name) {
  auto removed = sys::remove_entry(directory, name);
  if (removed || removed.error().is(ENOENT)) return {};
  return removed;
}

/// The file `name` to write to. As with cp(1) one that is there stays the same file: something may
/// be mounted on it, which removing the name would take away from the container. A link, a program
/// that runs and what may not be written to are replaced.
Result<sys::InRoot> open_target(const sys::Fd& directory, const char* name) {
  auto there = sys::open_entry(directory, name, kWriteFile);
  const bool replaced =
      !there && (there.error().is(ELOOP) || there.error().is(ETXTBSY) || there.error().is(EACCES));
  if (!replaced && (there || !there.error().is(ENOENT))) return there;
  TRY(make_way(directory, name));
  TRY(sys::make_file(directory, name, S_IRUSR | S_IWUSR));
  return sys::open_entry(directory, name, kWriteFile);
}

}  // namespace

Result<void> TreeCopy::into(const sys::Fd& directory) {
  if (!target_) target_ = inode_of(TRY(sys::stat_fd(directory)));
  return {};
}

/// Writes `from` to `to`, whatever `to` held.
Result<void> TreeCopy::fill(const sys::Fd& from, const sys::Fd& to) {
  const struct stat source = TRY(sys::stat_fd(from));
  const struct stat target = TRY(sys::stat_fd(to));
  if (!S_ISREG(source.st_mode) || !S_ISREG(target.st_mode))
    return Error::because(ESTALE, "is no regular file any more");
  if (inode_of(source) == inode_of(target))
    return Error::because(EINVAL, "source and target are the same file");
  TRY(sys::set_size(to, 0));
  if (!sys::share_contents(from, to))
    TRY(sys::copy_with_holes(from, to, static_cast<uint64_t>(source.st_size)));
  // Where it is another's, in a container, it becomes that of whoever copies, like every other.
  (void)!::fchown(to.get(), ::geteuid(), ::getegid());
  TRY(sys::set_mode(to, source.st_mode & kept_));
  return sys::set_times(to, source.st_mtim);
}

Result<void> TreeCopy::over(const sys::Fd& from, const sys::Fd& to) {
  return fill(from, to);
}

Result<void> TreeCopy::file(const sys::Fd& from, const sys::Fd& to, const std::string& name) {
  const auto before = sys::stat_entry(to, name.c_str());
  if (before && !S_ISREG(before->st_mode) && !S_ISLNK(before->st_mode))
    return Error::because(EEXIST, S_ISDIR(before->st_mode)
                                      ? "a directory of this name is in the way"
                                      : "a FIFO, socket or device of this name is in the way");
  const sys::InRoot target = TRY(open_target(to, name.c_str()));
  return fill(from, target);
}

Result<void> TreeCopy::link(const sys::Fd& from, const sys::Fd& to, const std::string& name) {
  const std::string text = TRY(sys::read_symlink(from, name.c_str()));
  TRY(make_way(to, name.c_str()));
  return sys::make_symlink(text.c_str(), to, name.c_str());
}

Result<void> TreeCopy::contents(const sys::Fd& from, const sys::Fd& to) {
  TRY(into(to));
  return entries(from, to, {}, 0);
}

Result<void> TreeCopy::directory(const sys::Fd& from, const sys::Fd& to, const std::string& name) {
  return subdirectory(from, to, name, name, 0);
}

Result<void> TreeCopy::entries(const sys::Fd& from, const sys::Fd& to, const std::string& path,
                               int depth) {
  if (depth > kDeepest) return Error::because(ELOOP, cat("deeper than ", kDeepest, " directories"));
  for (const std::string& name : TRY(sys::entry_names(from, kMostEntries))) {
    const std::string inner = path.empty() ? name : cat(path, "/", name);
    TRY(entry(from, to, name, inner, depth), quoted_if_needed(name));
  }
  return {};
}

Result<void> TreeCopy::entry(const sys::Fd& from, const sys::Fd& to, const std::string& name,
                             const std::string& path, int depth) {
  const struct stat status = TRY(sys::stat_entry(from, name.c_str()));
  if (S_ISDIR(status.st_mode)) {
    const sys::Fd source = TRY(sys::open_directory(from, name.c_str()));
    return subdirectory(source, to, name, path, depth);
  }
  if (S_ISLNK(status.st_mode)) return link(from, to, name);
  if (!S_ISREG(status.st_mode)) {
    if (left_out_.size() < kMostLeftOut) left_out_.push_back(path);
    return {};
  }
  const sys::InRoot source = TRY(sys::open_entry(from, name.c_str(), kReadFile));
  return file(source, to, name);
}

/// `name` in `to` is made, or is a directory already, which keeps its mode.
Result<void> TreeCopy::subdirectory(const sys::Fd& from, const sys::Fd& to, const std::string& name,
                                    const std::string& path, int depth) {
  const struct stat status = TRY(sys::stat_fd(from));
  if (target_ && inode_of(status) == *target_)
    return Error::because(EINVAL, "a directory cannot be copied into itself");
  auto made = sys::make_directory(to, name.c_str(), S_IRWXU);
  if (!made && !made.error().is(EEXIST)) return made;
  const sys::Fd target = TRY(sys::open_directory(to, name.c_str()));
  TRY(into(target));
  TRY(entries(from, target, path, depth + 1));
  if (!made) return {};
  TRY(sys::set_mode(target, status.st_mode & kept_));
  return sys::set_times(target, status.st_mtim);
}

}  // namespace wolffia::cli::user
