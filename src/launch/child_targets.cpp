// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>

#include "launch/fallback.hpp"
#include "launch/mount_table.hpp"
#include "launch/rootfs_parts.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr mode_t kFileMode = 0644;

/// Makes `names` ("b/c") below `dir`: directories, at the end a file or directory.
Result<sys::InRoot> make_names(const sys::InRoot& dir, const std::string& names, Want want) {
  if (want == Want::Directory) return sys::make_directories_below(dir, names, kDirectoryMode);
  const size_t slash = names.rfind('/');
  sys::InRoot made;
  if (slash != std::string::npos)
    made = TRY(sys::make_directories_below(dir, names.substr(0, slash), kDirectoryMode));
  const sys::Fd& parent = slash == std::string::npos ? dir : made;
  const char* leaf = names.c_str() + (slash == std::string::npos ? 0 : slash + 1);
  auto file = sys::make_file(parent, leaf, kFileMode);
  if (!file && !file.error().is(EEXIST)) return std::move(file).error();
  return sys::open_entry(parent, leaf, O_PATH);
}

}  // namespace

bool is_refusal(const Error& error) {
  // EOVERFLOW: a parent's owner is not mapped, so that an overlay can't copy it up.
  constexpr int kRefusals[] = {EROFS, EACCES, EPERM, EOVERFLOW, ENOTSUP};
  return std::any_of(std::begin(kRefusals), std::end(kRefusals),
                     [&](int code) { return error.is(code); });
}

Result<bool> may_create_in(Rootfs& rootfs, const sys::Fd& dir) {
  if (rootfs.plan.root.cover == plan::Cover::Never || rootfs.layer == Layer::Overlay) return true;
  if (rootfs.layer == Layer::None) return !TRY(on_root_mount(rootfs, dir));
  const uint64_t id = TRY(mount_id_of(rootfs.host_proc, dir));
  return std::find(rootfs.own_mounts.begin(), rootfs.own_mounts.end(), id) !=
         rootfs.own_mounts.end();
}

Result<sys::InRoot> make_target(Rootfs& rootfs, const std::string& path, Want want) {
  sys::Walked walked = TRY(sys::walk_in_root(rootfs.root, path, O_PATH));
  if (walked.missing.empty()) return std::move(walked.at);  // made meanwhile
  sys::InRoot made;
  TRY(make_in(rootfs, walked.at, [&](const sys::InRoot& dir) -> Result<void> {
    made = TRY(make_names(dir, walked.missing, want));
    return {};
  }));
  return made;
}

Result<sys::InRoot> open_target(Rootfs& rootfs, const std::string& path, Want want, int flags) {
  auto target = open_inside(rootfs.root, path.c_str(), O_PATH | flags);
  if (target || !target.error().is(ENOENT)) return target;
  return make_target(rootfs, path, want);
}

}  // namespace wolffia::launch
