// SPDX-License-Identifier: Apache-2.0
// Renaming. What is renamed lies wholly in the upper layer first; the last step is one rename(2).
#include <fcntl.h>
#include <stdio.h>

#include <mutex>
#include <utility>

#include "overlay/marks.hpp"
#include "overlay/overlay.hpp"
#include "sys/directory.hpp"

namespace wolffia::overlay {

Result<void> Overlay::check_moves(const NodePtr& node) const {
  const Layers layers = layers_of(*node);
  const bool has_lower = !layers.in_upper() || layers.merged();
  if (node->is_directory() && has_lower && !options().rename_directories)
    return Error::because(EXDEV, "redirect_dir=off: a directory of the lower layers stays");
  return {};
}

Result<void> Overlay::bring_for_rename(const NodePtr& node) {
  if (node->is_directory()) return copy_up_.whole(node);
  TRY(copy_up_.upper_place(node));
  return {};
}

Result<void> Overlay::check_target(const NodePtr& node, const NodePtr& target, unsigned flags) {
  if (flags & RENAME_EXCHANGE) return {};
  if (flags & RENAME_NOREPLACE) return Error::because(EEXIST, "it exists");
  if (target->is_directory() && !node->is_directory())
    return Error::because(EISDIR, "a directory is there");
  if (!target->is_directory() && node->is_directory())
    return Error::because(ENOTDIR, "no directory is there");
  if (target->is_directory()) return merge_.check_empty(target);
  return {};
}

Result<void> Overlay::exchange_in_upper(const Name& from, const Name& to, const NodePtr& node,
                                        const NodePtr& target) {
  TRY(bring_for_rename(target));
  const LayerDirPtr old_dir = TRY(copy_up_.upper_directory(from.parent));
  const LayerDirPtr new_dir = TRY(copy_up_.upper_directory(to.parent));
  const sys::FileAt one{*old_dir->fd(), from.name.c_str()};
  const sys::FileAt other{*new_dir->fd(), to.name.c_str()};
  if (node->is_directory()) TRY(upper_->make_opaque(one));
  if (target->is_directory()) TRY(upper_->make_opaque(other));
  TRY(upper_->move(one, other, RENAME_EXCHANGE));
  tree_.exchange(from.parent, from.name, to.parent, to.name);
  return {};
}

/// A directory cannot be renamed over a whiteout, so the two change places, and the whiteout is
/// where the directory was: it stays there if something is to be hidden.
Result<void> Overlay::move_in_upper(const Name& from, const Name& to, const NodePtr& node,
                                    const NodePtr& target) {
  const LayerDirPtr old_dir = TRY(copy_up_.upper_directory(from.parent));
  const LayerDirPtr new_dir = TRY(copy_up_.upper_directory(to.parent));
  const sys::FileAt old_at{*old_dir->fd(), from.name.c_str()};
  const sys::FileAt new_at{*new_dir->fd(), to.name.c_str()};
  const bool below = TRY(merge_.look_below(from.parent, kUpper, from.name.c_str())).has_value();
  if (node->is_directory() && layers_of(*to.parent).merged()) TRY(upper_->make_opaque(old_at));

  const auto there = sys::stat_of(new_at);
  const bool is_full = target && target->is_directory() && there && S_ISDIR(there->st_mode);
  if (is_full && !upper_->has_attributes()) {  // its mark is a file, so it is never empty
    TRY(sys::rename_with(old_at, new_at, RENAME_EXCHANGE));
    return below ? upper_->hide(old_at) : upper_->remove_directory(old_at);
  }
  if (is_full) TRY(upper_->clear(new_at));
  if (node->is_directory() && there && !S_ISDIR(there->st_mode)) {  // a whiteout
    TRY(sys::rename_with(old_at, new_at, RENAME_EXCHANGE));
    if (!below) TRY(sys::remove_entry(old_at.dir, old_at.name));
  } else {
    TRY(below ? upper_->rename_and_hide(old_at, new_at) : upper_->move(old_at, new_at, 0));
  }
  upper_->unhide(new_at);
  return {};
}

Result<Overlay::Renamed> Overlay::find_renamed(const Name& from, const Name& to, unsigned flags) {
  Counted moved(tree_, TRY(copy_up_.existing(from.parent, from.name)));
  auto there = copy_up_.existing(to.parent, to.name);
  if (!there && !there.error().is(ENOENT)) return std::move(there).error();
  Counted replaced(tree_, there ? std::move(there).value() : nullptr);
  const NodePtr& node = moved.node();
  const NodePtr& target = replaced.node();
  if (target != node) {
    if (target) TRY(check_target(node, target, flags));
    if (!target && (flags & RENAME_EXCHANGE)) return Error::because(ENOENT, "nothing is there");
    TRY(check_moves(node));
    if (flags & RENAME_EXCHANGE) TRY(check_moves(target));
  }
  return Renamed{std::move(moved), std::move(replaced)};
}

/// What takes long of a rename, which then begins again: others rename meanwhile.
Result<void> Overlay::copy_ahead(const Name& from, const Name& to, unsigned flags) {
  std::shared_lock shape(shape_);
  const Renamed found = TRY(find_renamed(from, to, flags));
  shape.unlock();
  if (found.is_one_file()) return {};
  copy_up_.ahead(found.node());
  if (flags & RENAME_EXCHANGE) copy_up_.ahead(found.target());
  return {};
}

Result<void> Overlay::rename(const Name& from, const Name& to, unsigned flags) {
  if (!upper_) return Error::because(EROFS, "the mount has no upperdir");
  if (is_mark(to.name))
    return Error::because(EPERM, "names that begin with \".wh.\" are marks of layers");
  if (flags & ~unsigned{RENAME_NOREPLACE | RENAME_EXCHANGE})
    return Error::because(EINVAL, "flags of renameat2");
  TRY(copy_ahead(from, to, flags));
  const std::unique_lock shape(shape_);
  const Renamed found = TRY(find_renamed(from, to, flags));
  if (found.is_one_file()) return {};  // two names of it: rename(2)
  const NodePtr& node = found.node();
  const NodePtr& target = found.target();
  TRY(bring_for_rename(node));
  TRY(flags & RENAME_EXCHANGE ? exchange_in_upper(from, to, node, target)
                              : replace(from, to, node, target));
  const bool directories = node->is_directory() || (target && target->is_directory());
  for (const NodePtr& parent : {from.parent, to.parent}) {
    if (!directories) break;  // as many as before
    const std::lock_guard lock(parent->mutex);
    parent->subdirectories = -1;
  }
  return {};
}

/// `target` is null where nothing is there.
Result<void> Overlay::replace(const Name& from, const Name& to, const NodePtr& node,
                              const NodePtr& target) {
  const bool last = target && (target->is_directory() || tree_.places(*target).size() <= 1);
  if (target) {
    const std::lock_guard lock(target->mutex);
    const LayerDirPtr dir = TRY(directories_.open(to.parent, target->layers.top()));
    if (last) TRY(keep(*target, dir, to.name));
    lose_name(*target, *dir, to.name);
  }
  auto done = move_in_upper(from, to, node, target);
  if (!done && last) target->kept.reset();
  TRY(std::move(done));
  if (target && target->is_directory()) directories_.forget(*target);
  tree_.move(from.parent, from.name, to.parent, to.name);
  return {};
}

}  // namespace wolffia::overlay
