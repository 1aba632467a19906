// SPDX-License-Identifier: Apache-2.0
#include "cli/user/storage.hpp"

#include <sys/stat.h>

#include "cli/copy_layers.hpp"
#include "launch/overlay.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user {
namespace {

/// The directory `name` of the container, made where it is missing.
Result<sys::Fd> own_directory(const ContainerDir& container, const char* name, mode_t mode) {
  auto made = sys::make_directory(container.fd, name, mode);
  if (!made && !made.error().is(EEXIST)) return std::move(made).error().context(name);
  return sys::open_directory(container.fd, name);
}

/// The root directory itself is the upper's: it looks as that of the topmost layer.
Result<sys::Fd> make_upper(const ContainerDir& container, const Trees& trees) {
  const struct stat top = TRY(sys::stat_fd(trees.back()));
  const bool is_new = !sys::stat_entry(container.fd, "upper");
  sys::Fd upper = TRY(own_directory(container, "upper", S_IRWXU));
  if (is_new) TRY(sys::change_mode(container.fd, "upper", top.st_mode & 07777));
  return upper;
}

Result<void> mount_root(const ContainerDir& container, const Trees& trees,
                        const RootWanted& wanted) {
  const sys::Fd target = TRY(own_directory(container, "merged", S_IRWXU));
  if (wanted.readonly) return launch::mount_overlay({.lowers = trees}, target);
  const sys::Fd upper = TRY(make_upper(container, trees));
  const sys::Fd work = TRY(own_directory(container, "work", S_IRWXU));
  return launch::mount_overlay(
      {.lowers = trees, .upper = &upper, .work = &work, .lasts = wanted.lasts}, target);
}

Result<PreparedRoot> copy_root(const ContainerDir& container, const Trees& trees,
                               std::string notice) {
  if (!has_copy(container)) TRY(copy_layers(trees, container.fd, "root"), "copying the image");
  return PreparedRoot{.path = cat(container.path, "/root"), .notice = std::move(notice)};
}

}  // namespace

bool has_copy(const ContainerDir& container) {
  return bool(sys::stat_entry(container.fd, "root"));
}

Result<PreparedRoot> prepare_root(const ContainerDir& container, const RootWanted& wanted) {
  const Trees trees = TRY(open_trees(wanted.layers));
  // The kernel makes no overlay of one directory, and there is no need for one.
  if (wanted.readonly && trees.size() == 1)
    return PreparedRoot{.path = wanted.layers.back(), .readonly = true};
  if (trees.empty()) return Error::because(EINVAL, "the image has no layers: nothing can be run");
  if (has_copy(container)) return copy_root(container, trees, {});
  const auto mounted = mount_root(container, trees, wanted);
  if (mounted)
    return PreparedRoot{.path = cat(container.path, "/merged"), .readonly = wanted.readonly};
  return copy_root(container, trees,
                   cat("the image is copied for this container, as its overlay is refused here (",
                       mounted.error().message(), "): starting takes longer"));
}

}  // namespace wolffia::cli::user
