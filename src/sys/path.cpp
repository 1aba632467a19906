// SPDX-License-Identifier: Apache-2.0
#include "sys/path.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <utility>
#include <vector>

#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::sys {
namespace {

constexpr int kMostLinks = 40;             // as the kernel's MAXSYMLINKS
constexpr ino_t kProcRootInode = 1;        // PROC_ROOT_INO
constexpr size_t kMostDirectories = 4096;  // more can't be named in PATH_MAX bytes

/// Takes the next component off the front of `rest`; empty at the end.
std::string take_component(std::string& rest) {
  const size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
  const size_t end = std::min(rest.find('/', begin), rest.size());
  std::string name = rest.substr(begin, end - begin);
  rest.erase(0, end);
  return name;
}

/// Follows a path by descriptors of the directories entered, so that ".." goes back to the one we
/// came from, wherever it may have been moved meanwhile.
class Walker {
 public:
  Walker(const Fd& root, std::string_view path, int flags)
      : root_(root), rest_(path), flags_(flags) {}

  Result<Walked> walk() {
    for (;;) {
      const std::string name = take_component(rest_);
      if (name.empty()) return arrive();
      if (name == ".") continue;
      if (name == "..") {
        if (!entered_.empty()) entered_.pop_back();
        continue;
      }
      auto entry = open_entry(here(), name.c_str(), O_PATH);
      if (!entry && entry.error().is(ENOENT)) return stop_before(name);
      if (!entry) return std::move(entry).error();
      const struct stat status = TRY(stat_fd(*entry));
      const bool link_is_wanted = rest_.empty() && (flags_ & O_NOFOLLOW) != 0;
      if (S_ISLNK(status.st_mode) && !link_is_wanted) {
        TRY(follow_link(*entry));
      } else if (S_ISDIR(status.st_mode)) {
        if (entered_.size() == kMostDirectories) return failed(ENAMETOOLONG);
        entered_.push_back(std::move(*entry));
      } else {
        if (!rest_.empty() || (flags_ & O_DIRECTORY) != 0) return failed(ENOTDIR);
        if ((flags_ & O_PATH) == 0) *entry = TRY(open_entry(here(), name.c_str(), flags_));
        return Walked{std::move(*entry), {}};
      }
    }
  }

 private:
  const Fd& here() const { return entered_.empty() ? root_ : entered_.back(); }

  static Error failed(int code) {
    errno = code;
    return Error::last("openat");
  }

  /// Puts the link's text in front of what is left.
  Result<void> follow_link(const Fd& link) {
    if (++links_ > kMostLinks || TRY(is_magic())) return failed(ELOOP);
    std::string text = TRY(link_text(link));
    if (text.starts_with('/')) entered_.clear();
    if (text.size() + rest_.size() > PATH_MAX) return failed(ENAMETOOLONG);
    rest_.insert(0, text);
    return {};
  }

  /// Links of procfs may be magic: they hold a file, not a path. Those in its root directory
  /// (self, thread-self, mounts, net) are plain text. As RESOLVE_NO_MAGICLINKS.
  Result<bool> is_magic() const {
    if (TRY(filesystem_type(here())) != PROC_SUPER_MAGIC) return false;
    const struct stat directory = TRY(stat_fd(here()));
    return directory.st_ino != kProcRootInode;
  }

  /// At a directory: the last one entered, or the root itself.
  Result<Walked> arrive() {
    if ((flags_ & O_PATH) == 0) return Walked{TRY(open_entry(here(), ".", flags_)), {}};
    if (entered_.empty()) return Walked{TRY(same_again(root_)), {}};
    return Walked{std::move(entered_.back()), {}};
  }

  /// What is missing, without ".": a ".." takes back the name before it, as that directory would
  /// be made; one that leads above the first missing name has no meaning.
  Result<Walked> stop_before(const std::string& first) {
    std::vector<std::string> names{first};
    for (std::string name = take_component(rest_); !name.empty(); name = take_component(rest_)) {
      if (name == ".") continue;
      if (name != "..") {
        names.push_back(std::move(name));
        continue;
      }
      names.pop_back();
      if (names.empty()) return Error::because(ENOENT, "\"..\" behind a directory that is missing");
    }
    std::string missing;
    for (const std::string& name : names)
      missing += missing.empty() ? name : cat("/", name);
    flags_ |= O_PATH;
    Walked result = TRY(arrive());
    result.missing = std::move(missing);
    return result;
  }

  const Fd& root_;
  std::vector<InRoot> entered_;
  std::string rest_;
  int flags_;
  int links_ = 0;
};

}  // namespace

Result<InRoot> open_root(const char* path) {
  const int fd = ::open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Error::last("open");
  return InRoot(fd);
}

Result<InRoot> open_source(const char* path, Follow follow) {
  const int nofollow = follow == Follow::No ? O_NOFOLLOW : 0;
  const int fd = ::open(path, O_PATH | O_CLOEXEC | nofollow);
  if (fd < 0) return Error::last("open");
  return InRoot(fd);
}

InRoot root_of(MountTree tree) {
  return InRoot(tree.release());
}

Result<InRoot> open_in_root(const Fd& root, const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, root.get(), path, &how, sizeof how);
  if (fd < 0) return Error::last("openat2");
  return InRoot(static_cast<int>(fd));
}

Result<Walked> walk_in_root(const Fd& root, std::string_view path, int flags) {
  return Walker(root, path, flags).walk();
}

Result<InRoot> open_entry(const Fd& dir, const char* name, int flags) {
  const int fd = ::openat(dir.get(), name, flags | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return Error::last("openat");
  return InRoot(fd);
}

Result<InRoot> same_again(const Fd& file) {
  const int fd = ::fcntl(file.get(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return Error::last("fcntl");
  return InRoot(fd);
}

Result<void> make_file(const Fd& dir, const char* name, mode_t mode) {
  return make_node(dir, name, S_IFREG | mode, 0);
}

Result<void> make_symlink(const char* target, const Fd& dir, const char* name) {
  if (::symlinkat(target, dir.get(), name) < 0) return Error::last("symlinkat");
  return {};
}

Result<void> make_node(const Fd& dir, const char* name, mode_t mode, dev_t device) {
  if (::mknodat(dir.get(), name, mode, device) < 0) return Error::last("mknodat");
  return {};
}

Result<void> change_entry_owner(const Fd& dir, const char* name, uint32_t uid, uint32_t gid) {
  if (::fchownat(dir.get(), name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
    return Error::last("fchownat");
  return {};
}

Result<InRoot> make_directories_below(const Fd& dir, std::string_view names, mode_t mode) {
  InRoot last;
  std::string rest(names);
  for (std::string name = take_component(rest); !name.empty(); name = take_component(rest)) {
    const Fd& parent = last ? static_cast<const Fd&>(last) : dir;
    auto made = make_directory(parent, name.c_str(), mode);
    if (!made && !made.error().is(EEXIST)) return std::move(made).error();
    last = TRY(open_entry(parent, name.c_str(), O_PATH | O_DIRECTORY));
  }
  return last;
}

Result<void> make_directories(const Fd& root, std::string_view path, mode_t mode) {
  const Walked walked = TRY(walk_in_root(root, path, O_PATH));
  if (!walked.missing.empty()) TRY(make_directories_below(walked.at, walked.missing, mode));
  return {};
}

Result<std::string> link_text(const Fd& link) {
  std::string text(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(link.get(), "", text.data(), text.size());
  if (length < 0) return Error::last("readlinkat");
  text.resize(static_cast<size_t>(length));
  return text;
}

}  // namespace wolffia::sys
