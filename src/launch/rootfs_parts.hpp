// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "launch/rootfs.hpp"

/// What the files behind rootfs.hpp share.
namespace wolffia::launch {

// child_root.cpp

/// The root file system's tree, attached over its own path without any layer; `rootfs.root` is it.
Result<void> attach_bare_root(Rootfs& rootfs);

// child_targets.cpp: mount points

enum class Want : bool { File, Directory };

/// Opens the mount point `path` (O_PATH | `flags`), or makes it as `want` says.
Result<sys::InRoot> open_target(Rootfs& rootfs, const std::string& path, Want want, int flags);

/// Makes what is missing of `path`: directories, and at its end a file or directory. A symbolic
/// link that dangles is filled where it points inside the root.
Result<sys::InRoot> make_target(Rootfs& rootfs, const std::string& path, Want want);

/// Makes something in `dir` through `make(dir)`, or in a layer above it where nothing may or can
/// be created in it: `dir` is then a descriptor of the layer's directory.
template <class Make>
Result<void> make_in(Rootfs& rootfs, sys::InRoot& dir, Make make);

/// True if something may be created in `dir` at all.
Result<bool> may_create_in(Rootfs& rootfs, const sys::Fd& dir);
/// True if `error` of a creation means that this place can't be written by us.
bool is_refusal(const Error& error);

// child_cover.cpp: layers above

/// Puts a layer above the whole root and starts it anew; nothing is mounted in it afterwards.
Result<void> cover_root(Rootfs& rootfs);
/// Replaces `dir` by a layer above it. Errors: with `wants_layer` set where cover_root() must be
/// called first.
Result<void> cover_directory(Rootfs& rootfs, sys::InRoot& dir);
/// True if `file` lies on the root file system's own mount.
Result<bool> on_root_mount(Rootfs& rootfs, const sys::Fd& file);

// child_mounts.cpp

/// "mounts[2] on /proc"
std::string name_of(const plan::MountStep& step);
/// With Layer::Mirror, mount points may be made in what the bundle mounts itself.
Result<void> note_own(Rootfs& rootfs, const sys::Fd& tree);

// child_filesystems.cpp

/// Makes the file system of a step and mounts it on its target.
Result<void> attach_filesystem(Rootfs& rootfs, const plan::MountStep& step);

// child_copy_up.cpp

/// Copies what the directory `from` holds into the empty directory `to` (tmpcopyup).
Result<void> copy_up(const sys::Fd& from, const sys::Fd& to);

// child_devices.cpp

/// Fills a tmpfs that is to be /dev with links, directories and places for nodes, before it is
/// attached.
Result<void> furnish_dev(Rootfs& rootfs, const sys::MountTree& dev);
/// Makes our /dev read-only where its mount says so: after the last thing was put into it.
Result<void> seal_dev(Rootfs& rootfs);
/// True for the names that furnish_dev() gives to symbolic links: mount(2) would follow them.
bool is_dev_link(std::string_view name);
/// Attaches the nodes to the tmpfs attached as `rootfs.dev`.
Result<void> attach_devices(Rootfs& rootfs);
/// Nodes and links in the root's own /dev, for bundles that mount nothing there.
Result<void> fill_root_dev(Rootfs& rootfs);
/// `rootfs.null`, opened and proven if no device brought it.
Result<const sys::Fd*> proven_null(Rootfs& rootfs);

// child_console.cpp

/// Makes the place for the console in the root's own `dev` where there will be one: while a layer
/// can still be put above.
Result<void> prepare_console(Rootfs& rootfs, sys::InRoot& dev);

// child_attributes.cpp

/// Applies a step's attributes and propagation to a tree that is not attached yet; locked flags
/// that can't be cleared stay, with a notice.
Result<void> apply_attributes(Rootfs& rootfs, const plan::MountStep& step, const sys::Fd& tree);

/// Clones a bind mount's source with the step's attributes on it.
Result<sys::MountTree> clone_source(Rootfs& rootfs, const plan::MountStep& step);

template <class Make>
Result<void> make_in(Rootfs& rootfs, sys::InRoot& dir, Make make) {
  if (TRY(may_create_in(rootfs, dir))) {
    auto made = make(dir);
    if (made || !is_refusal(made.error())) return made;
  }
  TRY(cover_directory(rootfs, dir));
  return make(dir);
}

}  // namespace wolffia::launch
