// SPDX-License-Identifier: Apache-2.0
#include "launch/mount_table.hpp"

#include <fcntl.h>

#include <charconv>
#include <unordered_map>

#include "launch/fallback.hpp"
#include "sys/file.hpp"

namespace wolffia::launch {
namespace {

constexpr size_t kMountinfoLimit = 64 << 20;  // 100,000 mounts (fs.mount-max) fit
constexpr size_t kFdinfoLimit = 65536;

/// The number behind "mnt_id:" in /proc/self/fdinfo/N, which kernels have since 3.15.
Result<uint64_t> mount_id_by_proc(const sys::Fd& host_proc, const sys::Fd& file) {
  const std::string path = cat("self/fdinfo/", file.get());
  const std::string text = TRY(sys::read_file(host_proc, path.c_str(), kFdinfoLimit));
  constexpr std::string_view kField = "mnt_id:";
  const size_t field = text.find(kField);
  uint64_t id = 0;
  if (field != std::string::npos) {
    const size_t digits = text.find_first_not_of(" \t", field + kField.size());
    if (digits != std::string::npos)
      (void)std::from_chars(text.data() + digits, text.data() + text.size(), id);
  }
  if (id != 0) return id;
  return Error::because(ENOSYS, "the kernel does not number mounts");
}

using Parents = std::unordered_map<uint64_t, uint64_t>;

/// True if the mount `id` hangs, however deep, on the mount `top`.
bool hangs_on(const Parents& parents, uint64_t id, uint64_t top) {
  for (size_t steps = 0; steps < parents.size(); ++steps) {
    const auto mount = parents.find(id);
    if (mount == parents.end()) return false;
    if (mount->second == top) return true;
    id = mount->second;
  }
  return false;
}

}  // namespace

Result<std::vector<sys::MountInfo>> read_mounts(const sys::Fd& host_proc) {
  const std::string text = TRY(sys::read_file(host_proc, "self/mountinfo", kMountinfoLimit));
  return sys::parse_mountinfo(text);
}

Result<uint64_t> mount_id_of(const sys::Fd& host_proc, const sys::Fd& file) {
  auto id = sys::mount_id(file);
  if (id || !id.error().is(ENOSYS)) return id;
  return mount_id_by_proc(host_proc, file);
}

Result<std::vector<sys::InRoot>> mounts_below(const sys::Fd& host_proc, const sys::Fd& top) {
  const uint64_t top_id = TRY(mount_id_of(host_proc, top));
  const std::vector<sys::MountInfo> mounts = TRY(read_mounts(host_proc));
  Parents parents;
  std::string prefix;
  for (const sys::MountInfo& mount : mounts) {
    parents.emplace(mount.id, mount.parent);
    if (mount.id == top_id) prefix = mount.point;
  }
  std::vector<sys::InRoot> below;
  for (const sys::MountInfo& mount : mounts) {
    if (!hangs_on(parents, mount.id, top_id) || !mount.point.starts_with(prefix)) continue;
    auto opened = open_inside(top, mount.point.c_str() + prefix.size(), O_PATH);
    if (!opened) continue;  // covered by another mount
    const uint64_t id = TRY(mount_id_of(host_proc, *opened));
    if (id == mount.id) below.push_back(std::move(*opened));
  }
  return below;
}

Result<std::vector<sys::MountInfo>> mounts_outside(const sys::Fd& host_proc, const sys::Fd& top) {
  const uint64_t top_id = TRY(mount_id_of(host_proc, top));
  std::vector<sys::MountInfo> mounts = TRY(read_mounts(host_proc));
  Parents parents;
  for (const sys::MountInfo& mount : mounts)
    parents.emplace(mount.id, mount.parent);
  std::erase_if(mounts, [&](const sys::MountInfo& mount) {
    return mount.id == top_id || hangs_on(parents, mount.id, top_id);
  });
  return mounts;
}

}  // namespace wolffia::launch
