// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "overlay/confine.hpp"
#include "overlay/copy_up.hpp"
#include "overlay/handles.hpp"

namespace wolffia::overlay {

/// Who asks.
struct Caller {
  uint32_t uid = 0;
  uint32_t gid = 0;
  mode_t umask = 0;
};

/// A file as an answer shows it. It was counted as looked up where it comes from a name.
struct Seen {
  NodePtr node;
  struct stat attributes {};
};

/// A file that was made and is open.
struct Opened {
  Seen seen;
  uint64_t handle = 0;
};

/// What a name is to be made.
struct Making {
  mode_t mode = 0;  // with S_IFMT
  dev_t device = 0;
  const char* target = nullptr;   // of a symbolic link
  std::optional<int> open_flags;  // of a regular file that is to be open: as in open(2)
};

/// Somebody who changes a file and may not keep its set-user-ID bit. Further groups are not known.
struct Changer {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Which attributes are to change.
struct Changes {
  std::optional<mode_t> mode;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  std::optional<uint64_t> size;
  std::optional<timespec> accessed;  // UTIME_NOW in tv_nsec: now
  std::optional<timespec> modified;
  /// Whose change takes set-user-ID and set-group-ID, unless `mode` says what is to be.
  std::optional<Changer> changed_by;
};

/// The union of the layers, as operations on nodes. Every method may be called by several threads
/// at once; errors are those of the system call that asks for it.
class Overlay {
 public:
  static Result<std::unique_ptr<Overlay>> open(const Options& options);

  const Options& options() const { return stack_->options(); }
  /// Whether anything waits for the disk.
  bool syncs() const { return options().sync && options().durable; }
  /// What serving takes; `opens_device`: the threads open /dev/fuse.
  Reachable reachable(bool opens_device) const;
  /// Errors: ESTALE for a number that nothing has.
  Result<NodePtr> node(uint64_t id) const;
  void forget(uint64_t id, uint64_t lookups) { tree_.forget(id, lookups); }

  /// Nothing where no layer shows the name.
  Result<std::optional<Seen>> look_up(const NodePtr& parent, const std::string& name);
  Result<struct stat> attributes(const NodePtr& node);
  Result<std::string> link_text(const NodePtr& node);
  Result<struct stat> change(const NodePtr& node, const Changes& changes);
  /// What a write of somebody without privilege does to the mode of a file.
  Result<void> take_set_ids(const NodePtr& node, Changer changer);
  Result<struct statvfs> filesystem() const;

  Result<Seen> make(const NodePtr& parent, const std::string& name, const Making& making,
                    const Caller& caller);
  /// The same for a regular file, which is open then.
  Result<Opened> create(const NodePtr& parent, const std::string& name, const Making& making,
                        const Caller& caller);
  Result<Seen> link(const NodePtr& node, const NodePtr& parent, const std::string& name);
  Result<void> unlink(const NodePtr& parent, const std::string& name);
  Result<void> remove_directory(const NodePtr& parent, const std::string& name);
  struct Name {
    const NodePtr& parent;
    const std::string& name;
  };
  /// `flags` as in renameat2(2).
  Result<void> rename(const Name& from, const Name& to, unsigned flags);

  Result<std::string> attribute(const NodePtr& node, const std::string& key);
  Result<std::vector<std::string>> attribute_names(const NodePtr& node);
  Result<void> set_attribute(const NodePtr& node, const std::string& key, std::string_view value,
                             int flags);
  Result<void> remove_attribute(const NodePtr& node, const std::string& key);

  /// `flags` as in open(2). Returns the handle's number.
  Result<uint64_t> open_file(const NodePtr& node, int flags);
  /// Both ends of a handle are the file as it is now, in the upper layer or below.
  Result<std::shared_ptr<const Content>> content(uint64_t handle);
  /// SEEK_DATA or SEEK_HOLE. Errors: EINVAL where it cannot be told; ENXIO.
  Result<uint64_t> seek(uint64_t handle, uint64_t offset, int whence);
  void close_file(uint64_t handle) { files_.remove(handle); }

  /// An ioctl(2) on the file whose argument is `argument`.
  Result<int> control(const NodePtr& node, unsigned code, void* argument, bool changes);

  Result<uint64_t> open_directory(const NodePtr& node);
  Result<std::shared_ptr<DirectoryHandle>> directory(uint64_t handle, bool from_start);
  void close_directory(uint64_t handle) { open_directories_.remove(handle); }
  /// An entry of a listing as look_up() would give it, without looking in every layer again.
  Result<std::optional<Seen>> look_up_listed(const NodePtr& parent, const Listed& entry);
  /// Makes what was done to a directory outlive a loss of power.
  Result<void> sync_directory(const NodePtr& node);
  Readers& readers() { return readers_; }
  /// The number that an entry is shown with.
  uint64_t inode(const Listed& entry) const {
    return stack_->plain_inode(entry.layer, entry.inode);
  }

 private:
  explicit Overlay(std::unique_ptr<Stack> stack, std::unique_ptr<Upper> upper);

  Result<std::shared_lock<CopyUp::Shape>> hold_shape() const { return std::shared_lock(shape_); }
  struct stat shown(const NodePtr& node, const LayerDir& dir, LayerIndex layer, const char* name,
                    const struct stat& raw);
  int flags_in_upper(int flags) const;
  Result<std::string> note(const NodePtr& node);
  Result<void> set_note(const NodePtr& node, std::string_view text);
  Result<void> prepare_device(const NodePtr& node, const Noted& noted);
  Result<void> change_owner(const Place& place, const Changes& changes);
  bool only_tells_times(const NodePtr& node, const Changes& changes);
  Result<uint32_t> subdirectories(const NodePtr& node);
  Seen known(const NodePtr& parent, const std::string& name, const LayerDir& dir,
             const Layers& layers, const struct stat& raw);
  /// attributes() for who holds shape_ already.
  Result<struct stat> attributes_now(const NodePtr& node);
  void lose_name(Node& node, const LayerDir& dir, const std::string& name);
  nlink_t links_hidden(Node& node, const RawInode& raw);
  Result<void> become(sys::FileAt at, const Noted& noted);
  Result<void> keep(Node& node, const LayerDirPtr& dir, const std::string& name);
  Result<Wanted> wanted(const LayerDir& parent, const Making& making, const Caller& caller) const;
  /// What was made, as the upper layer has it, and the file itself where it is to be open.
  struct Made {
    struct stat raw {};
    sys::Fd file;
  };
  Result<Made> make_over(const LayerDir& dir, const char* name, const Wanted& wanted,
                         const Making& making, bool merged) const;
  Result<Made> make_in(sys::FileAt at, const Wanted& wanted, const Making& making) const;
  Result<Made> make_named(const LayerDir& dir, const NodePtr& parent, const std::string& name,
                          const Making& making, const Caller& caller);
  Seen seen_new(const NodePtr& parent, const std::string& name, const LayerDir& dir,
                const struct stat& raw);
  /// The files of a rename, counted as looked up; `target` is null where nothing is there.
  struct Renamed {
    Counted moved;
    Counted replaced;
    const NodePtr& node() const { return moved.node(); }
    const NodePtr& target() const { return replaced.node(); }
    bool is_one_file() const { return node() == target(); }
  };
  Result<Renamed> find_renamed(const Name& from, const Name& to, unsigned flags);
  Result<void> copy_ahead(const Name& from, const Name& to, unsigned flags);
  Result<void> replace(const Name& from, const Name& to, const NodePtr& node,
                       const NodePtr& target);
  Result<void> check_moves(const NodePtr& node) const;
  Result<void> bring_for_rename(const NodePtr& node);
  Result<void> check_target(const NodePtr& node, const NodePtr& target, unsigned flags);
  Result<void> move_in_upper(const Name& from, const Name& to, const NodePtr& node,
                             const NodePtr& target);
  Result<void> exchange_in_upper(const Name& from, const Name& to, const NodePtr& node,
                                 const NodePtr& target);

  const std::unique_ptr<Stack> stack_;
  const std::unique_ptr<Upper> upper_;  // null: nothing can be changed
  Tree tree_;
  Directories directories_;
  Merge merge_;
  /// Where files are: held shared by all that follows names, exclusively by renames.
  mutable std::shared_mutex shape_;
  CopyUp copy_up_;
  Handles<FileHandle> files_;
  Handles<DirectoryHandle> open_directories_;
  Readers readers_;
};

}  // namespace wolffia::overlay
