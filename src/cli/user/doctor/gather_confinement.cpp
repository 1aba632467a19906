// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "cli/user/doctor/gather_parts.hpp"
#include "sys/credentials.hpp"
#include "sys/file.hpp"
#include "sys/mountinfo.hpp"

namespace wolffia::cli::user::doctor {
namespace {

constexpr size_t kLineLimit = 4096;
constexpr size_t kMountsLimit = size_t{4} << 20;

std::optional<uint64_t> number_of(const std::string& path) {
  const std::string text = line_of(path);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || text.empty() || *end != '\0') return std::nullopt;
  return value;
}

bool exists(const char* path) {
  return static_cast<bool>(sys::stat_at(sys::cwd(), path));
}

/// Whether /proc/self/status has the line "NAME:\tVALUE".
bool status_says(std::string_view status, std::string_view line) {
  const size_t at = status.find(line);
  return at != std::string_view::npos && (at == 0 || status[at - 1] == '\n') &&
         (at + line.size() == status.size() || status[at + line.size()] == '\n');
}

std::string first_zero_limit() {
  for (const char* name : {"mnt", "pid", "ipc", "uts", "cgroup", "net"})
    if (number_of(cat("/proc/sys/user/max_", name, "_namespaces")) == 0U) return name;
  return {};
}

/// What a mount on it does not make an own /proc impossible: an empty directory of the kernel's.
bool is_meant_to_be_covered(const std::string& point) {
  return point == "/proc/sys/fs/binfmt_misc";
}

void look_at_mounts(Confinement& around) {
  const auto text = sys::read_file(sys::cwd(), "/proc/self/mountinfo", kMountsLimit);
  if (!text) return;
  around.in_chroot = true;
  for (sys::MountInfo& mount : sys::parse_mountinfo(*text)) {
    if (mount.point == "/") around.in_chroot = false;
    if (mount.point.starts_with("/proc/") && !is_meant_to_be_covered(mount.point))
      around.covered_proc.push_back(std::move(mount.point));
  }
}

Confinement::Outer find_outer() {
  using Outer = Confinement::Outer;
  if (!variable("KUBERNETES_SERVICE_HOST").empty()) return Outer::Kubernetes;
  if (exists("/run/.containerenv")) return Outer::Podman;
  if (exists("/.dockerenv")) return Outer::Docker;
  return variable("container").empty() ? Outer::None : Outer::Other;
}

std::string find_security_label() {
  const std::string label = line_of("/proc/self/attr/current");
  return label.starts_with("unconfined") ? std::string() : label;
}

}  // namespace

std::string variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no threads
  return value ? value : "";
}

std::string line_of(const std::string& path) {
  auto text = sys::read_record(sys::cwd(), path.c_str(), kLineLimit);
  if (!text) return {};
  std::string line = std::move(text).value();
  line.resize(std::min(line.find_first_of(std::string_view("\n\0", 2)), line.size()));
  return line;
}

Confinement gather_confinement() {
  Confinement around;
  around.outer = find_outer();
  const auto no_new_privileges = sys::has_no_new_privileges();
  around.no_new_privileges = no_new_privileges && *no_new_privileges;
  around.proc_mounted = exists("/proc/self/status");
  if (!around.proc_mounted) return around;
  around.unprivileged_clone = number_of("/proc/sys/kernel/unprivileged_userns_clone");
  around.apparmor_restricts = number_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
  around.max_user_namespaces = number_of("/proc/sys/user/max_user_namespaces");
  around.zero_limit = first_zero_limit();
  around.kernel_has_user_namespaces = exists("/proc/self/ns/user");
  around.selinux_enforces = line_of("/sys/fs/selinux/enforce") == "1";
  const auto status = sys::read_record(sys::cwd(), "/proc/self/status", kLineLimit);
  around.seccomp_filtered = status && status_says(*status, "Seccomp:\t2");
  around.security_label = find_security_label();
  look_at_mounts(around);
  return around;
}

}  // namespace wolffia::cli::user::doctor
