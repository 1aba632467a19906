// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number_set.hpp"

/// runtime-spec 1.3.0 as structs that cannot hold an invalid value: what parse_runtime.hpp
/// returns needs no second check. Names are the specification's, in our case.
namespace wolffia::oci {

/// `size` ids from `host` appear inside as `container` onward. size >= 1, neither side overflows.
struct IdMap {
  uint32_t container;
  uint32_t host;
  uint32_t size;
  friend bool operator==(const IdMap&, const IdMap&) = default;
};

enum class NamespaceType : uint8_t { User, Mount, Pid, Network, Ipc, Uts, Cgroup, Time };

struct Namespace {
  NamespaceType type;
  std::string path;  // empty: a new one; else absolute
};

/// An absolute destination: a relative one has been put below "/".
struct Mount {
  std::string destination;
  std::string type;    // may be empty: "bind" by option, else "none"
  std::string source;  // may be empty
  std::vector<std::string> options;
  std::vector<IdMap> uid_mappings;
  std::vector<IdMap> gid_mappings;
};

struct Root {
  std::string path;  // as written; relative to the bundle
  bool readonly = false;
};

struct ConsoleSize {
  uint16_t height = 0;
  uint16_t width = 0;
};

struct User {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::optional<uint32_t> umask;  // 0 to 0777
  std::vector<uint32_t> additional_gids;
};

/// Names as written ("CAP_CHOWN"); an unknown one is kept, so that it can be warned of.
struct Capabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
};

struct Rlimit {
  int resource;  // RLIMIT_*
  uint64_t soft;
  uint64_t hard;
};

struct IoPriority {
  int io_class;  // IOPRIO_CLASS_*
  int priority;  // 0 to 7
};

struct Scheduler {
  uint32_t policy = 0;  // SCHED_*: scheduler_names.hpp
  uint64_t flags = 0;   // SCHED_FLAG_*
  int nice = 0;
  int priority = 0;
  uint64_t runtime = 0, deadline = 0, period = 0;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  User user;
  std::vector<std::string> args;  // at least one
  std::vector<std::string> env;   // each with a "=", no NUL
  std::string cwd;                // absolute
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;  // no type twice
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::string selinux_label;
  std::optional<int> oom_score_adj;  // -1000 to 1000
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  /// For processes of exec; empty: as whoever starts them has it.
  NumberSet exec_cpus_initial, exec_cpus_final;
};

struct Hook {
  std::string path;  // absolute
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::optional<uint32_t> timeout;  // seconds, at least 1
};

struct Hooks {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;
};

enum class DeviceType : uint8_t { Char, Block, Fifo };

struct Device {
  std::string path;  // absolute
  DeviceType type;
  uint32_t major = 0;
  uint32_t minor = 0;
  std::optional<uint32_t> file_mode;
  std::optional<uint32_t> uid, gid;
};

struct SeccompArg {
  uint32_t index;  // 0 to 5
  uint64_t value;
  uint64_t value_two;
  std::string op;  // SCMP_CMP_*, one of the seven
};

struct SeccompRule {
  std::vector<std::string> names;  // at least one
  std::string action;              // SCMP_ACT_*
  std::optional<uint32_t> errno_ret;
  std::vector<SeccompArg> args;
};

struct Seccomp {
  std::string default_action;
  std::optional<uint32_t> default_errno_ret;
  std::vector<std::string> architectures;  // SCMP_ARCH_*
  /// SECCOMP_FILTER_FLAG_*. Absent is not empty: peers set SPEC_ALLOW where it is absent.
  std::optional<std::vector<std::string>> flags;
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompRule> syscalls;
  /// The section's own bytes as written, with null for listenerPath and listenerMetadata: the cache
  /// key.
  std::string source;
};

/// A number for one block device. Which number, the list that it is in says.
struct DeviceNumber {
  int64_t major;
  int64_t minor;
  uint64_t number;
};

/// Which devices the program may use, in the order given: the last one that fits an access decides.
struct DeviceRule {
  static constexpr uint8_t kMknod = 1, kRead = 2, kWrite = 4;  // as BPF_DEVCG_ACC_* has them

  bool allow = false;
  char type = 'a';                       // of nodes: 'b', 'c', or 'a' for both
  std::optional<uint32_t> major, minor;  // up to INT32_MAX; nullopt: every
  uint8_t access = kMknod | kRead | kWrite;
  bool operator==(const DeviceRule&) const = default;
};

/// What a bundle asks of cgroups. An absent field is nullopt or empty.
struct Resources {
  /// Dotted names of the fields that ask for a limit ("memory.limit"), in the specification's
  /// order.
  std::vector<std::string> asked;
  struct Memory {
    std::optional<int64_t> limit, reservation, swap;  // bytes; swap: memory and swap together
    bool check_before_update = false;
  } memory;
  struct Cpu {
    std::optional<uint64_t> shares;
    std::optional<int64_t> quota, idle;     // microseconds; 0 or 1
    std::optional<uint64_t> period, burst;  // microseconds
    std::string cpus, mems;
  } cpu;
  struct BlockIo {
    std::optional<uint16_t> weight;
    std::vector<DeviceNumber> weights, read_bytes, write_bytes, reads, writes;
  } block_io;
  std::vector<std::pair<std::string, uint64_t>> huge_pages;  // "2MB", bytes
  std::optional<int64_t> pids;
  struct Rdma {
    std::string device;
    std::optional<uint32_t> handles, objects;
  };
  std::vector<Rdma> rdma;
  std::vector<std::pair<std::string, std::string>> unified;
  std::vector<DeviceRule> devices;
};

struct MemoryPolicy {
  unsigned mode = 0;  // MPOL_*, with MPOL_F_*
  NumberSet nodes;
};

/// A network device that moves into the container's network namespace.
struct NetDevice {
  std::string name;    // in the namespace of the runtime
  std::string inside;  // in that of the container; one "%d" in it stands for a free number
  static constexpr std::string_view kNumberMark = "%d";
  bool is_numbered() const { return inside.find(kNumberMark) != std::string::npos; }
};

struct Linux {
  std::vector<IdMap> uid_mappings, gid_mappings;
  std::vector<Namespace> namespaces;  // no type twice
  std::vector<Device> devices;
  std::vector<std::pair<std::string, std::string>> sysctl;
  Resources resources;
  std::string cgroups_path;
  std::optional<Seccomp> seccomp;
  std::string rootfs_propagation;  // empty, or one of the eight propagation words
  std::vector<std::string> masked_paths, readonly_paths;  // absolute
  std::string mount_label;
  std::optional<uint64_t> personality;  // PER_LINUX or PER_LINUX32
  std::optional<MemoryPolicy> memory_policy;
  /// Present fields of this section that this release does not carry out ("linux.intelRdt").
  std::vector<std::string> unsupported;
  struct TimeOffset {
    std::string clock;  // "monotonic" or "boottime"
    int64_t secs = 0;
    uint32_t nanosecs = 0;
  };
  std::vector<TimeOffset> time_offsets;
  std::vector<NetDevice> net_devices;
};

struct Spec {
  std::string oci_version;  // 1.x.y
  std::string hostname;
  std::string domainname;
  Root root;
  std::optional<Process> process;  // absent: create works, start is an error
  std::vector<Mount> mounts;
  Hooks hooks;
  std::vector<std::pair<std::string, std::string>> annotations;
  Linux linux;

  const Namespace* find_namespace(NamespaceType type) const;
  /// The annotation's value, or nullptr.
  const std::string* annotation(std::string_view key) const;
};

}  // namespace wolffia::oci
