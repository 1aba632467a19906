// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "oci/runtime_spec.hpp"

/// What will be done, as data that can be printed: no descriptors, nothing left to decide but
/// what only a system call can tell. `wolffia-oci run --dry-run` prints it; tests compare it.
namespace wolffia::plan {

/// Who writes /proc/PID/uid_map. Source: user_namespaces(7).
enum class MapWriter : uint8_t {
  Child,    // one id, the caller's own: the new process writes its map itself
  Parent,   // the caller has CAP_SETUID over the ids it maps
  Helpers,  // newuidmap(1) and newgidmap(1)
};

struct UserNamespacePlan {
  enum class How : uint8_t { Inherit, New, Join };
  How how = How::Inherit;
  std::string path;                          // Join
  std::vector<oci::IdMap> uid_map, gid_map;  // Join: what the bundle says it has; may be empty
  MapWriter writer = MapWriter::Child;
  bool deny_setgroups = false;
  /// The ranges were our choice, not the bundle's: if the helpers fail, `one_uid`/`one_gid` serve,
  /// see fall_back_to_one_id().
  bool may_fall_back = false;
  oci::IdMap one_uid{}, one_gid{};
};

/// A namespace other than the user namespace.
struct NamespacePlan {
  oci::NamespaceType type;
  std::string path;  // empty: new
};

enum class MountKind : uint8_t {
  Filesystem,  // fsopen(type)
  Bind,
  Proc,     // a new instance, else the host's bound, see runtime_spec "proc" and I2
  Sysfs,    // a new instance needs an owned network namespace, else /sys bound recursively
  Cgroup,   // cgroup2 instance with an owned cgroup namespace, else bound read-only
  Remount,  // attributes of the mount that is at the target already ("remount" without "bind")
};

/// The ids of a file system as a mount shows them: `container` is what the file system has, `host`
/// what is seen, as the current user namespace counts ids.
struct MountIdMap {
  std::vector<oci::IdMap> uid_map, gid_map;
  bool recursive = false;  // of the mounts below as well
};

struct MountStep {
  size_t index;  // in the bundle's mounts, for messages; kNoIndex for one of ours
  static constexpr size_t kNoIndex = SIZE_MAX;
  MountKind kind = MountKind::Filesystem;
  std::string type;             // file system type
  std::string source;           // Bind: absolute host path; Filesystem: its source, may be empty
  std::string target;           // absolute, inside the container
  bool recursive = false;       // Bind: rbind
  uint64_t set = 0, clear = 0;  // MOUNT_ATTR_* of this mount
  uint64_t rec_set = 0, rec_clear = 0;  // MOUNT_ATTR_* of the whole tree ("rro")
  uint64_t propagation = 0;             // MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE or 0
  bool rec_propagation = false;         // "rprivate" and the like
  bool source_nofollow = false, target_nofollow = false;  // crun's src-nofollow, dest-nofollow
  bool copy_up = false;                                   // tmpcopyup
  bool copy_symlink = false;                              // crun's copy-symlink
  std::optional<MountIdMap> id_map;                       // Bind
  /// Superblock options in the order given: "size=65536k", "sync". For fsconfig(2).
  std::vector<std::string> data;
};

/// One device node of linux.devices, or one of the specification's default devices.
struct DeviceStep {
  std::string path;  // absolute, inside
  oci::DeviceType type;
  uint32_t major = 0, minor = 0;
  uint32_t mode = 0666;
  ContainerUid uid;
  ContainerGid gid;
  bool is_default = false;  // one of runtime-spec's default devices
};

/// When a layer above the root file system takes the mount points that are missing in it.
enum class Cover : uint8_t {
  Never,      // a writable root file system: they are created in it
  IfMissing,  // a read-only one: it stays byte for byte as it was
  Always,     // asked for by annotation
};

struct RootPlan {
  std::string path;  // absolute host path
  bool readonly = false;
  Cover cover = Cover::Never;
  uint64_t propagation = 0;  // MS_*; 0: MS_PRIVATE for the root, MS_SLAVE for the rest
  bool rec_propagation = false;
  bool pivot = true;  // false: --no-pivot
};

/// Bit n is capability n. Source: capabilities(7).
struct CapabilitySets {
  uint64_t bounding = 0, effective = 0, inheritable = 0, permitted = 0, ambient = 0;
};

/// What the kernel's security modules are to take the program for; empty: as they see fit.
struct SecurityLabels {
  std::string apparmor, selinux;
  bool empty() const { return apparmor.empty() && selinux.empty(); }
};

struct ProcessPlan {
  std::vector<std::string> args;
  std::vector<std::string> env;  // HOME is added by the child where missing (passwd is inside)
  std::string cwd;
  ContainerUid uid;
  ContainerGid gid;
  std::vector<uint32_t> additional_gids;
  bool keep_groups = false;  // setgroups is denied or must not be called: leave them as they are
  std::optional<uint32_t> umask;
  std::vector<oci::Rlimit> rlimits;
  CapabilitySets capabilities;
  bool no_new_privileges = false;
  SecurityLabels labels;
  std::optional<int> oom_score_adj;
  bool terminal = false;
  oci::ConsoleSize console_size;
  std::optional<uint64_t> personality;
  std::optional<oci::IoPriority> io_priority;
  std::optional<oci::Scheduler> scheduler;
  std::optional<oci::MemoryPolicy> memory_policy;
  NumberSet cpus;  // that it may run on; empty: as they are
  bool new_keyring = true;
  uint32_t preserve_fds = 0;  // 3 .. 3+n stay open
};

/// One write(2) that limits a cgroup.
struct CgroupWrite {
  std::string field;  // of linux.resources, for messages: "memory.limit"
  std::string file;   // "memory.max"
  std::string value;
  /// Where the kernel has no such file; empty: then it has no such limit.
  std::string other_file = {}, other_value = {};
};

/// A transient scope of systemd, in which the container's cgroup is.
struct ScopePlan {
  std::string name;      // "libpod-ID.scope"
  bool system = false;   // of the machine's systemd, not of the user's
  std::string subgroup;  // the container's cgroup below that of the scope; empty: that itself
  /// "MemoryMax=uint64 1048576", as wolffia-scope takes them: what the unit is, its limits, and the
  /// org.systemd.property annotations.
  std::vector<std::string> properties = {};
};

struct CgroupPlan {
  std::string path;                // linux.cgroupsPath; empty: one below the caller's own
  std::optional<ScopePlan> scope;  // then `path` is not looked at
  std::vector<CgroupWrite> limits;
  bool optional = false;  // a limit that cannot be applied is told, and the container goes on
  std::string delegated;  // one below it that the first process goes to; empty: it stays
  /// What its processes may use, defaults included; empty: whatever there are nodes of.
  std::vector<oci::DeviceRule> devices;
  /// Who is to own it, as the current user namespace counts uids; nullopt: whoever makes it.
  std::optional<uint32_t> owner;
};

struct Plan {
  std::string id, bundle;
  UserNamespacePlan user;
  std::vector<NamespacePlan> namespaces;
  std::string hostname, domainname;
  bool hostname_optional = false;  // refused by a filter around us, it is left as it is
  RootPlan root;
  std::vector<MountStep> mounts;                            // in the bundle's order
  std::vector<DeviceStep> devices;                          // the defaults, then linux.devices
  std::vector<std::string> masked_paths, readonly_paths;    // without duplicates
  std::vector<std::pair<std::string, std::string>> sysctl;  // "net/ipv4/x" below /proc/sys, value
  std::vector<oci::Linux::TimeOffset> time_offsets;
  std::vector<oci::NetDevice> net_devices;  // that come from the caller's network namespace
  std::optional<ProcessPlan> process;
  std::optional<oci::Seccomp> seccomp;
  std::optional<CgroupPlan> cgroup;  // nullopt: that of the caller
  bool leaves_device_rules_out = false;
  oci::Hooks hooks;
  std::vector<std::pair<std::string, std::string>> annotations;
  /// Sentences for a person: what was degraded or not applied, and the line that mends it.
  std::vector<std::string> notices;

  bool creates(oci::NamespaceType type) const;
  bool joins_any() const;
};

}  // namespace wolffia::plan
