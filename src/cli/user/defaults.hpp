// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>

/// What `wolffia run DIR` gives a program that nobody described: as much as ordinary programs need.
namespace wolffia::cli::user {

struct FixedMount {
  std::string_view target, type, source;
  std::array<std::string_view, 6> options;
};

inline constexpr std::array kMounts{
    FixedMount{"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
    FixedMount{"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
    FixedMount{"/dev/pts",
               "devpts",
               "devpts",
               {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
    FixedMount{"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777"}},
    FixedMount{"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
};

inline constexpr FixedMount kOwnSysfs{
    "/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}};
/// A new sysfs shows the network devices of its mounter's network: with the host's it is refused.
inline constexpr FixedMount kHostSysfs{
    "/sys", "bind", "/sys", {"rbind", "rprivate", "nosuid", "noexec", "nodev", "rro"}};

/// Where programs expect to write when the root can't be written to.
inline constexpr std::array kScratchMounts{
    FixedMount{"/tmp", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=1777"}},
    FixedMount{"/var/tmp", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=1777"}},
    FixedMount{"/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755"}},
};

/// As the container engines do; all of them hold over the container's own ids and namespaces only.
inline constexpr std::array kCapabilities{
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER",           "CAP_FSETID",
    "CAP_KILL",    "CAP_SETGID",       "CAP_SETUID",           "CAP_SETPCAP",
    "CAP_SETFCAP", "CAP_SYS_CHROOT",   "CAP_NET_BIND_SERVICE",
};

/// The files in which the kernel tells of the host, or takes orders for it.
inline constexpr std::array kMaskedPaths{
    "/proc/acpi",        "/proc/asound",        "/proc/interrupts", "/proc/kcore",
    "/proc/keys",        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
    "/proc/sched_debug", "/proc/scsi",          "/sys/firmware",    "/sys/devices/virtual/powercap",
};
inline constexpr std::array kReadonlyPaths{
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/// Where --init puts the init of ours: in the /dev that is made anew, so that no root needs a
/// place.
inline constexpr std::string_view kInitPath = "/dev/init";

inline constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The variables of the host that pass without being asked for; all others stay outside.
inline constexpr std::array kPassedVariables{"TERM", "LANG", "LC_ALL", "TZ"};

}  // namespace wolffia::cli::user
