// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/result.hpp"
#include "launch/stage.hpp"
#include "sys/fd.hpp"
#include "sys/fd_batch.hpp"
#include "sys/mount.hpp"

namespace wolffia::launch {

/// Mounts by descriptor on every kernel: made or cloned where nobody sees them, changed, then
/// attached in one step. Chooses between the calls for detached trees and the Stage.
class Trees {
 public:
  /// `host_proc` is what open_host_proc() gives; it is filled in before the first use and outlives
  /// this.
  explicit Trees(const sys::Fd& host_proc) : stage_(host_proc) {}
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;

  /// Clones the mount at a path of the caller's, with `change` made to it, or to all of it when
  /// recursive. Errors: as sys::clone_tree() and change().
  Result<sys::MountTree> clone(const char* path, sys::Recurse recurse, sys::Follow follow,
                               const sys::AttributeChange& change = {});
  /// The same for what `source`, which lies in our mount namespace, refers to.
  Result<sys::MountTree> clone(const sys::Fd& source, sys::Recurse recurse,
                               const sys::AttributeChange& change = {});

  /// Makes a file system. Errors: EPERM when a user namespace may not; in the words of the file
  /// system where it has any ("tmpfs: Bad value for 'size'").
  Result<sys::MountTree> make(const FilesystemRequest& request);

  /// Makes a file system right on the directory `name` of `dir`, never detached: a third of the
  /// calls. `name` is "." for `dir` itself, or the name of a directory in one of ours, where it
  /// can't be a symbolic link. Errors: as mount(2) has them, without a word of the file system's:
  /// make() and attach() tell what was wrong.
  Result<void> make_at(const FilesystemRequest& request, const sys::Fd& dir, const char* name);

  /// Changes attributes and propagation of a tree. Errors: EPERM when a locked flag would be
  /// cleared.
  Result<void> change(const sys::Fd& tree, const sys::AttributeChange& change,
                      sys::Recurse recurse);

  /// Attaches `tree` on top of `target`; afterwards its descriptor refers to the attached mount.
  Result<void> attach(const sys::MountTree& tree, const sys::Fd& target);
  /// The same for an entry of a directory, never through a symbolic link.
  Result<void> attach_at(const sys::MountTree& tree, const sys::Fd& dir, const char* name);

  /// Closes `fd` with others, at some time.
  void done_with(sys::Fd fd) { done_.add(std::move(fd)); }

  Stage& stage() { return stage_; }

 private:
  Result<sys::MountTree> clone_only(const char* path, sys::Recurse recurse, sys::Follow follow);
  Result<sys::MountTree> clone_only(const sys::Fd& source, sys::Recurse recurse);
  Result<sys::MountTree> changed(Result<sys::MountTree> cloned, const sys::AttributeChange& change,
                                 sys::Recurse recurse);
  Result<sys::MountTree> make_detached(const FilesystemRequest& request);

  Stage stage_;
  sys::FdBatch done_;
};

}  // namespace wolffia::launch
