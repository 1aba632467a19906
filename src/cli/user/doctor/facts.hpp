// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/host.hpp"
#include "plan/plan.hpp"
#include "sys/space.hpp"

/// What `wolffia doctor` knows about the machine: gathered once (gather.hpp), then only looked at
/// (check.hpp), so that a machine with any fault is a row in a test.
namespace wolffia::cli::user::doctor {

/// What was tried for real, in a process of its own, in the order of a container's start.
enum class Step : uint8_t {
  UserNamespace,    // with a mount namespace, as the runner makes them
  Maps,             // of the ids that the runner would map
  PrivateMounts,    // the first change of the new mount namespace
  Tmpfs,            // the first mount
  StoreOverlay,     // the kernel's overlayfs with its upper directory where the store is
  ScratchOverlay,   // the same where scratch is; only where the store has it refused
  MemoryOverlay,    // the same with a tmpfs
  IpcNamespace,     //
  UtsNamespace,     //
  HostName,         // set in it
  CgroupNamespace,  //
  NetNamespace,     //
  Sysfs,            // a new instance, in the new network namespace
  PidNamespace,     //
  Proc,             // a new instance, in the new pid namespace
};
inline constexpr size_t kSteps = static_cast<size_t>(Step::Proc) + 1;

/// Not an errno: the step was not reached.
inline constexpr int16_t kNotTried = -1;

struct Trials {
  std::array<int16_t, kSteps> code = filled();  // 0: it works; else errno, or kNotTried
  bool one_id = false;                          // newuidmap failed, and one id was mapped instead
  std::string helper;                           // then: what it said

  int operator[](Step step) const { return code[static_cast<size_t>(step)]; }
  void set(Step step, int result) {
    code[static_cast<size_t>(step)] = static_cast<int16_t>(result);
  }
  bool works(Step step) const { return (*this)[step] == 0; }
  bool fails(Step step) const { return (*this)[step] > 0; }

 private:
  static constexpr std::array<int16_t, kSteps> filled() {
    std::array<int16_t, kSteps> all{};
    all.fill(kNotTried);
    return all;
  }
};

/// What in the kernel, and around us, can forbid namespaces and mounts.
struct Confinement {
  std::optional<uint64_t> unprivileged_clone;   // kernel.unprivileged_userns_clone
  std::optional<uint64_t> apparmor_restricts;   // kernel.apparmor_restrict_unprivileged_userns
  std::optional<uint64_t> max_user_namespaces;  // user.max_user_namespaces
  std::string zero_limit;  // "net": the first other user.max_NAME_namespaces that is 0
  bool kernel_has_user_namespaces = true;
  bool selinux_enforces = false;
  bool seccomp_filtered = false;  // a filter is on us already
  bool no_new_privileges = false;
  std::string security_label;  // "docker-default (enforce)"; empty: none
  bool in_chroot = false;      // our root is no mount of its namespace
  bool proc_mounted = true;
  std::vector<std::string> covered_proc;  // what is mounted below /proc
  /// The kind of container around us, as files and variables tell it.
  enum class Outer : uint8_t { None, Docker, Podman, Kubernetes, Other } outer = Outer::None;
};

struct Cgroups {
  enum class Kind : uint8_t { None, V1, Hybrid, Unified } kind = Kind::Unified;
  std::string path;                  // our own, below /sys/fs/cgroup; Unified only
  bool writable = true;              // we may make groups in it, or systemd makes us some
  std::vector<std::string> missing;  // of the controllers that limits need
  bool keeps_limits = false;         // one is to be had for a container, with memory at least
  bool user_manager = true;          // a systemd of the user that can delegate
};

/// A directory that is written to, as it would be.
struct Place {
  std::string path;      // as wanted
  std::string existing;  // the part of it that exists
  bool answered = true;  // false: the file system did not, within our patience
  sys::Space space;
  int write_code = 0;   // errno of writing a small file; 0: it works
  int lock_code = 0;    // of flock(2) on it
  bool is_ours = true;  // the directory, or nothing is there yet
  bool others_write = false;
  std::optional<sys::Quota> quota;
  int64_t server_ahead = 0;  // seconds that the file system's clock is ahead of ours
};

struct Environment {
  std::string executable;  // the real path of this program
  bool has_home = true;
  enum class RuntimeDir : uint8_t {
    Usable,
    NotNeeded,
    Unset,
    NotThere,
    NotOurs
  } runtime_dir = RuntimeDir::Usable;
  std::string runtime_path;
  std::string state_dir;              // /tmp/wolffia-UID, for where there is none
  bool state_dir_foreign = false;     // it is somebody else's, or others may write to it
  std::string runtime_missing;        // why wolffia-oci can't be started; empty: it can
  std::string image_program_missing;  // the same of wolffia-image
  std::string missing_device;         // "/dev/null"
  bool has_fuse = true;               // /dev/fuse can be opened
  bool has_tun = true;
};

struct Transfers {
  int64_t now = 0;     // by our clock, in seconds
  int64_t newest = 0;  // of the files that cannot be of the future
  std::string newest_name;
  bool has_certificates = true;
  std::string certificates;    // the file that was looked for
  std::string proxy_variable;  // "https_proxy"; empty: none is set
  std::string proxy;           // its value, without credentials
  bool proxy_valid = true;
  int proxy_code = 0;            // of connecting to it; 0: it answers, or is a name
  bool only_http_proxy = false;  // http_proxy is set, and nothing for https
};

struct Facts {
  plan::Host host;
  plan::UserNamespacePlan user;  // what the runner would make
  Trials trials;
  Confinement confinement;
  Cgroups cgroups;
  Place store, tmp;
  std::string better_store;  // a local directory of ours with room; empty: none was found
  Environment environment;
  Transfers transfers;
};

}  // namespace wolffia::cli::user::doctor
