// SPDX-License-Identifier: Apache-2.0
#include "overlay/mounted.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/version.hpp"
#include "overlay/mount.hpp"
#include "sys/file.hpp"
#include "sys/filesystem.hpp"
#include "sys/mount.hpp"
#include "sys/mountinfo.hpp"
#include "sys/process.hpp"

namespace wolffia::overlay {
namespace {

constexpr size_t kLongestList = 64 << 20;
constexpr std::chrono::seconds kPatience{10};

Result<std::vector<sys::MountInfo>> all_mounts() {
  return sys::parse_mountinfo(
      TRY(sys::read_file(sys::cwd(), "/proc/self/mountinfo", kLongestList)));
}

bool is_ours(const sys::MountInfo& mount) {
  return mount.type == "fuse.wolffia-overlay";
}

/// The number of the mount on top of `point`; nullopt: it is none of ours.
Result<std::optional<uint64_t>> topmost(const std::string& point) {
  std::optional<uint64_t> id;
  for (const sys::MountInfo& mount : TRY(all_mounts()))
    if (mount.point == point) id = is_ours(mount) ? std::optional(mount.id) : std::nullopt;
  return id;
}

Result<void> detach_by_helper(const std::string& point) {
  const std::array<std::string, 6> words{"fusermount3", "-u", "-z", "-q", "--", point};
  const sys::PidFd helper =
      TRY(sys::spawn({.path = kFusermount, .args = words, .env = {}}), kFusermount);
  const sys::Ended ended = TRY(sys::wait_for(helper));
  if (ended.status() == 0) return {};
  return Error::because(EPERM, cat("fusermount3 -u -z ", point, " failed: do it by hand"));
}

}  // namespace

Result<Mounted> Mounted::on(std::string point) {
  const std::optional<uint64_t> id = TRY(topmost(point));
  if (!id) return Error::because(ENOENT, cat("the mount on ", point, " is gone already"));
  return Mounted(std::move(point), *id);
}

bool Mounted::is_listed() const {
  const auto mounts = all_mounts();
  return !mounts || std::any_of(mounts->begin(), mounts->end(), [&](const sys::MountInfo& mount) {
    return mount.id == id_ && is_ours(mount);
  });
}

Result<void> Mounted::detach() const {
  if (TRY(topmost(point_)) != id_) return {};
  if (!TRY(mount_rights()).direct) return detach_by_helper(point_);
  const sys::Fd root = TRY(sys::open_at(sys::cwd(), "/", O_PATH | O_DIRECTORY), "/");
  TRY(sys::detach_by_path(root, point_.c_str()), "unmount ", point_);
  return {};
}

void Mounted::save() const {
  auto child = sys::fork_process();
  if (!child) return;
  if (child->pid == 0) {
    const auto root = sys::open_at(sys::cwd(), point_.c_str(), O_RDONLY | O_DIRECTORY);
    ::_exit(root && sys::sync_filesystem(*root) ? 0 : 1);
  }
  const auto ended = sys::ended_within(child->pidfd, kPatience);
  if (!ended || !*ended) (void)sys::send_signal(child->pidfd, SIGKILL);
  (void)sys::wait_for(child->pidfd);
}

}  // namespace wolffia::overlay
