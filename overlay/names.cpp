// SPDX-License-Identifier: Apache-2.0
// Operations that make and remove names.
#include <fcntl.h>

#include "overlay/marks.hpp"
#include "overlay/overlay.hpp"
#include "sys/data.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/path.hpp"
#include "sys/umask.hpp"

namespace wolffia::overlay {
namespace {

constexpr const char* kDefaultAcl = "system.posix_acl_default";
constexpr const char* kStagedName = "new";

Result<void> check_name(const std::string& name) {
  if (!is_mark(name)) return {};
  return Error::because(EPERM, "names that begin with \".wh.\" are marks of layers");
}

void count_again(Node& directory) {
  const std::lock_guard lock(directory.mutex);
  directory.subdirectories = -1;
}

}  // namespace

/// The group of a set-group-ID directory is handed on, and so is the bit to directories.
Result<Wanted> Overlay::wanted(const LayerDir& parent, const Making& making,
                               const Caller& caller) const {
  const auto uid = stack_->ids().uid_outside(caller.uid);
  const auto gid = stack_->ids().gid_outside(caller.gid);
  if (!uid || !gid) return Error::because(EOVERFLOW, "no range of ids has the caller's");
  Wanted wanted{*uid, *gid, making.mode, making.device};
  const struct stat raw = TRY(parent.status(""));
  const struct stat above = stack_->stored(parent, kUpper, "", raw);
  if (above.st_mode & S_ISGID) {
    wanted.gid = above.st_gid;
    if (S_ISDIR(making.mode)) wanted.mode |= S_ISGID;
  }
  return wanted;
}

/// The file system itself applies the umask, or the default ACL of the directory in its place.
Result<Overlay::Made> Overlay::make_in(sys::FileAt at, const Wanted& wanted,
                                       const Making& making) const {
  Made made;
  upper_->forget(at);
  if (making.open_flags)
    made.file = TRY(sys::create_file(at, wanted.mode & 0777, *making.open_flags));
  else if (S_ISDIR(wanted.mode))
    TRY(sys::make_directory(at.dir, at.name, wanted.mode & 07777));
  else
    TRY(upper_->make(at, wanted, making.target));
  made.raw = TRY(made.file ? sys::stat_fd(made.file) : sys::stat_of(at));
  Wanted dressed = wanted;
  dressed.mode = (wanted.mode & S_IFMT) | (made.raw.st_mode & 0777) | (wanted.mode & 07000);
  if (making.target) dressed.mode = made.raw.st_mode;
  auto changed = upper_->dress(at, dressed, made.raw);
  if (!changed) {
    (void)(S_ISDIR(wanted.mode) ? upper_->remove_directory(at) : upper_->remove(at));
    return std::move(changed).error();
  }
  if (*changed) made.raw = TRY(sys::stat_of(at));
  return made;
}

/// In the place of a whiteout: made in a directory that hands on the same ACL, then moved.
Result<Overlay::Made> Overlay::make_over(const LayerDir& dir, const char* name,
                                         const Wanted& wanted, const Making& making,
                                         bool merged) const {
  const Upper::Staged staged = upper_->stage();
  TRY(sys::make_directory(staged.file().dir, staged.file().name, S_IRWXU));
  if (const auto acl = dir.attribute("", kDefaultAcl))
    TRY(sys::set_attribute_of(staged.file(), kDefaultAcl, *acl, 0));
  const sys::Fd inside = TRY(sys::open_directory(staged.file().dir, staged.file().name));
  const sys::FileAt at{inside, kStagedName};
  Made made = TRY(make_in(at, wanted, making));
  const sys::FileAt to{*dir.fd(), name};
  if (S_ISDIR(wanted.mode) && merged) TRY(upper_->make_opaque(at));
  TRY(S_ISDIR(wanted.mode) ? upper_->put_directory(at, to) : upper_->put(at, to));
  return made;
}

Result<Overlay::Made> Overlay::make_named(const LayerDir& dir, const NodePtr& parent,
                                          const std::string& name, const Making& making,
                                          const Caller& caller) {
  const Wanted wanted = TRY(this->wanted(dir, making, caller));
  TRY(sys::set_thread_umask(caller.umask));
  const bool merged = layers_of(*parent).merged();
  if (!merged || !has_whiteout_beside(dir, name.c_str())) {
    auto made = make_in({*dir.fd(), name.c_str()}, wanted, making);
    if (made || !made.error().is(EEXIST)) return made;
  }
  if (TRY(merge_.look_up(parent, name.c_str()))) return Error::because(EEXIST, "it exists");
  return make_over(dir, name.c_str(), wanted, making, merged);
}

/// A file that was just made: nothing is noted on it that had to be looked for.
Seen Overlay::seen_new(const NodePtr& parent, const std::string& name, const LayerDir& dir,
                       const struct stat& raw) {
  const mode_t mode = stack_->stored(dir, kUpper, name.c_str(), raw).st_mode;
  Seen seen;
  seen.node = tree_.add(parent, name,
                        {stack_->plain_inode(kUpper, raw.st_ino), mode, kUpper, std::nullopt});
  seen.attributes = shown(seen.node, dir, kUpper, name.c_str(), raw);
  return seen;
}

Result<Seen> Overlay::make(const NodePtr& parent, const std::string& name, const Making& making,
                           const Caller& caller) {
  TRY(check_name(name));
  if (S_ISCHR(making.mode) && making.device == 0)
    return Error::because(EPERM, "it would be a whiteout: see ovl_mknod() in fs/overlayfs/dir.c");
  const std::shared_lock lock(shape_);
  const LayerDirPtr dir = TRY(copy_up_.upper_directory(parent));
  const Made made = TRY(make_named(*dir, parent, name, making, caller));
  if (S_ISDIR(making.mode)) count_again(*parent);
  return seen_new(parent, name, *dir, made.raw);
}

Result<Opened> Overlay::create(const NodePtr& parent, const std::string& name, const Making& making,
                               const Caller& caller) {
  TRY(check_name(name));
  const std::shared_lock lock(shape_);
  const LayerDirPtr dir = TRY(copy_up_.upper_directory(parent));
  Making open = making;
  open.open_flags = flags_in_upper(making.open_flags.value_or(O_RDWR)) & ~O_TRUNC;
  Made made = TRY(make_named(*dir, parent, name, open, caller));
  Opened opened;
  opened.seen = seen_new(parent, name, *dir, made.raw);
  using Use = FileHandle::Use;
  const bool writes = (*open.open_flags & O_ACCMODE) != O_RDONLY;
  const auto handle =
      std::make_shared<FileHandle>(opened.seen.node, writes ? Use::Writes : Use::Reads);
  handle->content = host_content(std::move(made.file));
  opened.handle = files_.add(handle);
  return opened;
}

Result<Seen> Overlay::link(const NodePtr& node, const NodePtr& parent, const std::string& name) {
  TRY(check_name(name));
  const auto shape = TRY(copy_up_.shape_for_change(node));
  const Place place = TRY(copy_up_.upper_place(node));
  const LayerDirPtr dir = TRY(copy_up_.upper_directory(parent));
  const sys::FileAt at{*dir->fd(), name.c_str()};
  auto linked = upper_->link(place.at(), at);
  if (!linked && linked.error().is(EEXIST)) {
    if (TRY(merge_.look_up(parent, name.c_str()))) return Error::because(EEXIST, "it exists");
    const Upper::Staged staged = upper_->stage();
    TRY(upper_->link(place.at(), staged.file()));
    linked = upper_->put(staged.file(), at);
  }
  TRY(std::move(linked));
  upper_->unhide(at);
  const struct stat raw = TRY(dir->status(name.c_str()));
  tree_.know_as(*node, {kUpper, raw.st_ino});
  tree_.add_name(node, parent, name);
  return Seen{node, shown(node, *dir, kUpper, name.c_str(), raw)};
}

/// What is open stays usable: it is found without its name from now on.
Result<void> Overlay::keep(Node& node, const LayerDirPtr& dir, const std::string& name) {
  if (!dir->fd()) {
    node.kept = std::make_unique<Kept>(Kept{dir, name});
    return {};
  }
  auto held = sys::path_of({*dir->fd(), name.c_str()});
  if (!held && held.error().is(EMFILE)) return {};  // then who has it open only loses its status
  sys::Fd fd = TRY(std::move(held));
  node.kept = std::make_unique<Kept>(Kept{host_directory(std::move(fd)), {}});
  return {};
}

/// A name of a file is about to go, or to be another file's: its others are to be counted again.
void Overlay::lose_name(Node& node, const LayerDir& dir, const std::string& name) {
  if (node.layers.in_upper() || node.is_directory()) return;
  const auto raw = dir.status(name.c_str());
  if (!raw || raw->st_nlink <= 1) return;
  upper_->expect_hidden_links();
  node.names_hidden = -1;
}

/// The file at `at` stands for the device from now on.
Result<void> Overlay::become(sys::FileAt at, const Noted& noted) {
  const Wanted wanted{noted.uid, noted.gid, noted.mode, noted.device};
  TRY(upper_->dress(at, wanted, TRY(sys::stat_of(at))));
  return {};
}

Result<void> Overlay::unlink(const NodePtr& parent, const std::string& name) {
  if (!upper_) return Error::because(EROFS, "the mount has no upperdir");
  const std::shared_lock shape(shape_);
  const Counted counted(tree_, TRY(copy_up_.existing(parent, name)));
  const NodePtr& node = counted.node();
  if (node->is_directory()) return Error::because(EISDIR, "it is a directory");
  const LayerDirPtr upper = TRY(copy_up_.upper_directory(parent));
  const bool below = TRY(merge_.look_below(parent, kUpper, name.c_str())).has_value();
  const std::lock_guard lock(node->mutex);
  const LayerDirPtr dir = TRY(directories_.open(parent, node->layers.top()));
  const bool last = tree_.places(*node).size() <= 1;
  if (last) TRY(keep(*node, dir, name));
  lose_name(*node, *dir, name);
  const sys::FileAt at{*upper->fd(), name.c_str()};
  auto gone = last && node->becomes ? become(at, *node->becomes)
              : below               ? upper_->hide(at)
                                    : upper_->remove(at);
  if (!gone) {
    node->kept.reset();
    return gone;
  }
  tree_.remove_name(*parent, name);
  return {};
}

Result<void> Overlay::remove_directory(const NodePtr& parent, const std::string& name) {
  if (!upper_) return Error::because(EROFS, "the mount has no upperdir");
  const std::shared_lock shape(shape_);
  const Counted counted(tree_, TRY(copy_up_.existing(parent, name)));
  const NodePtr& node = counted.node();
  if (!node->is_directory()) return Error::because(ENOTDIR, "it is no directory");
  TRY(merge_.check_empty(node));
  const LayerDirPtr upper = TRY(copy_up_.upper_directory(parent));
  const bool below = TRY(merge_.look_below(parent, kUpper, name.c_str())).has_value();
  const std::lock_guard lock(node->mutex);
  TRY(keep(*node, TRY(directories_.open(parent, node->layers.top())), name));
  const sys::FileAt at{*upper->fd(), name.c_str()};
  auto gone = below ? upper_->hide(at) : upper_->remove_directory(at);
  if (!gone) {
    node->kept.reset();
    return gone;
  }
  tree_.remove_name(*parent, name);
  directories_.forget(*node);
  count_again(*parent);
  return {};
}

Result<void> Overlay::sync_directory(const NodePtr& node) {
  if (!syncs() || !layers_of(*node).in_upper()) return {};
  std::shared_lock shape(shape_);
  const Place place = TRY(copy_up_.place(node));
  const sys::Fd opened = TRY(sys::open_again(place.at(), O_RDONLY | O_DIRECTORY));
  shape.unlock();
  return sys::sync_contents(opened, sys::SyncWhat::Everything);
}

}  // namespace wolffia::overlay
