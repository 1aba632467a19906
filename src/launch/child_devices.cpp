// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "launch/fallback.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

using plan::DeviceStep;

constexpr std::string_view kDev = "/dev/";
constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kPlaceMode = 0600;  // never seen: a node is mounted on it

struct Link {
  const char* name;
  const char* target;
};
/// Source: runtime-spec runtime-linux.md, "Dev symbolic links", and config-linux.md for ptmx.
constexpr std::array kLinks{
    Link{"fd", "/proc/self/fd"},       Link{"stdin", "/proc/self/fd/0"},
    Link{"stdout", "/proc/self/fd/1"}, Link{"stderr", "/proc/self/fd/2"},
    Link{"ptmx", "pts/ptmx"},
};

constexpr unsigned kNullMajor = 1, kNullMinor = 3;  // Documentation/admin-guide/devices.txt

/// "null" of "/dev/null"; empty for what lies elsewhere or deeper.
std::string_view name_in_dev(std::string_view path) {
  if (!path.starts_with(kDev)) return {};
  const std::string_view name = path.substr(kDev.size());
  return name.find('/') == name.npos ? name : std::string_view();
}

mode_t file_type(oci::DeviceType type) {
  switch (type) {
    case oci::DeviceType::Char:
      return S_IFCHR;
    case oci::DeviceType::Block:
      return S_IFBLK;
    case oci::DeviceType::Fifo:
      return S_IFIFO;
  }
  return 0;
}

bool is_node(const struct stat& status, const DeviceStep& device) {
  return (status.st_mode & S_IFMT) == file_type(device.type) &&
         status.st_rdev == makedev(device.major, device.minor);
}

/// Clones the host's node at `path` and proves that it is the device.
Result<sys::MountTree> clone_node(Trees& trees, const char* path, const DeviceStep& device) {
  sys::MountTree tree = TRY(trees.clone(path, sys::Recurse::No, sys::Follow::Yes));
  const struct stat status = TRY(sys::stat_fd(tree));
  if (is_node(status, device)) return tree;
  return Error::because(ENODEV, "another device");
}

/// Other names under which the host may have the node: as one of the default devices, and where
/// udev files all of them by number.
std::vector<std::string> other_names(const plan::Plan& plan, const DeviceStep& device) {
  std::vector<std::string> names;
  for (const DeviceStep& known : plan.devices)
    if (known.is_default && known.major == device.major && known.minor == device.minor)
      names.push_back(known.path);
  const bool block = device.type == oci::DeviceType::Block;
  names.push_back(cat(block ? "/dev/block/" : "/dev/char/", device.major, ":", device.minor));
  return names;
}

/// The host's node for `device`, by whatever name.
Result<sys::MountTree> find_node(Rootfs& rootfs, const DeviceStep& device) {
  auto same_path = clone_node(rootfs.trees, device.path.c_str(), device);
  if (same_path) return same_path;
  for (const std::string& name : other_names(rootfs.plan, device))
    if (auto found = clone_node(rootfs.trees, name.c_str(), device)) return found;
  const bool block = device.type == oci::DeviceType::Block;
  return Error::because(
      same_path.error().code(),
      cat("device ", device.path, ": the host has no such node (", block ? "block " : "character ",
          device.major, ":", device.minor, "), and one can't be made without privileges"));
}

/// Only the owner of the initial user namespace makes nodes; where we made a user namespace of our
/// own there is no need to try.
bool may_make_nodes(const plan::Plan& plan) {
  return plan.user.how == plan::UserNamespacePlan::How::Inherit;
}

Result<void> make_real_node(const sys::Fd& dir, const char* name, const DeviceStep& device) {
  TRY(sys::make_node(dir, name, file_type(device.type) | device.mode,
                     makedev(device.major, device.minor)));
  if (device.uid.value == 0 && device.gid.value == 0) return {};
  return sys::change_entry_owner(dir, name, device.uid.value, device.gid.value);
}

/// True if `device` was made in `dir`; false if it has to be bound.
Result<bool> made_node(const plan::Plan& plan, const sys::Fd& dir, const char* name,
                       const DeviceStep& device) {
  if (device.type != oci::DeviceType::Fifo && !may_make_nodes(plan)) return false;
  auto made = make_real_node(dir, name, device);
  if (made) return true;
  if (made.error().is(EPERM) && device.type != oci::DeviceType::Fifo) return false;
  return std::move(made).error().context(device.path);
}

/// True if furnish_dev() has made the node itself.
Result<bool> is_made(const Rootfs& rootfs, const DeviceStep& device, const char* name) {
  if (device.type == oci::DeviceType::Fifo) return true;
  if (!may_make_nodes(rootfs.plan)) return false;
  const sys::InRoot entry = TRY(sys::open_entry(rootfs.dev, name, O_PATH), device.path);
  return is_node(TRY(sys::stat_fd(entry)), device);
}

/// In a tmpfs of ours whatever tmpcopyup brought makes room.
template <class Make>
Result<void> make_anew(const sys::Fd& dir, const char* name, Make make) {
  auto made = make();
  if (made || !made.error().is(EEXIST)) return made;
  TRY(sys::remove_entry(dir, name));
  return make();
}

/// Directories of /dev that a later mount wants: made here they cost one call each.
Result<void> make_mount_points(const plan::Plan& plan, const sys::Fd& dev) {
  for (const plan::MountStep& step : plan.mounts) {
    if (step.kind != plan::MountKind::Filesystem) continue;
    const std::string_view name = name_in_dev(step.target);
    if (name.empty()) continue;
    auto made = sys::make_directory(dev, name.data(), kDirectoryMode);
    if (!made && !made.error().is(EEXIST)) return made;
  }
  return {};
}

/// Takes a node that was attached off our hands; /dev/null stays open for masking.
void keep_or_close(Rootfs& rootfs, const DeviceStep& device, sys::MountTree node) {
  const bool is_null = device.type == oci::DeviceType::Char && device.major == kNullMajor &&
                       device.minor == kNullMinor;
  if (is_null && !rootfs.null) {
    rootfs.null = std::move(node);
  } else {
    rootfs.trees.done_with(std::move(node));
  }
}

/// Binds the host's node over `place`, the file that stands for it.
Result<void> bind_node(Rootfs& rootfs, const DeviceStep& device, const sys::Fd& place) {
  sys::MountTree node = TRY(find_node(rootfs, device));
  TRY(rootfs.trees.attach(node, place), device.path);
  keep_or_close(rootfs, device, std::move(node));
  return {};
}

/// What the root file system has at a device's place, never followed; made if missing.
Result<void> put_node(Rootfs& rootfs, const DeviceStep& device) {
  const size_t slash = device.path.rfind('/');
  const std::string directory = slash == 0 ? "/" : device.path.substr(0, slash);
  const char* name = device.path.c_str() + slash + 1;
  sys::InRoot parent =
      TRY(open_target(rootfs, directory, Want::Directory, O_DIRECTORY), device.path);
  auto place = sys::open_entry(parent, name, O_PATH);
  if (!place && place.error().is(ENOENT)) {
    bool made = false;
    TRY(make_in(rootfs, parent,
                [&](const sys::Fd& dir) -> Result<void> {
                  made = TRY(made_node(rootfs.plan, dir, name, device));
                  return made ? Result<void>() : sys::make_file(dir, name, kPlaceMode);
                }),
        device.path);
    if (made) return {};
    place = sys::open_entry(parent, name, O_PATH);
  }
  const sys::InRoot point = TRY(std::move(place), device.path);
  const struct stat status = TRY(sys::stat_fd(point));
  if (device.type == oci::DeviceType::Fifo) {
    if (S_ISFIFO(status.st_mode)) return {};
  } else if (S_ISREG(status.st_mode) || is_node(status, device)) {
    return bind_node(rootfs, device, point);
  }
  return Error::because(
      EEXIST, cat("device ", device.path, ": the root file system has something else there"));
}

Result<void> put_link(Rootfs& rootfs, sys::InRoot& dev, const Link& link) {
  if (sys::open_entry(dev, link.name, O_PATH)) return {};  // the image's own is as good
  return make_in(rootfs, dev, [&](const sys::Fd& dir) {
    return sys::make_symlink(link.target, dir, link.name);
  });
}

/// True if the bundle brings a whole /dev of its own making.
bool dev_is_bound(const plan::Plan& plan) {
  return std::any_of(plan.mounts.begin(), plan.mounts.end(), [](const plan::MountStep& step) {
    return step.target == "/dev" && step.kind == plan::MountKind::Bind;
  });
}

}  // namespace

bool is_dev_link(std::string_view name) {
  return std::any_of(kLinks.begin(), kLinks.end(),
                     [&](const Link& link) { return link.name == name; });
}

Result<void> furnish_dev(Rootfs& rootfs, const sys::MountTree& dev) {
  for (const Link& link : kLinks)
    TRY(make_anew(dev, link.name, [&] { return sys::make_symlink(link.target, dev, link.name); }),
        "/dev/", link.name);
  for (const DeviceStep& device : rootfs.plan.devices) {
    const std::string_view name = name_in_dev(device.path);
    if (name.empty()) continue;
    TRY(make_anew(dev, name.data(),
                  [&]() -> Result<void> {
                    const bool made = TRY(made_node(rootfs.plan, dev, name.data(), device));
                    return made ? Result<void>() : sys::make_file(dev, name.data(), kPlaceMode);
                  }),
        device.path);
  }
  return make_mount_points(rootfs.plan, dev);
}

Result<void> attach_devices(Rootfs& rootfs) {
  for (const DeviceStep& device : rootfs.plan.devices) {
    const std::string_view name = name_in_dev(device.path);
    if (name.empty()) {
      TRY(put_node(rootfs, device));
      continue;
    }
    if (TRY(is_made(rootfs, device, name.data()))) continue;
    sys::MountTree node = TRY(find_node(rootfs, device));
    TRY(rootfs.trees.attach_at(node, rootfs.dev, name.data()), device.path);
    keep_or_close(rootfs, device, std::move(node));
  }
  return {};
}

Result<void> fill_root_dev(Rootfs& rootfs) {
  if (dev_is_bound(rootfs.plan)) return {};
  for (const DeviceStep& device : rootfs.plan.devices)
    TRY(put_node(rootfs, device));
  sys::InRoot dev = TRY(open_target(rootfs, "/dev", Want::Directory, O_DIRECTORY), "/dev");
  for (const Link& link : kLinks)
    TRY(put_link(rootfs, dev, link), "/dev/", link.name);
  return prepare_console(rootfs, dev);
}

Result<const sys::Fd*> proven_null(Rootfs& rootfs) {
  if (!rootfs.null) {
    DeviceStep device;
    device.path = "/dev/null";
    device.type = oci::DeviceType::Char;
    device.major = kNullMajor;
    device.minor = kNullMinor;
    sys::InRoot null = TRY(sys::open_source(device.path.c_str(), sys::Follow::Yes), device.path);
    const struct stat status = TRY(sys::stat_fd(null), device.path);
    if (!is_node(status, device))
      return Error::because(ENODEV, "/dev/null of this machine is not the null device");
    rootfs.null = std::move(null);
  }
  return &rootfs.null;
}

}  // namespace wolffia::launch
