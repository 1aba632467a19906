// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "launch/rootfs_parts.hpp"
#include "sys/copy.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr size_t kMostEntries = 1 << 20;  // of one directory; the tmpfs is full before
constexpr int kDeepest = 200;             // three descriptors a level, of 1024

class CopyUp {
 public:
  Result<void> directory(const sys::Fd& from, const sys::Fd& to, int depth) {
    if (depth > kDeepest)
      return Error::because(ELOOP, cat("deeper than ", kDeepest, " directories"));
    const sys::InRoot listing = TRY(sys::open_entry(from, ".", O_RDONLY | O_DIRECTORY));
    for (const std::string& name : TRY(sys::entry_names(listing, kMostEntries)))
      TRY(entry(from, to, name, depth), name);
    return {};
  }

 private:
  Result<void> entry(const sys::Fd& from, const sys::Fd& to, const std::string& name, int depth) {
    const sys::InRoot found = TRY(sys::open_entry(from, name.c_str(), O_PATH));
    const struct stat status = TRY(sys::stat_fd(found));
    const char* leaf = name.c_str();
    switch (status.st_mode & S_IFMT) {
      case S_IFDIR: {
        TRY(sys::make_directory(to, leaf, 0700));
        const sys::InRoot made = TRY(sys::open_entry(to, leaf, O_PATH | O_DIRECTORY));
        TRY(directory(found, made, depth + 1));
        break;
      }
      case S_IFREG: {
        // Opened again without following; that it is still a file is checked before it is read.
        const sys::InRoot source = TRY(sys::open_entry(from, leaf, O_RDONLY | O_NONBLOCK));
        if (!S_ISREG(TRY(sys::stat_fd(source)).st_mode)) return {};
        TRY(sys::make_file(to, leaf, 0600));
        const sys::InRoot target = TRY(sys::open_entry(to, leaf, O_WRONLY));
        TRY(sys::copy_contents(source, target));
        break;
      }
      case S_IFLNK:
        TRY(sys::make_symlink(TRY(sys::link_text(found)).c_str(), to, leaf));
        break;
      case S_IFIFO:
        TRY(sys::make_node(to, leaf, S_IFIFO | 0600, 0));
        break;
      default:  // sockets have lost their listener; devices can't be made
        return {};
    }
    return sys::copy_metadata(status, to, leaf);
  }
};

}  // namespace

Result<void> copy_up(const sys::Fd& from, const sys::Fd& to) {
  return CopyUp().directory(from, to, 0);
}

}  // namespace wolffia::launch
