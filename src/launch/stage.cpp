// SPDX-License-Identifier: Apache-2.0
#include "launch/stage.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "launch/fallback.hpp"
#include "launch/mount_table.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr mode_t kPlaceMode = 0700;
constexpr unsigned long kStageFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/// An open file as mount(2) can name it, below the host's /proc.
std::string name_of(const sys::Fd& file) {
  return cat("self/fd/", file.get());
}

/// Options of every file system that mount(2) wants as flags.
struct FlagOption {
  std::string_view name;
  unsigned long flag;
};
constexpr std::array kFlagOptions{
    FlagOption{"sync", MS_SYNCHRONOUS},
    FlagOption{"dirsync", MS_DIRSYNC},
    FlagOption{"lazytime", MS_LAZYTIME},
    FlagOption{"mand", MS_MANDLOCK},
};

/// `options` as the last two arguments of mount(2).
struct LegacyOptions {
  unsigned long flags = 0;
  std::string data;
};

/// The levels of an SELinux context have commas, which separate options unless quoted.
std::string in_one_piece(const std::string& option) {
  const size_t value = option.find('=') + 1;
  if (value == 0 || option.find(',') == std::string::npos || option.find('"') != std::string::npos)
    return option;
  return cat(option.substr(0, value), "\"", option.substr(value), "\"");
}

Result<LegacyOptions> to_legacy(std::span<const std::string> options) {
  LegacyOptions legacy;
  for (const std::string& option : options) {
    const auto row = std::find_if(kFlagOptions.begin(), kFlagOptions.end(),
                                  [&](const FlagOption& known) { return known.name == option; });
    if (row != kFlagOptions.end()) {
      legacy.flags |= row->flag;
    } else {
      legacy.data += cat(legacy.data.empty() ? "" : ",", in_one_piece(option));
    }
  }
  // mount(2) reads one page and cuts off the rest in silence.
  if (legacy.data.size() < static_cast<size_t>(::sysconf(_SC_PAGESIZE))) return legacy;
  return Error::because(E2BIG, "the mount's options are longer than a page");
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// What is mounted on top of our "/". The ".." of "/" is "/" again, but arriving there the kernel
/// goes up to the topmost mount, which a path that starts at "/" does not.
Result<sys::InRoot> open_over_root() {
  const sys::InRoot root = TRY(sys::open_root("/"));
  sys::InRoot top = TRY(sys::open_root("/.."));
  const struct stat below = TRY(sys::stat_fd(root));
  const struct stat above = TRY(sys::stat_fd(top));
  const uint64_t type = TRY(sys::filesystem_type(top));
  if (type == TMPFS_MAGIC && !same_file(below, above)) return top;
  return Error::because(ENOTSUP, "no place for mounts that are being made");
}

}  // namespace

Result<void> Stage::open() {
  if (root_) return {};
  const sys::MountCall over_root{.source = "wolffia-stage",
                                 .target = "/",
                                 .type = "tmpfs",
                                 .flags = kStageFlags,
                                 .data = "mode=0700"};
  TRY(sys::mount_by_path(host_proc_, over_root), "tmpfs for mounts that are being made");
  root_ = TRY(open_over_root());
  return {};
}

Result<std::string> Stage::make_place(Place kind) {
  TRY(open());
  std::string name = cat(places_++);
  if (kind == Place::Directory) {
    TRY(sys::make_directory(root_, name.c_str(), kPlaceMode));
  } else {
    TRY(sys::make_file(root_, name.c_str(), kPlaceMode));
  }
  return name;
}

Result<sys::InRoot> Stage::private_directory() {
  const std::string name = TRY(make_place(Place::Directory));
  return sys::open_entry(root_, name.c_str(), O_PATH | O_DIRECTORY);
}

Result<void> Stage::mount_on(const std::string& source, const sys::Fd& target,
                             unsigned long flags) {
  const std::string path = name_of(target);
  return sys::mount_by_path(host_proc_,
                            {.source = source.c_str(), .target = path.c_str(), .flags = flags});
}

/// The root of what was just mounted at `place`.
Result<sys::MountTree> Stage::opened(const std::string& place) {
  sys::InRoot mounted = TRY(sys::open_entry(root_, place.c_str(), O_PATH));
  return sys::MountTree(mounted.release());
}

Result<sys::MountTree> Stage::clone(const sys::Fd& source, sys::Recurse recurse) {
  const struct stat status = TRY(sys::stat_fd(source));
  const Place kind = S_ISDIR(status.st_mode) ? Place::Directory : Place::File;
  const std::string place = TRY(make_place(kind));
  const sys::InRoot target = TRY(sys::open_entry(root_, place.c_str(), O_PATH));
  const unsigned long flags = recurse == sys::Recurse::Yes ? MS_BIND | MS_REC : MS_BIND;
  TRY(mount_on(name_of(source), target, flags));
  return opened(place);
}

Result<sys::MountTree> Stage::make(const FilesystemRequest& request) {
  const std::string place = TRY(make_place(Place::Directory));
  const sys::InRoot target = TRY(sys::open_entry(root_, place.c_str(), O_PATH));
  // From the host's /proc, below which the options of an overlay name their directories.
  TRY(make_at(request, host_proc_, name_of(target).c_str()));
  return opened(place);
}

Result<void> Stage::make_at(const FilesystemRequest& request, const sys::Fd& dir,
                            const char* name) {
  const LegacyOptions options = TRY(to_legacy(request.options));
  return sys::mount_by_path(dir, {.source = request.source ? request.source : "none",
                                  .target = name,
                                  .type = request.type,
                                  .flags = sys::legacy_flags(request.attributes) | options.flags,
                                  .data = options.data.empty() ? nullptr : options.data.c_str()});
}

Result<void> Stage::move(const sys::MountTree& tree, const sys::Fd& target) {
  return mount_on(name_of(tree), target, MS_MOVE);
}

/// Remounting replaces all flags of a mount, so those it has go along; the kernel refuses to drop
/// locked ones.
Result<void> Stage::remount(const sys::Fd& mount, const sys::AttributeChange& change) {
  const std::string path = name_of(mount);
  if (change.set != 0 || change.clear != 0) {
    const uint64_t before = TRY(sys::attributes_of(mount));
    const unsigned long flags = sys::legacy_flags((before & ~change.clear) | change.set);
    TRY(sys::mount_by_path(host_proc_,
                           {.target = path.c_str(), .flags = MS_REMOUNT | MS_BIND | flags}));
    const uint64_t after = TRY(sys::attributes_of(mount));
    if ((after & change.set) != change.set)  // a flag newer than the kernel, passed over in silence
      return Error::because(ENOTSUP, "this kernel does not know every attribute asked for");
  }
  if (change.propagation == 0) return {};
  const unsigned long propagation = static_cast<unsigned long>(change.propagation);
  return sys::mount_by_path(host_proc_, {.target = path.c_str(), .flags = propagation});
}

Result<void> Stage::change(const sys::Fd& tree, const sys::AttributeChange& change,
                           sys::Recurse recurse) {
  if (recurse == sys::Recurse::Yes) {
    const std::vector<sys::InRoot> below = TRY(mounts_below(host_proc_, tree));
    for (const sys::InRoot& mount : below)
      TRY(remount(mount, change));
  }
  return remount(tree, change);
}

Result<void> Stage::reconfigure(const sys::Fd& mount, std::span<const std::string> options) {
  const LegacyOptions legacy = TRY(to_legacy(options));
  const unsigned long flags = sys::legacy_flags(TRY(sys::attributes_of(mount)));
  const std::string path = name_of(mount);
  return sys::mount_by_path(host_proc_, {.target = path.c_str(),
                                         .flags = MS_REMOUNT | flags | legacy.flags,
                                         .data = legacy.data.c_str()});
}

Result<void> Stage::detach(const sys::Fd& tree) {
  const std::string path = name_of(tree);
  return sys::detach_by_path(host_proc_, path.c_str());
}

Result<void> Stage::clear() {
  if (!root_) return {};
  TRY(detach(root_));
  root_.reset();
  return {};
}

}  // namespace wolffia::launch
