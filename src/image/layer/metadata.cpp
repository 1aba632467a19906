// SPDX-License-Identifier: Apache-2.0
#include "image/layer/metadata.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "base/noted.hpp"
#include "base/quote.hpp"
#include "sys/metadata.hpp"
#include "sys/session.hpp"

namespace wolffia::image {
namespace {

struct Row {
  std::string_view prefix;
  AttributeRule rule;
};

/// The first that fits. Sources: xattr(7); Documentation/filesystems/overlayfs.rst, "User xattr",
/// and fs/overlayfs/overlayfs.h for what it only notes: buildah's layers have that where it works
/// on the kernel's overlay without being root; fuse-overlayfs(1) for what changes owners and modes
/// there.
constexpr Row kRules[] = {
    {"user.overlay.origin", AttributeRule::Forget},
    {"user.overlay.impure", AttributeRule::Forget},
    {"user.overlay.nlink", AttributeRule::Forget},
    {"user.overlay.uuid", AttributeRule::Forget},
    {"user.overlay.", AttributeRule::Refuse},
    {"trusted.overlay.", AttributeRule::Refuse},
    {"security.overlay.", AttributeRule::Refuse},
    {"user.fuseoverlayfs.", AttributeRule::Refuse},
    {"security.fuseoverlayfs.", AttributeRule::Refuse},
    {"user.containers.", AttributeRule::Refuse},
    {"user.", AttributeRule::Set},
    {"security.capability", AttributeRule::Try},
};

std::string left_out(const std::string& name) {
  return cat("the extended attribute ", quoted_if_needed(name));
}

}  // namespace

void Warnings::add(std::string_view what, std::string_view entry) {
  auto found = std::find_if(warnings_.begin(), warnings_.end(),
                            [&](const Warning& one) { return one.what == what; });
  const bool is_new = found == warnings_.end();
  if (is_new && (warnings_.size() == kMostWarnings || entries_ == kMostWarnings)) return;
  if (is_new) found = warnings_.insert(found, {.what = std::string(what)});
  ++found->count;
  if (entries_ == kMostWarnings) return;
  found->entries.push_back(quoted(entry));
  ++entries_;
}

AttributeRule rule_of(std::string_view name) {
  for (const Row& row : kRules)
    if (name.starts_with(row.prefix)) return row.rule;
  return AttributeRule::Drop;
}

Result<void> check_attributes(const TarEntry& entry) {
  for (const TarAttribute& one : entry.attributes)
    if (rule_of(one.name) == AttributeRule::Refuse)
      return Error::because(EINVAL,
                            cat(left_out(one.name), " would be read by overlay file systems"));
  return {};
}

Result<void> set_attributes(const sys::Fd& file, const TarEntry& entry, Warnings& warnings) {
  for (const TarAttribute& one : entry.attributes) {
    const AttributeRule rule = rule_of(one.name);
    if (rule == AttributeRule::Forget) continue;
    if (rule == AttributeRule::Drop) {
      warnings.add(cat(left_out(one.name), " was left out"), entry.name);
      continue;
    }
    auto set = sys::set_attribute(file, one.name.c_str(), one.value);
    if (set) continue;
    if (set.error().is(ENOTSUP)) {
      warnings.add(cat(left_out(one.name), " was left out, as the file system has none"),
                   entry.name);
    } else if (set.error().is(EPERM) && rule == AttributeRule::Try) {
      warnings.add(cat(left_out(one.name), " was left out, as it may not be set here"), entry.name);
    } else if (set.error().is(ENOSPC)) {  // of the file's own block, as good as always
      return Error::because(
          E2BIG, cat(left_out(one.name), ": the file system has no room for it beside the others"));
    } else {
      return std::move(set).error().context(left_out(one.name));
    }
  }
  return {};
}

Result<void> drop_attributes(const sys::Fd& directory) {
  auto names = sys::attribute_names(directory);
  if (!names && names.error().is(ENOTSUP)) return {};
  if (!names) return std::move(names).error();
  for (const std::string& name : *names)
    if (rule_of(name) == AttributeRule::Set || name == kNoteAttribute)
      TRY(sys::remove_attribute(directory, name.c_str()), left_out(name));
  return {};
}

mode_t mode_of(const TarEntry& entry, Owners owners) {
  const bool open = owners == Owners::Caller && entry.type == TarEntry::Type::Directory;
  return entry.mode | (open ? S_IRWXU : 0U);
}

Result<void> note_owner(const sys::Fd& file, const TarEntry& entry, Owners owners) {
  using Type = TarEntry::Type;
  const bool is_device = entry.type == Type::CharDevice || entry.type == Type::BlockDevice;
  const bool has_owner = owners == Owners::Archive || (entry.uid == 0 && entry.gid == 0);
  if (has_owner && !is_device) return {};
  Noted noted{.uid = entry.uid, .gid = entry.gid, .mode = entry.mode};
  if (is_device) {
    noted.mode |= entry.type == Type::CharDevice ? S_IFCHR : S_IFBLK;
    noted.device = ::makedev(entry.major, entry.minor);
  }
  auto set = sys::set_attribute(file, kNoteAttribute, noted.text());
  if (!set && set.error().is(ENOSPC)) return set;
  return {};
}

Result<void> set_metadata(const sys::Fd& file, const TarEntry& entry, Owners owners,
                          Warnings& warnings) {
  if (owners == Owners::Archive) TRY(sys::change_owner(file, entry.uid, entry.gid));
  TRY(set_attributes(file, entry, warnings));
  TRY(note_owner(file, entry, owners));
  TRY(sys::set_mode(file, mode_of(entry, owners)));
  return sys::set_times(file, entry.modified);
}

}  // namespace wolffia::image
