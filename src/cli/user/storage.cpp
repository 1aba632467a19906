// SPDX-License-Identifier: Apache-2.0
#include "cli/user/storage.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "cli/copy_layers.hpp"
#include "cli/network_filesystem.hpp"
#include "cli/user/scratch.hpp"
#include "helper/overlay.hpp"
#include "launch/overlay.hpp"
#include "launch/programs.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"
#include "sys/space.hpp"

namespace wolffia::cli::user {
namespace {

constexpr const char* kMerged = "merged";

/// The directory `name` in one of the container's, made where it is missing.
Result<sys::Fd> own_directory(const sys::Fd& parent, const char* name, mode_t mode) {
  auto made = sys::make_directory(parent, name, mode);
  if (!made && !made.error().is(EEXIST)) return std::move(made).error().context(name);
  return sys::open_directory(parent, name);
}

/// Of the root directory in the topmost layer.
Result<mode_t> mode_of(const Trees& trees) {
  return TRY(sys::stat_fd(trees.back())).st_mode;
}

/// The root directory itself is the upper's: it looks as that of the topmost layer.
Result<sys::Fd> make_upper(const sys::Fd& home, mode_t mode) {
  const bool is_new = !sys::stat_entry(home, "upper");
  sys::Fd upper = TRY(own_directory(home, "upper", S_IRWXU));
  if (is_new) TRY(sys::change_mode(home, "upper", mode & 07777));
  return upper;
}

/// Where a union of directories is mounted, and what is changed in it is kept.
struct Places {
  sys::Fd target;
  sys::Fd upper, work;  // empty where nothing is written
};

/// `home`: where what is changed is kept.
Result<Places> make_places(const ContainerDir& container, const sys::Fd& home, mode_t mode,
                           const RootWanted& wanted) {
  Places places;
  places.target = TRY(own_directory(container.fd, kMerged, S_IRWXU));
  if (wanted.readonly) return places;
  places.upper = TRY(make_upper(home, mode));
  places.work = TRY(own_directory(home, "work", S_IRWXU));
  return places;
}

Result<void> mount_root(const ContainerDir& container, const sys::Fd& home, const Trees& trees,
                        const RootWanted& wanted) {
  const Places places = TRY(make_places(container, home, TRY(mode_of(trees)), wanted));
  if (wanted.readonly) return launch::mount_overlay({.lowers = trees}, places.target);
  return launch::mount_overlay(
      {.lowers = trees, .upper = &places.upper, .work = &places.work, .lasts = wanted.lasts},
      places.target);
}

/// The same by wolffia-overlay. `lowers`: directories or image files, lowest first.
Result<void> mount_union(const ContainerDir& container, std::vector<int> lowers, mode_t mode,
                         const RootWanted& wanted, helper::DaemonLine& line) {
  const std::string program = TRY(launch::find_program("wolffia-overlay"));
  const Places places = TRY(make_places(container, container.fd, mode, wanted));
  const helper::UnionParts parts{.lowers = std::move(lowers),
                                 .upper = places.upper.get(),
                                 .work = places.work.get(),
                                 .lasts = wanted.lasts};
  return helper::mount_union(line, program, parts, cat(container.path, "/", kMerged));
}

Result<void> mount_union(const ContainerDir& container, const Trees& trees,
                         const RootWanted& wanted, helper::DaemonLine& line) {
  std::vector<int> lowers;
  for (const sys::InRoot& tree : trees)
    lowers.push_back(tree.get());
  return mount_union(container, std::move(lowers), TRY(mode_of(trees)), wanted, line);
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
      .path = cat(container.path, "/root"), .storage = Storage::Copy, .notice = std::move(notice)};
}

/// Makes the root of one container, of layers of which there is one at least.
class RootMaker {
 public:
  RootMaker(const ContainerDir& container, const Trees& trees, const RootWanted& wanted,
            helper::DaemonLine& line)
      : container_(container), trees_(trees), wanted_(wanted), line_(line) {}

  Result<PreparedRoot> make() const {
    if (has_copy(container_)) return copy_root(container_, trees_, {});
    if (wanted_.storage == Storage::Copy) return copy();
    if (wanted_.storage == Storage::Fuse) {
      TRY(mount_union(container_, trees_, wanted_, line_));
      return merged(Storage::Fuse);
    }
    if (const auto path = scratch_of(container_.fd)) {
      TRY(mount_again(container_, *path, trees_, wanted_));
      return merged(Storage::Overlay);
    }
    auto mounted = mount_root(container_, container_.fd, trees_, wanted_);
    if (mounted) return merged(Storage::Overlay);
    if (wanted_.storage == Storage::Overlay) return std::move(mounted).error();
    return make_otherwise(std::move(mounted).error());
  }

 private:
  /// --storage: what was changed before lies in an upper directory, which a copy knows nothing of.
  Result<PreparedRoot> copy() const {
    if (TRY(holds_changes(container_)))
      return Error::because(EINVAL, "what it changed before is kept in a layer: leave it out");
    return copy_root(container_, trees_, {});
  }

  /// Where the kernel's overlay in the store is refused.
  Result<PreparedRoot> make_otherwise(Error refusal) const {
    const bool has_changes = TRY(holds_changes(container_));
    if (!has_changes) {
      remove_empty(container_);
      const auto elsewhere = mount_on_scratch(container_, trees_, wanted_);
      if (elsewhere)
        return merged(Storage::Overlay, notice_of(container_, *elsewhere, refusal, wanted_.lasts));
    }
    const auto mounted = mount_union(container_, trees_, wanted_, line_);
    if (mounted) return merged(Storage::Fuse);
    if (has_changes) return std::move(refusal).context("mounting what it changed before");
    remove_empty(container_);
    return copy_root(
        container_, trees_,
        cat("the image is copied for this container, as its overlay is refused here (",
            refusal.message(), "; ", mounted.error().message(), "): starting takes longer"));
  }

  PreparedRoot merged(Storage storage, std::string notice = {}) const {
    return {.path = cat(container_.path, "/", kMerged),
            .readonly = wanted_.readonly,
            .storage = storage,
            .notice = std::move(notice)};
  }

  const ContainerDir& container_;
  const Trees& trees_;
  const RootWanted& wanted_;
  helper::DaemonLine& line_;
};

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

Result<PreparedRoot> prepare_root(const ContainerDir& container, const RootWanted& wanted,
                                  helper::DaemonLine& line) {
  const Trees trees = TRY(open_trees(wanted.layers));
  // The kernel makes no overlay of one directory, and there is no need for one.
  if (wanted.readonly && trees.size() == 1)
    return PreparedRoot{.path = wanted.layers.back(), .readonly = true};
  if (trees.empty()) return Error::because(EINVAL, "the image has no layers: nothing can be run");
  return RootMaker(container, trees, wanted, line).make();
}

Result<PreparedRoot> prepare_file_root(const ContainerDir& container, const std::string& file,
                                       const RootWanted& wanted, helper::DaemonLine& line) {
  constexpr mode_t kRootMode = 0755;
  const sys::Fd image = TRY(sys::open_at(sys::cwd(), file.c_str(), O_RDONLY), file);
  TRY(mount_union(container, {image.get()}, kRootMode, wanted, line), file);
  return PreparedRoot{.path = cat(container.path, "/", kMerged),
                      .readonly = wanted.readonly,
                      .storage = Storage::Fuse};
}

}  // namespace wolffia::cli::user
