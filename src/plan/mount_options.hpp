// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/mount.h>

#include <array>
#include <cstdint>
#include <string_view>

/// The mount options that mean something to the runtime, as rows: the planner, print() and
/// `features` read the same table.
namespace wolffia::plan {

/// What an option does to a mount; `value` is its argument.
enum class Apply : uint8_t {
  Set,             // a MOUNT_ATTR_* bit
  Clear,           // a MOUNT_ATTR_* bit
  Atime,           // one of the values of MOUNT_ATTR__ATIME, which exclude each other
  Propagate,       // MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE
  Bind,            // a bind mount, recursive or not
  Remount,         // the attributes of a mount that is there already
  Superblock,      // handed to the file system under its own name; the MS_* bit of mount(2)
  NoSuperblock,    // takes that back; not set is the default of a new file system
  Nothing,         // accepted and without effect
  CopyUp,          // a tmpfs starts with what its mount point held
  MapIds,          // the mappings of the mount, or else of the container
  SourceNofollow,  // crun: the source's last component is no symbolic link
  TargetNofollow,  // crun: the destination's last component is no symbolic link
  CopySymlink,     // crun: a source that is a symbolic link is made anew, not mounted
};

struct MountOption {
  std::string_view name;
  Apply apply;
  uint64_t value = 0;
  bool recursive = false;  // the whole tree: mount_setattr(2) with AT_RECURSIVE
};

/// The row of `name`, or nullptr: then it is data for the file system.
const MountOption* find_mount_option(std::string_view name);

/// The bits and the recursion of one of the eight propagation words, or nullptr.
const MountOption* find_propagation(std::string_view word);

/// Source: runtime-spec 1.3.0 config.md, "Linux mount options", whose order is the alphabet's (but
/// for idmap and ridmap at its end); copy-symlink, dest-nofollow and src-nofollow are crun's.
///
/// atime: the words that undo a mode ("atime", "norelatime", "nostrictatime") ask for the kernel's
/// default, which is relatime and has the value 0. mount_setattr(2) wants all of MOUNT_ATTR__ATIME
/// cleared to set any of its values.
/// iversion, silent and their opposites are flags of mount(2) that fsconfig(2) has no name for.
inline constexpr std::array kMountOptions{
    MountOption{"async", Apply::NoSuperblock, MS_SYNCHRONOUS},
    MountOption{"atime", Apply::Atime, MOUNT_ATTR_RELATIME},
    MountOption{"bind", Apply::Bind},
    MountOption{"copy-symlink", Apply::CopySymlink},
    MountOption{"defaults", Apply::Nothing},
    MountOption{"dest-nofollow", Apply::TargetNofollow},
    MountOption{"dev", Apply::Clear, MOUNT_ATTR_NODEV},
    MountOption{"diratime", Apply::Clear, MOUNT_ATTR_NODIRATIME},
    MountOption{"dirsync", Apply::Superblock, MS_DIRSYNC},
    MountOption{"exec", Apply::Clear, MOUNT_ATTR_NOEXEC},
    MountOption{"idmap", Apply::MapIds},
    MountOption{"iversion", Apply::Nothing},
    MountOption{"lazytime", Apply::Superblock, MS_LAZYTIME},
    MountOption{"loud", Apply::Nothing},
    MountOption{"mand", Apply::Superblock, MS_MANDLOCK},
    MountOption{"noatime", Apply::Atime, MOUNT_ATTR_NOATIME},
    MountOption{"nodev", Apply::Set, MOUNT_ATTR_NODEV},
    MountOption{"nodiratime", Apply::Set, MOUNT_ATTR_NODIRATIME},
    MountOption{"noexec", Apply::Set, MOUNT_ATTR_NOEXEC},
    MountOption{"noiversion", Apply::Nothing},
    MountOption{"nolazytime", Apply::NoSuperblock, MS_LAZYTIME},
    MountOption{"nomand", Apply::NoSuperblock, MS_MANDLOCK},
    MountOption{"norelatime", Apply::Atime, MOUNT_ATTR_RELATIME},
    MountOption{"nostrictatime", Apply::Atime, MOUNT_ATTR_RELATIME},
    MountOption{"nosuid", Apply::Set, MOUNT_ATTR_NOSUID},
    MountOption{"nosymfollow", Apply::Set, MOUNT_ATTR_NOSYMFOLLOW},
    MountOption{"private", Apply::Propagate, MS_PRIVATE},
    MountOption{"ratime", Apply::Atime, MOUNT_ATTR_RELATIME, true},
    MountOption{"rbind", Apply::Bind, 0, true},
    MountOption{"rdev", Apply::Clear, MOUNT_ATTR_NODEV, true},
    MountOption{"rdiratime", Apply::Clear, MOUNT_ATTR_NODIRATIME, true},
    MountOption{"relatime", Apply::Atime, MOUNT_ATTR_RELATIME},
    MountOption{"remount", Apply::Remount},
    MountOption{"rexec", Apply::Clear, MOUNT_ATTR_NOEXEC, true},
    MountOption{"ridmap", Apply::MapIds, 0, true},
    MountOption{"rnoatime", Apply::Atime, MOUNT_ATTR_NOATIME, true},
    MountOption{"rnodev", Apply::Set, MOUNT_ATTR_NODEV, true},
    MountOption{"rnodiratime", Apply::Set, MOUNT_ATTR_NODIRATIME, true},
    MountOption{"rnoexec", Apply::Set, MOUNT_ATTR_NOEXEC, true},
    MountOption{"rnorelatime", Apply::Atime, MOUNT_ATTR_RELATIME, true},
    MountOption{"rnostrictatime", Apply::Atime, MOUNT_ATTR_RELATIME, true},
    MountOption{"rnosuid", Apply::Set, MOUNT_ATTR_NOSUID, true},
    MountOption{"rnosymfollow", Apply::Set, MOUNT_ATTR_NOSYMFOLLOW, true},
    MountOption{"ro", Apply::Set, MOUNT_ATTR_RDONLY},
    MountOption{"rprivate", Apply::Propagate, MS_PRIVATE, true},
    MountOption{"rrelatime", Apply::Atime, MOUNT_ATTR_RELATIME, true},
    MountOption{"rro", Apply::Set, MOUNT_ATTR_RDONLY, true},
    MountOption{"rrw", Apply::Clear, MOUNT_ATTR_RDONLY, true},
    MountOption{"rshared", Apply::Propagate, MS_SHARED, true},
    MountOption{"rslave", Apply::Propagate, MS_SLAVE, true},
    MountOption{"rstrictatime", Apply::Atime, MOUNT_ATTR_STRICTATIME, true},
    MountOption{"rsuid", Apply::Clear, MOUNT_ATTR_NOSUID, true},
    MountOption{"rsymfollow", Apply::Clear, MOUNT_ATTR_NOSYMFOLLOW, true},
    MountOption{"runbindable", Apply::Propagate, MS_UNBINDABLE, true},
    MountOption{"rw", Apply::Clear, MOUNT_ATTR_RDONLY},
    MountOption{"shared", Apply::Propagate, MS_SHARED},
    MountOption{"silent", Apply::Nothing},
    MountOption{"slave", Apply::Propagate, MS_SLAVE},
    MountOption{"src-nofollow", Apply::SourceNofollow},
    MountOption{"strictatime", Apply::Atime, MOUNT_ATTR_STRICTATIME},
    MountOption{"suid", Apply::Clear, MOUNT_ATTR_NOSUID},
    MountOption{"symfollow", Apply::Clear, MOUNT_ATTR_NOSYMFOLLOW},
    MountOption{"sync", Apply::Superblock, MS_SYNCHRONOUS},
    MountOption{"tmpcopyup", Apply::CopyUp},
    MountOption{"unbindable", Apply::Propagate, MS_UNBINDABLE},
};

}  // namespace wolffia::plan
