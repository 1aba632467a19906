// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "base/result.hpp"
#include "sys/mount.hpp"
#include "sys/path.hpp"

namespace wolffia::launch {

/// A file system to be made.
struct FilesystemRequest {
  const char* type;
  const char* source = nullptr;            // null: none
  std::span<const std::string> options{};  // "size=65536k", "newinstance"
  uint64_t attributes = 0;                 // MOUNT_ATTR_*
};

/// A tmpfs mounted over "/" of our mount namespace: no path leads there, as paths start below it,
/// so only its descriptor does. What older kernels can't do with detached trees is done with
/// trees mounted on its directories, by mount(2) on /proc/self/fd of the proven host /proc (I2),
/// and moved to their place from there. Nothing of it is visible to anyone else.
class Stage {
 public:
  explicit Stage(const sys::Fd& host_proc) : host_proc_(host_proc) {}

  /// In place of sys::clone_tree().
  Result<sys::MountTree> clone(const sys::Fd& source, sys::Recurse recurse);
  /// In place of fsopen(2), fsconfig(2) and fsmount(2).
  Result<sys::MountTree> make(const FilesystemRequest& request);
  /// As Trees::make_at().
  Result<void> make_at(const FilesystemRequest& request, const sys::Fd& dir, const char* name);
  /// In place of sys::change_attributes(), for a tree on the stage or attached.
  Result<void> change(const sys::Fd& tree, const sys::AttributeChange& change,
                      sys::Recurse recurse);
  /// In place of sys::attach(), for a tree on the stage or attached.
  Result<void> move(const sys::MountTree& tree, const sys::Fd& target);

  /// Detaches an attached tree. Source: umount2(2), MNT_DETACH.
  Result<void> detach(const sys::Fd& tree);

  /// Superblock options of a mount that is there already. Source: mount(2), MS_REMOUNT.
  Result<void> reconfigure(const sys::Fd& mount, std::span<const std::string> options);

  /// An empty directory on the tmpfs, for files that nobody shall see.
  Result<sys::InRoot> private_directory();

  /// Takes the stage down. Before the root is entered: it would stand in front of it.
  Result<void> clear();

 private:
  enum class Place : bool { Directory, File };
  Result<void> open();
  Result<std::string> make_place(Place kind);
  Result<void> mount_on(const std::string& source, const sys::Fd& target, unsigned long flags);
  Result<sys::MountTree> opened(const std::string& place);
  Result<void> remount(const sys::Fd& mount, const sys::AttributeChange& change);

  const sys::Fd& host_proc_;
  sys::InRoot root_;     // of the tmpfs; empty until needed
  unsigned places_ = 0;  // names used so far
};

}  // namespace wolffia::launch
