// SPDX-License-Identifier: Apache-2.0
#include "cli/user/storage.hpp"

#include <sys/stat.h>

#include "cli/copy_layers.hpp"
#include "cli/network_filesystem.hpp"
#include "cli/user/scratch.hpp"
#include "launch/overlay.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/space.hpp"

namespace wolffia::cli::user {
namespace {

/// The directory `name` in one of the container's, made where it is missing.
Result<sys::Fd> own_directory(const sys::Fd& parent, const char* name, mode_t mode) {
  auto made = sys::make_directory(parent, name, mode);
  if (!made && !made.error().is(EEXIST)) return std::move(made).error().context(name);
  return sys::open_directory(parent, name);
}

/// The root directory itself is the upper's: it looks as that of the topmost layer.
Result<sys::Fd> make_upper(const sys::Fd& home, const Trees& trees) {
  const struct stat top = TRY(sys::stat_fd(trees.back()));
  const bool is_new = !sys::stat_entry(home, "upper");
  sys::Fd upper = TRY(own_directory(home, "upper", S_IRWXU));
  if (is_new) TRY(sys::change_mode(home, "upper", top.st_mode & 07777));
  return upper;
}

/// `home`: where what is changed is kept.
Result<void> mount_root(const ContainerDir& container, const sys::Fd& home, const Trees& trees,
                        const RootWanted& wanted) {
  const sys::Fd target = TRY(own_directory(container.fd, "merged", S_IRWXU));
  if (wanted.readonly) return launch::mount_overlay({.lowers = trees}, target);
  const sys::Fd upper = TRY(make_upper(home, trees));
  const sys::Fd work = TRY(own_directory(home, "work", S_IRWXU));
  return launch::mount_overlay(
      {.lowers = trees, .upper = &upper, .work = &work, .lasts = wanted.lasts}, target);
}

/// Of former starts, with their overlay in the store.
Result<bool> holds_changes(const ContainerDir& container) {
  const auto upper = sys::open_directory(container.fd, "upper");
  if (!upper) return false;
  return !TRY(sys::entry_names(*upper, 1)).empty();
}

/// What mount_root() made for an overlay that was refused.
void remove_empty(const ContainerDir& container) {
  for (const char* name : {"upper", "work"})
    (void)sys::remove_directory(container.fd, name);  // or it goes with the container
}

/// The first place where the overlay can keep what is changed; its path.
Result<std::string> mount_on_scratch(const ContainerDir& container, const Trees& trees,
                                     const RootWanted& wanted) {
  if (wanted.readonly) return Error::because(EINVAL, "nothing will be changed");
  for (const std::string& place : wanted.scratch) {
    const auto home = make_scratch(container, place);
    if (home && mount_root(container, *home, trees, wanted)) return *scratch_of(container.fd);
    TRY(remove_scratch(container.fd));
  }
  return Error::because(EINVAL, "no place will do");
}

/// What the container has of former starts decides.
Result<void> mount_again(const ContainerDir& container, const std::string& path, const Trees& trees,
                         const RootWanted& wanted) {
  const sys::Fd home = TRY(open_scratch(container, path));
  return mount_root(container, home, trees, wanted);
}

std::string notice_of(const ContainerDir& container, const std::string& path, const Error& refusal,
                      bool lasts) {
  const auto space = sys::space_of(container.fd);
  const std::string_view type = space ? network_filesystem(space->type) : std::string_view();
  return cat("what the container changes is kept in ", path, lasts ? " until that is cleaned" : "",
             ", as the store ", type.empty() ? "" : cat("is on ", type, ", which "),
             "cannot hold it (", refusal.message(), ")");
}

Result<PreparedRoot> copy_root(const ContainerDir& container, const Trees& trees,
                               std::string notice) {
  if (!has_copy(container)) TRY(copy_layers(trees, container.fd, "root"), "copying the image");
  return PreparedRoot{
      .path = cat(container.path, "/root"), .copied = true, .notice = std::move(notice)};
}

}  // namespace

Result<std::optional<std::string>> upper_path(const ContainerDir& container) {
  const auto scratch = scratch_of(container.fd);
  if (scratch) TRY(open_scratch(container, *scratch));
  if (!scratch && !sys::stat_entry(container.fd, "upper")) return std::optional<std::string>();
  return std::optional(cat(scratch ? *scratch : container.path, "/upper"));
}

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
  const PreparedRoot merged{.path = cat(container.path, "/merged"), .readonly = wanted.readonly};
  if (const auto path = scratch_of(container.fd)) {
    TRY(mount_again(container, *path, trees, wanted));
    return merged;
  }
  const bool has_changes = TRY(holds_changes(container));
  const auto mounted = mount_root(container, container.fd, trees, wanted);
  if (mounted) return merged;
  if (has_changes) return Error(mounted.error()).context("mounting what it changed before");
  remove_empty(container);
  const auto elsewhere = mount_on_scratch(container, trees, wanted);
  if (elsewhere)
    return PreparedRoot{.path = merged.path,
                        .notice = notice_of(container, *elsewhere, mounted.error(), wanted.lasts)};
  return copy_root(container, trees,
                   cat("the image is copied for this container, as its overlay is refused here (",
                       mounted.error().message(), "): starting takes longer"));
}

}  // namespace wolffia::cli::user
