// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "overlay/answer.hpp"
#include "overlay/raw_requests.hpp"

namespace wolffia::overlay {
namespace {

void on_getattr(fuse_req_t request, fuse_ino_t id, fuse_file_info*) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const struct stat status = TRY(overlay.attributes(TRY(overlay.node(id))));
    (void)::fuse_reply_attr(request, &status, overlay.options().timeout);
    return {};
  });
}

std::optional<timespec> time_of(int set, int now, int given, timespec time) {
  if (set & now) return timespec{0, UTIME_NOW};
  if (set & given) return time;
  return std::nullopt;
}

Changes changes_of(const struct stat& wanted, int set) {
  Changes changes;
  if (set & FUSE_SET_ATTR_MODE) changes.mode = wanted.st_mode;
  if (set & FUSE_SET_ATTR_UID) changes.uid = wanted.st_uid;
  if (set & FUSE_SET_ATTR_GID) changes.gid = wanted.st_gid;
  if (set & FUSE_SET_ATTR_SIZE) changes.size = static_cast<uint64_t>(wanted.st_size);
  changes.accessed = time_of(set, FUSE_SET_ATTR_ATIME_NOW, FUSE_SET_ATTR_ATIME, wanted.st_atim);
  changes.modified = time_of(set, FUSE_SET_ATTR_MTIME_NOW, FUSE_SET_ATTR_MTIME, wanted.st_mtim);
  return changes;
}

/// What the kernel makes of chown(2) to nobody in particular, and sends ahead of a change of the
/// contents for which it has no flag (fallocate, copy_file_range) when that takes set-user-ID bits.
/// Source: fuse_setattr() in fs/fuse/dir.c, file_remove_privs() in fs/inode.c.
bool names_nothing(int set) {
  constexpr int kNamed = FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID |
                         FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME |
                         FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;
  return (set & kNamed) == 0;
}

void on_setattr(fuse_req_t request, fuse_ino_t id, struct stat* wanted, int set,
                fuse_file_info*) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const NodePtr node = TRY(overlay.node(id));
    Changes changes = changes_of(*wanted, set);
    if (kills_set_ids() || names_nothing(set)) changes.changed_by = changer_of(request);
    const struct stat status = TRY(overlay.change(node, changes));
    (void)::fuse_reply_attr(request, &status, overlay.options().timeout);
    return {};
  });
}

/// A `size` of 0 asks how long the value is.
Result<void> reply_value(fuse_req_t request, std::string_view value, size_t size) {
  if (size == 0) {
    (void)::fuse_reply_xattr(request, value.size());
    return {};
  }
  if (value.size() > size) return Error::because(ERANGE, "the buffer is too small");
  (void)::fuse_reply_buf(request, value.data(), value.size());
  return {};
}

void on_getxattr(fuse_req_t request, fuse_ino_t id, const char* key, size_t size) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const std::string value = TRY(overlay.attribute(TRY(overlay.node(id)), key));
    return reply_value(request, value, size);
  });
}

void on_listxattr(fuse_req_t request, fuse_ino_t id, size_t size) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    std::string list;
    for (const std::string& name : TRY(overlay.attribute_names(TRY(overlay.node(id)))))
      list.append(name).push_back('\0');
    return reply_value(request, list, size);
  });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are libfuse's
void on_setxattr(fuse_req_t request, fuse_ino_t id, const char* key, const char* value, size_t size,
                 int flags) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    return overlay.set_attribute(TRY(overlay.node(id)), key, {value, size}, flags);
  });
}

void on_removexattr(fuse_req_t request, fuse_ino_t id, const char* key) noexcept {
  answer_status(request, [&](Overlay& overlay) -> Result<void> {
    return overlay.remove_attribute(TRY(overlay.node(id)), key);
  });
}

void on_statfs(fuse_req_t request, fuse_ino_t) noexcept {
  answer(request, [&](Overlay& overlay) -> Result<void> {
    const struct statvfs status = TRY(overlay.filesystem());
    (void)::fuse_reply_statfs(request, &status);
    return {};
  });
}

}  // namespace

void add_attribute_operations(fuse_lowlevel_ops& operations) {
  operations.getattr = on_getattr;
  operations.setattr = on_setattr;
  operations.getxattr = on_getxattr;
  operations.listxattr = on_listxattr;
  operations.setxattr = on_setxattr;
  operations.removexattr = on_removexattr;
  operations.statfs = on_statfs;
}

}  // namespace wolffia::overlay
