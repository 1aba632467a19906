// SPDX-License-Identifier: Apache-2.0
#include "cli/copy_layers.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <string>

#include "cli/overlay_marks.hpp"
#include "sys/copy.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/metadata.hpp"
#include "sys/path.hpp"

namespace wolffia::cli {
namespace {

constexpr size_t kMostEntries = 1 << 22;  // of one directory
constexpr int kDeepest = 250;             // three descriptors a level, of 1024
constexpr const char* kBeingMade = "root.new";

/// Whatever `name` is, it is gone.
Result<void> remove_whole(const sys::Fd& dir, const char* name) {
  auto removed = sys::remove_entry(dir, name);
  if (removed || removed.error().is(ENOENT)) return {};
  if (!removed.error().is(EISDIR)) return removed;
  TRY(sys::empty_directory(TRY(sys::open_directory(dir, name))));
  return sys::remove_directory(dir, name);
}

/// One layer put over what the lower ones made. A name is open on both sides only while it is
/// copied; both trees are ours alone.
class Application {
 public:
  explicit Application(const sys::Fd& root) : root_(root) {}

  Result<void> directory(const sys::Fd& from, const sys::Fd& to, const std::string& path,
                         int depth) {
    if (depth > kDeepest)
      return Error::because(ELOOP, cat("deeper than ", kDeepest, " directories"));
    for (const std::string& name : TRY(sys::entry_names(from, kMostEntries)))
      TRY(entry(from, to, name, cat(path, path.empty() ? "" : "/", name), depth), name);
    return {};
  }

 private:
  Result<void> entry(const sys::Fd& from, const sys::Fd& to, const std::string& name,
                     const std::string& path, int depth) {
    const char* leaf = name.c_str();
    const struct stat status = TRY(sys::stat_entry(from, leaf));
    if (is_whiteout(from, leaf, status)) return remove_whole(to, leaf);
    if (S_ISDIR(status.st_mode)) {
      TRY(subdirectory(from, to, leaf, path, depth));
      return sys::copy_metadata(status, to, leaf);
    }
    TRY(remove_whole(to, leaf));
    const std::pair inode(status.st_dev, status.st_ino);
    const auto linked = links_.find(inode);
    if (linked != links_.end()) return sys::make_link(root_, linked->second.c_str(), to, leaf);
    const bool made = TRY(other(from, to, leaf, status));
    if (!made) return {};
    if (status.st_nlink > 1) links_.emplace(inode, path);
    return sys::copy_metadata(status, to, leaf);
  }

  Result<void> subdirectory(const sys::Fd& from, const sys::Fd& to, const char* leaf,
                            const std::string& path, int depth) {
    const sys::Fd source = TRY(sys::open_directory(from, leaf));
    const auto before = sys::stat_entry(to, leaf);
    const bool opaque = is_opaque(source);
    if (before && (opaque || !S_ISDIR(before->st_mode))) TRY(remove_whole(to, leaf));
    auto made = sys::make_directory(to, leaf, S_IRWXU);
    if (!made && !made.error().is(EEXIST)) return made;
    const sys::Fd target = TRY(sys::open_directory(to, leaf));
    sys::copy_attributes(source, target, "user.overlay.");
    return directory(source, target, path, depth + 1);
  }

  /// False: a socket or device, which nothing is lost of.
  static Result<bool> other(const sys::Fd& from, const sys::Fd& to, const char* leaf,
                            const struct stat& status) {
    switch (status.st_mode & S_IFMT) {
      case S_IFREG: {
        const sys::InRoot source = TRY(sys::open_entry(from, leaf, O_RDONLY | O_NONBLOCK));
        TRY(sys::make_file(to, leaf, S_IRUSR | S_IWUSR));
        const sys::InRoot target = TRY(sys::open_entry(to, leaf, O_WRONLY));
        if (!sys::share_contents(source, target)) TRY(sys::copy_contents(source, target));
        sys::copy_attributes(source, target, "user.overlay.");
        return true;
      }
      case S_IFLNK: {
        const std::string text = TRY(sys::read_symlink(from, leaf));
        TRY(sys::make_symlink(text.c_str(), to, leaf));
        return true;
      }
      case S_IFIFO:
        TRY(sys::make_node(to, leaf, S_IFIFO | S_IRUSR | S_IWUSR, 0));
        return true;
      default:
        return false;
    }
  }

  const sys::Fd& root_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  // the first path of each in this layer
};

}  // namespace

Result<void> copy_layers(std::span<const sys::InRoot> layers, const sys::Fd& parent,
                         const char* name) {
  TRY(remove_whole(parent, kBeingMade));  // of a start that was killed
  TRY(sys::make_directory(parent, kBeingMade, S_IRWXU));
  const sys::Fd root = TRY(sys::open_directory(parent, kBeingMade));
  for (const sys::InRoot& layer : layers) {
    const sys::Fd from = TRY(sys::open_directory(layer, "."));
    TRY(Application(root).directory(from, root, "", 0));
    TRY(sys::copy_metadata(TRY(sys::stat_fd(from)), parent, kBeingMade));
  }
  return sys::rename_entry(parent, kBeingMade, name);
}

}  // namespace wolffia::cli
