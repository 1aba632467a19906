// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/quote.hpp"
#include "cli/output.hpp"
#include "cli/runtime/commands.hpp"
#include "cli/runtime/options.hpp"
#include "json/writer.hpp"
#include "sys/file.hpp"

namespace wolffia::cli::runtime {
namespace {

enum class For : uint8_t { Both, Default, Rootless };

struct MountRow {
  std::string_view destination, type, source, options;
  For whom = For::Both;
};

// runc's default mounts, in the order they are made. Rootless shares the network namespace, which
// does not own a sysfs then; and group 5 (tty) is not mapped.
constexpr std::array kMounts{
    MountRow{"/proc", "proc", "proc", "nosuid,noexec,nodev"},
    MountRow{"/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"},
    MountRow{"/dev/pts", "devpts", "devpts",
             "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5", For::Default},
    MountRow{"/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620",
             For::Rootless},
    MountRow{"/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k"},
    MountRow{"/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"},
    MountRow{"/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro", For::Default},
    MountRow{"/sys", "none", "/sys", "rbind,nosuid,noexec,nodev,ro", For::Rootless},
    MountRow{"/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro"},
};

struct NamespaceRow {
  std::string_view type;
  For whom = For::Both;
};

constexpr std::array kNamespaces{NamespaceRow{"pid"},
                                 NamespaceRow{"network", For::Default},
                                 NamespaceRow{"ipc"},
                                 NamespaceRow{"uts"},
                                 NamespaceRow{"mount"},
                                 NamespaceRow{"cgroup"},
                                 NamespaceRow{"user", For::Rootless}};

constexpr std::string_view kCapabilities = "CAP_AUDIT_WRITE,CAP_KILL,CAP_NET_BIND_SERVICE";
constexpr std::string_view kMasked =
    "/proc/acpi,/proc/asound,/proc/interrupts,/proc/kcore,/proc/keys,/proc/latency_stats,"
    "/proc/sched_debug,/proc/scsi,/proc/timer_list,/proc/timer_stats,/sys/devices/virtual/powercap,"
    "/sys/firmware";
constexpr std::string_view kReadonly = "/proc/bus,/proc/fs,/proc/irq,/proc/sys,/proc/sysrq-trigger";

bool applies(For whom, bool rootless) {
  return whom == For::Both || (whom == For::Rootless) == rootless;
}

/// "a,b" as ["a", "b"].
void write_list(json::Writer& out, std::string_view key, std::string_view list) {
  out.key(key).begin_array();
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    out.value(list.substr(begin, end - begin));
    begin = end + 1;
  }
  out.end_array();
}

void write_process(json::Writer& out) {
  out.key("process").begin_object().member("terminal", true);
  out.key("user").begin_object().member("uid", 0).member("gid", 0).end_object();
  write_list(out, "args", "sh");
  write_list(out, "env",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin,TERM=xterm");
  out.member("cwd", "/").key("capabilities").begin_object();
  for (const char* set : {"bounding", "effective", "permitted"})
    write_list(out, set, kCapabilities);
  out.end_object().key("rlimits").begin_array().begin_object();
  out.member("type", "RLIMIT_NOFILE").member("hard", 1024).member("soft", 1024);
  out.end_object().end_array().member("noNewPrivileges", true).end_object();
}

void write_mounts(json::Writer& out, bool rootless) {
  out.key("mounts").begin_array();
  for (const MountRow& row : kMounts) {
    if (!applies(row.whom, rootless)) continue;
    out.begin_object().member("destination", row.destination);
    out.member("type", row.type).member("source", row.source);
    write_list(out, "options", row.options);
    out.end_object();
  }
  out.end_array();
}

/// The caller's own id as root inside.
void write_mapping(json::Writer& out, std::string_view key, uint32_t host) {
  out.key(key).begin_array().begin_object();
  out.member("containerID", 0).member("hostID", host).member("size", 1);
  out.end_object().end_array();
}

void write_linux(json::Writer& out, const SpecFor& spec_for) {
  out.key("linux").begin_object();
  if (spec_for.rootless) {
    write_mapping(out, "uidMappings", spec_for.uid);
    write_mapping(out, "gidMappings", spec_for.gid);
  }
  out.key("namespaces").begin_array();
  for (const NamespaceRow& row : kNamespaces)
    if (applies(row.whom, spec_for.rootless))
      out.begin_object().member("type", row.type).end_object();
  out.end_array();
  write_list(out, "maskedPaths", kMasked);
  write_list(out, "readonlyPaths", kReadonly);
  out.end_object();
}

/// Where to write: --config as the caller sees it, else config.json in the bundle.
std::string target_path(const Arguments& arguments) {
  if (const auto file = arguments.find(kSpecFile)) return std::string(*file);
  const std::string_view bundle = arguments.value(kBundle);
  return bundle.empty() ? "config.json" : cat(bundle, "/config.json");
}

}  // namespace

std::string default_config(const SpecFor& spec_for) {
  json::Writer out("\t");
  out.begin_object().member("ociVersion", kSpecVersion);
  write_process(out);
  out.key("root").begin_object().member("path", "rootfs").member("readonly", true).end_object();
  out.member("hostname", "wolffia");
  write_mounts(out, spec_for.rootless);
  write_linux(out, spec_for);
  out.end_object();
  return std::move(out).take() + "\n";
}

Result<int> run_spec(const Invocation& call, int&) {
  const SpecFor spec_for{
      .rootless = call.arguments.has(kSpecRootless), .uid = ::geteuid(), .gid = ::getegid()};
  const std::string path = target_path(call.arguments);
  auto file = sys::open_at(sys::cwd(), path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!file && file.error().is(EEXIST))
    return Error::because(
        EEXIST, cat(quoted_if_needed(path), " exists already: move it away to write a new one"));
  if (!file) return std::move(file).error().context(quoted_if_needed(path));
  TRY(sys::write_all(*file, default_config(spec_for)), quoted_if_needed(path));
  return 0;
}

}  // namespace wolffia::cli::runtime
