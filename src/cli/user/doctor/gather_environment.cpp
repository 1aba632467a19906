// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include "cli/user/doctor/gather_parts.hpp"
#include "plan/parts.hpp"
#include "sys/directory.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::user::doctor {
namespace {

using RuntimeDir = Environment::RuntimeDir;

bool ours_alone(const struct stat& status, uint32_t uid) {
  return S_ISDIR(status.st_mode) && status.st_uid == uid &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// As container/state_root.hpp chooses it.
RuntimeDir look_at_runtime_dir(const plan::Host& host, const std::string& path) {
  if (host.is_machine_root()) return RuntimeDir::NotNeeded;
  if (path.empty()) return RuntimeDir::Unset;
  const auto status = sys::stat_at(sys::cwd(), path.c_str());
  if (!status || !path.starts_with('/')) return RuntimeDir::NotThere;
  return ours_alone(*status, host.uid) ? RuntimeDir::Usable : RuntimeDir::NotOurs;
}

/// Our uid as it is outside of the user namespace we are in.
uint32_t outer_uid(const plan::Host& host) {
  for (const oci::IdMap& line : host.uid_map)
    if (host.uid >= line.container && host.uid - line.container < line.size)
      return line.host + (host.uid - line.container);
  return host.uid;
}

/// The first of the devices that every container has and this machine has not.
std::string find_missing_device() {
  const auto devices = plan::plan_devices(oci::Spec{}, {});
  if (!devices) return {};
  for (const plan::DeviceStep& device : *devices) {
    const auto status = sys::stat_at(sys::cwd(), device.path.c_str());
    if (!status || !S_ISCHR(status->st_mode)) return device.path;
  }
  return {};
}

bool can_open(const char* path) {
  return static_cast<bool>(sys::open_at(sys::cwd(), path, O_RDWR));
}

}  // namespace

Environment gather_environment(const plan::Host& host) {
  Environment environment;
  if (auto executable = sys::read_link("/proc/self/exe"))
    environment.executable = std::move(executable).value();
  environment.runtime_path = variable("XDG_RUNTIME_DIR");
  environment.runtime_dir = look_at_runtime_dir(host, environment.runtime_path);
  environment.state_dir = cat("/tmp/wolffia-", outer_uid(host));
  const auto state = sys::stat_entry(sys::cwd(), environment.state_dir.c_str());
  environment.state_dir_foreign = state && !ours_alone(*state, host.uid);
  environment.missing_device = find_missing_device();
  environment.has_fuse = can_open("/dev/fuse");
  environment.has_tun = can_open("/dev/net/tun");
  return environment;
}

}  // namespace wolffia::cli::user::doctor
