// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "overlay/id_map.hpp"
#include "overlay/ids.hpp"
#include "overlay/layer.hpp"
#include "overlay/node.hpp"
#include "overlay/options.hpp"
#include "overlay/owner_lists.hpp"
#include "overlay/tree.hpp"

namespace wolffia::overlay {

/// The layers of a mount, open, and what is the same for all files of one.
class Stack {
 public:
  static Result<std::unique_ptr<Stack>> open(const Options& options);
  explicit Stack(const Options& options) : options_(options), ids_(options) {}

  bool writable() const { return layers_[kUpper].root != nullptr; }
  size_t size() const { return layers_.size(); }
  const LayerDirPtr& root(LayerIndex layer) const { return layers_[layer].root; }
  /// What the root of the mount is made of.
  Layers roots() const;

  /// `raw` with the owner, mode and device that are noted, where any are. Ids as they are stored.
  struct stat stored(const LayerDir& dir, LayerIndex layer, const char* name,
                     const struct stat& raw) const;
  /// The same with ids as they are inside: what the mount shows, but for st_ino, and st_nlink of
  /// directories.
  struct stat shown(const LayerDir& dir, LayerIndex layer, const char* name,
                    const struct stat& raw) const;
  /// What the tree is to know of a file that was looked up, `raw` being of its topmost layer.
  Tree::Fresh fresh(const LayerDir& dir, const char* name, const Layers& layers,
                    const struct stat& raw) const;

  /// The number that a file has in the mount: its own, where all layers are of one file system;
  /// else with the number of the file system in its highest bits. Source: overlayfs.rst, "xino".
  uint64_t inode(LayerIndex layer, const LayerDir& dir, const char* name,
                 const struct stat& raw) const;
  /// The same without looking at what was noted when it was copied up.
  uint64_t plain_inode(LayerIndex layer, uint64_t number) const;

  /// Whether the owner that is noted is one that the kernel can tell us of.
  bool has_ids_of(const Noted& noted) const;

  /// Whether nobody but root exists.
  bool has_one_id() const { return uids_.has_one(); }

  /// What is noted of a file whose status is `raw`, in an attribute of it or in a list.
  std::optional<Noted> note_of(const LayerDir& dir, LayerIndex layer, const char* name,
                               const struct stat& raw) const;
  /// Null where files have attributes of users.
  OwnerLists* lists(LayerIndex layer) const { return layers_[layer].lists.get(); }
  /// Whether files of the upper layer keep attributes was tried.
  void keep_in_lists(bool lists);

  /// From now on owners and modes of the upper layer may be found in notes.
  void expect_notes() { upper_has_notes_ = true; }
  bool has_notes(LayerIndex layer) const {
    return layer == kUpper ? upper_has_notes_.load() : layers_[layer].has_notes;
  }
  const Ids& ids() const { return ids_; }
  const Options& options() const { return options_; }

 private:
  struct Layer {
    LayerDirPtr root;
    bool has_notes = false;   // of a lower one
    unsigned filesystem = 0;  // the same for layers of one file system
    std::unique_ptr<OwnerLists> lists;
  };
  Result<void> add(LayerDirPtr root, std::vector<dev_t>& devices);

  Options options_;
  Ids ids_;
  IdMap uids_, gids_;          // those that the mount can show
  std::vector<Layer> layers_;  // by LayerIndex; without an upper layer the first is empty
  bool one_filesystem_ = true;
  std::atomic<bool> upper_has_notes_{false};  // set at the first note, never taken back
};

/// Where a privileged daemon notes owners and modes.
inline constexpr const char* kPrivilegedNoteAttribute = "security.fuseoverlayfs.override_stat";
/// Where a copy keeps the number of the file it was made of; hidden by the kernel's overlayfs too.
inline constexpr const char* kInodeAttribute = "user.overlay.wolffia.inode";

}  // namespace wolffia::overlay
