// SPDX-License-Identifier: Apache-2.0
// Owners, modes, times, sizes and extended attributes.
#include <fcntl.h>

#include <algorithm>

#include "overlay/acl.hpp"
#include "overlay/forced.hpp"
#include "overlay/marks.hpp"
#include "overlay/overlay.hpp"
#include "sys/data.hpp"
#include "sys/metadata.hpp"

namespace wolffia::overlay {
namespace {

constexpr std::string_view kAclPrefix = "system.posix_acl_";
constexpr std::string_view kOverridePrefix = "user.containers.override_";
/// Where an image file keeps its config. It belongs to the image, whatever is mounted above it.
constexpr std::string_view kImageConfig = "user.wolffia.config";

/// Where an attribute is kept that only a privileged process may give.
std::string override_of(std::string_view key) {
  return cat(kOverridePrefix, key);
}

bool may_be_overridden(std::string_view key) {
  return key.starts_with("security.") || key.starts_with("trusted.");
}

/// Source: setattr_should_drop_suidgid() in fs/attr.c: a set-group-ID bit without execution by the
/// group says something else, and is left to those who are in the group.
mode_t without_set_ids(mode_t mode, bool in_group) {
  const bool group_too = (mode & S_IXGRP) != 0 || !in_group;
  const mode_t taken = S_ISUID | (group_too ? S_ISGID : 0);
  return S_ISDIR(mode) ? mode : mode & ~taken;
}

}  // namespace

/// A kernel with a cache of writes keeps the times of plain files itself, and tells them when it
/// forgets a file of which a name has gone. Nobody will look at those of one without any; that of
/// a lower layer with further ones was not written to, and is not copied to be told so.
/// Source: fuse_flush_times() in fs/fuse/dir.c.
bool Overlay::only_tells_times(const NodePtr& node, const Changes& changes) {
  const bool more = changes.mode || changes.uid || changes.gid || changes.size || changes.accessed;
  if (!upper_ || !options().writeback || more || !changes.modified || node->is_directory())
    return false;
  const std::shared_lock shape(shape_);
  const auto place = copy_up_.place(node);
  const auto raw = place ? place->dir->status(place->name.c_str()) : place.error();
  if (!raw) return false;
  const bool nameless = tree_.place(*node).first == nullptr;
  if (place->layer == kUpper) return nameless && raw->st_nlink == 0;
  if (raw->st_nlink == 1) return nameless;
  const timespec& was = raw->st_mtim;
  const bool is_same =
      changes.modified->tv_sec == was.tv_sec && changes.modified->tv_nsec == was.tv_nsec;
  return is_same && upper_->hides_links() && upper_->has_attributes();
}

Result<void> Overlay::change_owner(const Place& place, const Changes& changes) {
  const struct stat raw = TRY(place.dir->status(place.name.c_str()));
  const struct stat now = stack_->stored(*place.dir, place.layer, place.name.c_str(), raw);
  Wanted wanted{now.st_uid, now.st_gid, now.st_mode, now.st_rdev};
  if (changes.mode)
    wanted.mode = (now.st_mode & S_IFMT) | (*changes.mode & 07777);
  else if (changes.changed_by) {
    const gid_t group = stack_->shown(*place.dir, place.layer, place.name.c_str(), raw).st_gid;
    const Changer& changer = *changes.changed_by;
    // Root of the user namespace has CAP_FSETID over the file: in_group_or_capable(), fs/attr.c.
    wanted.mode = without_set_ids(now.st_mode, changer.uid == 0 || changer.gid == group);
  }
  const Ids& ids = stack_->ids();
  const auto uid = changes.uid ? ids.uid_outside(*changes.uid) : wanted.uid;
  const auto gid = changes.gid ? ids.gid_outside(*changes.gid) : wanted.gid;
  if (!uid || !gid) return Error::because(EINVAL, "no range of ids has the new owner");
  if (!options().squash_uid) wanted.uid = *uid;
  if (!options().squash_gid) wanted.gid = *gid;
  TRY(upper_->dress(place.at(), wanted, raw));
  return {};
}

Result<void> Overlay::take_set_ids(const NodePtr& node, Changer changer) {
  const auto shape = TRY(copy_up_.shape_for_change(node));
  const Place place = TRY(copy_up_.upper_place(node));
  Changes changes;
  changes.changed_by = changer;
  return change_owner(place, changes);
}

Result<struct stat> Overlay::change(const NodePtr& node, const Changes& changes) {
  if (only_tells_times(node, changes)) return attributes(node);
  const Contents contents = changes.size && *changes.size == 0 ? Contents::Leave : Contents::Copy;
  const auto shape = TRY(copy_up_.shape_for_change(node, contents));
  const Place place = TRY(copy_up_.upper_place(node, contents));
  if (changes.size) {
    const sys::Fd file = TRY(open_forced(place.at(), O_WRONLY));
    TRY(sys::set_size(file, *changes.size));
  }
  if (changes.mode || changes.uid || changes.gid || changes.changed_by)
    TRY(change_owner(place, changes));
  if (changes.accessed || changes.modified) {
    const timespec omit{0, UTIME_OMIT};
    const timespec times[2] = {changes.accessed.value_or(omit), changes.modified.value_or(omit)};
    TRY(sys::set_times_of(place.at(), times));
  }
  const struct stat raw = TRY(place.dir->status(place.name.c_str()));
  return shown(node, *place.dir, place.layer, place.name.c_str(), raw);
}

/// The kernel tells us of no owner that does not exist in our user namespace: whoever notes those
/// for a container does it as on any other file system.
Result<std::string> Overlay::note(const NodePtr& node) {
  const std::shared_lock lock(shape_);
  const Place place = TRY(copy_up_.place(node));
  if (stack_->lists(place.layer)) {
    const struct stat raw = TRY(place.dir->status(place.name.c_str()));
    const auto noted = stack_->has_notes(place.layer)
                           ? stack_->note_of(*place.dir, place.layer, place.name.c_str(), raw)
                           : std::nullopt;
    if (noted && !stack_->has_ids_of(*noted)) return noted->text();
    return Error::because(ENODATA, "it belongs to the layers");
  }
  const std::string text = TRY(place.dir->attribute(place.name.c_str(), kNoteAttribute));
  const auto noted = Noted::parse(text);
  if (!noted || stack_->has_ids_of(*noted))
    return Error::because(ENODATA, "it belongs to the layers");
  return text;
}

/// The kernel keeps the kind of a file that it has once seen, so a file becomes a device when its
/// name goes: the next who looks for that finds the device. Only where nobody could use one.
Result<void> Overlay::prepare_device(const NodePtr& node, const Noted& noted) {
  const Place place = TRY(copy_up_.upper_place(node));
  const struct stat raw = TRY(place.dir->status(place.name.c_str()));
  if (!S_ISREG(raw.st_mode) || raw.st_size != 0 || !stack_->has_one_id())
    return Error::because(EPERM, "only an empty file where one id exists becomes a device");
  const std::lock_guard lock(node->mutex);
  node->becomes = std::make_unique<Noted>(noted);
  return {};
}

Result<void> Overlay::set_note(const NodePtr& node, std::string_view text) {
  const auto noted = Noted::parse(text);
  if (noted && noted->is_device()) {
    const auto shape = TRY(copy_up_.shape_for_change(node));
    return prepare_device(node, *noted);
  }
  if (!noted || stack_->has_ids_of(*noted))
    return Error::because(EPERM, "it belongs to the layers");
  const auto shape = TRY(copy_up_.shape_for_change(node));
  const Place place = TRY(copy_up_.upper_place(node));
  const struct stat raw = TRY(place.dir->status(place.name.c_str()));
  const struct stat now = stack_->stored(*place.dir, place.layer, place.name.c_str(), raw);
  const mode_t type = noted->mode & S_IFMT;
  if (type != 0 && type != (now.st_mode & S_IFMT))  // the kernel keeps what it has once seen
    return Error::because(EPERM, "a file becomes no device");
  const mode_t mode = (now.st_mode & S_IFMT) | (noted->mode & 07777);
  const Wanted wanted{noted->uid, noted->gid, mode, now.st_rdev};
  TRY(upper_->dress(place.at(), wanted, raw));
  return {};
}

Result<std::string> Overlay::attribute(const NodePtr& node, const std::string& key) {
  if (!options().attributes) return Error::because(ENOTSUP, "noxattrs");
  if (key.starts_with(kAclPrefix) && !options().acl) return Error::because(ENOTSUP, "noacl");
  if (key == kNoteAttribute) return note(node);
  if (is_private(key)) return Error::because(ENODATA, "it belongs to the layers");
  const std::shared_lock lock(shape_);
  const Place place = TRY(copy_up_.place(node));
  if (key == kImageConfig && node == tree_.root() && stack_->size() > 1)
    if (auto of_image = stack_->root(1)->attribute("", key.c_str())) return of_image;
  auto value = place.dir->attribute(place.name.c_str(), key.c_str());
  // The kernel asks for the list when a mode changes, and would fail with what a layer says that
  // knows no lists. Source: fuse_get_acl() in fs/fuse/acl.c.
  if (!value && value.error().is(ENOTSUP) && key.starts_with(kAclPrefix))
    return Error::because(ENODATA, "a layer without access control lists");
  if (value && key.starts_with(kAclPrefix) && !stack_->ids().identity()) {
    const Ids& ids = stack_->ids();
    auto shown = translate_acl(
        *value, [&](uint32_t id) { return ids.uid_inside(id); },
        [&](uint32_t id) { return ids.gid_inside(id); });
    if (!shown) return Error::because(EIO, "a layer has an access control list that is none");
    return std::move(*shown);
  }
  if (value || !may_be_overridden(key) || !stack_->has_notes(place.layer)) return value;
  auto noted = place.dir->attribute(place.name.c_str(), override_of(key).c_str());
  return noted ? std::move(noted) : std::move(value);
}

Result<std::vector<std::string>> Overlay::attribute_names(const NodePtr& node) {
  if (!options().attributes) return std::vector<std::string>();
  const std::shared_lock lock(shape_);
  const Place place = TRY(copy_up_.place(node));
  auto names = TRY(place.dir->attribute_names(place.name.c_str()));
  std::vector<std::string> shown;
  for (std::string& name : names) {
    const bool overrides = name.starts_with(kOverridePrefix) &&
                           may_be_overridden(std::string_view(name).substr(kOverridePrefix.size()));
    if (overrides) name.erase(0, kOverridePrefix.size());
    const bool hidden = is_private(name) || (!options().acl && name.starts_with(kAclPrefix));
    if (!hidden && std::find(shown.begin(), shown.end(), name) == shown.end())
      shown.push_back(std::move(name));
  }
  return shown;
}

Result<void> Overlay::set_attribute(const NodePtr& node, const std::string& key,
                                    std::string_view value, int flags) {
  if (!options().attributes) return Error::because(ENOTSUP, "noxattrs");
  if (key.starts_with(kAclPrefix) && !options().acl) return Error::because(ENOTSUP, "noacl");
  if (key == kNoteAttribute) return set_note(node, value);
  if (is_private(key)) return Error::because(EPERM, "it belongs to the layers");
  const auto shape = TRY(copy_up_.shape_for_change(node));
  const Place place = TRY(copy_up_.upper_place(node));
  std::optional<std::string> stored;
  if (key.starts_with(kAclPrefix) && !stack_->ids().identity()) {
    const Ids& ids = stack_->ids();
    stored = translate_acl(
        value, [&](uint32_t id) { return ids.uid_outside(id); },
        [&](uint32_t id) { return ids.gid_outside(id); });
    if (!stored) return Error::because(EINVAL, "no range of ids has one of the list's");
    value = *stored;
  }
  auto set = sys::set_attribute_of(place.at(), key.c_str(), value, flags);
  if (set || !set.error().is(EPERM) || !may_be_overridden(key)) return set;
  TRY(upper_->expect_notes());
  return sys::set_attribute_of(place.at(), override_of(key).c_str(), value, flags);
}

Result<void> Overlay::remove_attribute(const NodePtr& node, const std::string& key) {
  if (!options().attributes) return Error::because(ENOTSUP, "noxattrs");
  if (is_private(key)) return Error::because(ENODATA, "it belongs to the layers");
  const auto shape = TRY(copy_up_.shape_for_change(node));
  const Place place = TRY(copy_up_.upper_place(node));
  auto removed = sys::remove_attribute_of(place.at(), key.c_str());
  if (removed || !may_be_overridden(key)) return removed;
  const auto noted = sys::remove_attribute_of(place.at(), override_of(key).c_str());
  return noted ? Result<void>() : std::move(removed);
}

}  // namespace wolffia::overlay
