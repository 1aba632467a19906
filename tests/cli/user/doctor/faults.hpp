// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cerrno>

#include "cli/user/doctor/check.hpp"
#include "cli/user/doctor/healthy.hpp"

namespace wolffia::cli::user::doctor {

using Outer = Confinement::Outer;
using RuntimeDir = Environment::RuntimeDir;
using plan::MapHelper;

inline constexpr uint64_t kMiB = uint64_t{1} << 20;

/// A fault, and what is said of it: this finding and no other.
struct Fault {
  const char* id;
  Severity severity;
  const char* words;  // in the cause or in the fix
  void (*break_it)(Facts& facts);
};

/// The kernel's answer to the first step, and to no other: none is reached.
inline void refuse(Facts& facts, int code) {
  facts.trials = Trials();
  facts.trials.set(Step::UserNamespace, code);
}

inline void deny_inside(Facts& facts, Step step) {
  facts.trials = Trials();
  facts.trials.set(Step::UserNamespace, 0);
  if (step != Step::Maps) facts.trials.set(Step::Maps, 0);
  facts.trials.set(step, EPERM);
}

inline void have_one_id(Facts& facts) {
  facts.user.uid_map = facts.user.gid_map = {{0, 1001, 1}};
}

inline constexpr auto kWorks = Severity::Works;
inline constexpr auto kDegraded = Severity::Degraded;
inline constexpr auto kBlocked = Severity::Blocked;

inline const Fault kFaults[] = {
    {"program-missing", kBlocked, "wolffia-oci is",
     [](Facts& f) { f.environment.runtime_missing = "wolffia-oci is gone"; }},
    {"image-program-missing", kDegraded, "wolffia-image is",
     [](Facts& f) { f.environment.image_program_missing = "wolffia-image is gone"; }},
    {"no-proc", kBlocked, "mount -t proc", [](Facts& f) { f.confinement.proc_mounted = false; }},
    {"device-missing", kBlocked, "/dev/full",
     [](Facts& f) { f.environment.missing_device = "/dev/full"; }},

    {"no-user-namespaces", kBlocked, "CONFIG_USER_NS", [](Facts& f) { refuse(f, EINVAL); }},
    {"no-user-namespaces", kBlocked, "CONFIG_USER_NS",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.kernel_has_user_namespaces = false;
     }},
    {"user-namespaces-off", kBlocked, "unprivileged_userns_clone=1",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.unprivileged_clone = 0;
     }},
    {"user-namespace-limit-zero", kBlocked, "user.max_user_namespaces=15000",
     [](Facts& f) {
       refuse(f, ENOSPC);
       f.confinement.max_user_namespaces = 0;
     }},
    {"user-namespaces-used-up", kBlocked, "max_user_namespaces",
     [](Facts& f) { refuse(f, ENOSPC); }},
    {"user-namespaces-used-up", kBlocked, "max_user_namespaces",
     [](Facts& f) { refuse(f, EUSERS); }},
    {"too-many-processes", kBlocked, "ulimit -u", [](Facts& f) { refuse(f, EAGAIN); }},
    {"in-chroot", kBlocked, "chroot",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.in_chroot = true;
     }},
    {"apparmor-restriction", kBlocked, "/usr/bin/wolffia doctor --apparmor",
     [](Facts& f) {
       deny_inside(f, Step::Maps);
       f.confinement.apparmor_restricts = 1;
     }},
    {"apparmor-restriction", kBlocked, "apparmor_parser -r",
     [](Facts& f) {
       deny_inside(f, Step::PrivateMounts);
       f.confinement.apparmor_restricts = 1;
     }},
    {"apparmor-restriction", kBlocked, "apparmor_parser -r",
     [](Facts& f) {
       refuse(f, EACCES);
       f.confinement.apparmor_restricts = 1;
     }},
    {"selinux-restriction", kBlocked, "semodule",
     [](Facts& f) {
       refuse(f, EACCES);
       f.confinement.selinux_enforces = true;
     }},
    {"seccomp-filter", kBlocked, "RestrictNamespaces",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.seccomp_filtered = true;
     }},
    {"seccomp-filter", kBlocked, "docker run --security-opt seccomp=unconfined",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.seccomp_filtered = true;
       f.confinement.apparmor_restricts = 1;  // of the host: the filter was first
       f.confinement.outer = Outer::Docker;
     }},
    {"seccomp-filter", kBlocked, "podman run",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.seccomp_filtered = true;
       f.confinement.outer = Outer::Podman;
     }},
    {"seccomp-filter", kBlocked, "seccompProfile",
     [](Facts& f) {
       refuse(f, EPERM);
       f.confinement.seccomp_filtered = true;
       f.confinement.outer = Outer::Kubernetes;
     }},
    {"mounts-refused", kBlocked, "docker-default",
     [](Facts& f) {
       deny_inside(f, Step::Tmpfs);
       f.confinement.apparmor_restricts = 1;  // of those without a profile
       f.confinement.security_label = "docker-default (enforce)";
     }},
    {"user-namespaces-refused", kBlocked, "not permitted", [](Facts& f) { refuse(f, EPERM); }},

    {"trial-unanswered", kDegraded, "once more",
     [](Facts& f) {
       f.trials = Trials();
       f.trials.set(Step::UserNamespace, 0);
     }},

    {"namespace-limit-zero", kBlocked, "user.max_pid_namespaces",
     [](Facts& f) { f.confinement.zero_limit = "pid"; }},
    {"namespace-refused", kBlocked, "no pid namespace",
     [](Facts& f) { f.trials.set(Step::PidNamespace, EPERM); }},
    {"hostname-refused", kWorks, "sethostname",
     [](Facts& f) { f.trials.set(Step::HostName, EPERM); }},
    {"no-network-namespace", kDegraded, "user.max_net_namespaces",
     [](Facts& f) {
       f.confinement.zero_limit = "net";
       f.trials.set(Step::NetNamespace, ENOSPC);
     }},
    {"no-network-namespace", kDegraded, "not permitted",
     [](Facts& f) { f.trials.set(Step::NetNamespace, EPERM); }},
    {"masked-proc", kDegraded, "/proc/kcore",
     [](Facts& f) {
       f.trials.set(Step::Proc, EPERM);
       f.confinement.covered_proc = {"/proc/kcore"};
     }},
    {"masked-proc", kDegraded, "systempaths=unconfined",
     [](Facts& f) {
       f.trials.set(Step::Proc, EPERM);
       f.confinement.outer = Outer::Docker;
     }},
    {"masked-sys", kWorks, "/sys", [](Facts& f) { f.trials.set(Step::Sysfs, EPERM); }},

    {"newuidmap-missing", kDegraded, "apt install uidmap",
     [](Facts& f) {
       f.host.newuidmap = f.host.newgidmap = MapHelper::Missing;
       have_one_id(f);
     }},
    {"newuidmap-not-setuid", kDegraded, "/usr/bin/newgidmap && sudo chmod u+s",
     [](Facts& f) {
       f.host.newgidmap = MapHelper::NotSetuid;
       have_one_id(f);
     }},
    {"newuidmap-nosuid", kDegraded, "remount,suid",
     [](Facts& f) {
       f.host.newuidmap = MapHelper::NosuidMount;
       have_one_id(f);
     }},
    {"no-new-privs", kDegraded, "NoNewPrivileges=no",
     [](Facts& f) {
       f.host.newuidmap = f.host.newgidmap = MapHelper::NoNewPrivs;
       f.confinement.no_new_privileges = true;
       have_one_id(f);
     }},
    {"no-subordinate-ids", kDegraded,
     "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ana",
     [](Facts& f) {
       f.host.sub_uids = f.host.sub_gids = {};
       have_one_id(f);
     }},
    {"no-subordinate-ids", kDegraded, "no subordinate gids",
     [](Facts& f) {
       f.host.sub_gids = {};
       have_one_id(f);
     }},
    {"subordinate-ids-not-here", kDegraded, "\"ana\"",
     [](Facts& f) {
       f.host.uid_map = f.host.gid_map = {{0, 0, 65536}};
       have_one_id(f);
     }},
    {"subordinate-ids-not-here", kDegraded, "\"ana\"",
     [](Facts& f) {
       f.host.uid_map = f.host.gid_map = {{1001, 1001, 1}};
       f.host.sub_uids = f.host.sub_gids = {};
       f.host.newuidmap = f.host.newgidmap = MapHelper::NotSetuid;
       have_one_id(f);
     }},
    {"newuidmap-refused", kDegraded, "not allowed",
     [](Facts& f) {
       f.trials.one_id = true;
       f.trials.helper = "uid range [1-65537) -> [100000-165536) not allowed";
     }},
    {"few-subordinate-ids", kDegraded, "only 1001 ids",
     [](Facts& f) {
       f.user.uid_map = {{0, 1001, 1}, {1, 100000, 1000}};
     }},

    {"no-cgroup", kWorks, "cgroup2", [](Facts& f) { f.cgroups.kind = Cgroups::Kind::None; }},
    {"cgroup-v1", kWorks, "version 1", [](Facts& f) { f.cgroups.kind = Cgroups::Kind::V1; }},
    {"cgroup-hybrid", kWorks, "hybrid", [](Facts& f) { f.cgroups.kind = Cgroups::Kind::Hybrid; }},
    {"cgroup-not-delegated", kWorks, "systemd-run --user",
     [](Facts& f) { f.cgroups.writable = false; }},
    {"cgroup-not-delegated", kWorks, "Delegate=yes",
     [](Facts& f) { f.cgroups.writable = f.cgroups.user_manager = false; }},
    {"cgroup-controllers-missing", kWorks, "cpu, pids",
     [](Facts& f) {
       f.cgroups.missing = {"cpu", "pids"};
     }},

    {"no-runtime-dir", kWorks, "enable-linger ana",
     [](Facts& f) { f.environment.runtime_dir = RuntimeDir::Unset; }},
    {"no-runtime-dir", kWorks, "export XDG_RUNTIME_DIR",
     [](Facts& f) {
       f.environment.runtime_dir = RuntimeDir::Unset;
       f.confinement.outer = Outer::Other;
     }},
    {"runtime-dir-unusable", kWorks, "is not there",
     [](Facts& f) { f.environment.runtime_dir = RuntimeDir::NotThere; }},
    {"runtime-dir-unusable", kWorks, "/run/user/1001",
     [](Facts& f) { f.environment.runtime_dir = RuntimeDir::NotOurs; }},
    {"tmp-full", kDegraded, "only 2.0 MiB", [](Facts& f) { f.tmp.space.free_bytes = 2 * kMiB; }},
    {"tmp-full", kDegraded, "more files", [](Facts& f) { f.tmp.space.free_inodes = 3; }},
    {"tmp-full", kDegraded, "/tmp", [](Facts& f) { f.tmp.write_code = ENOSPC; }},
    {"tmp-not-writable", kDegraded, "Read-only", [](Facts& f) { f.tmp.write_code = EROFS; }},
    {"no-home", kDegraded, "WOLFFIA_STORE",
     [](Facts& f) {
       f.environment.has_home = false;
       f.store = Place();
     }},
    {"store-unresponsive", kDegraded, "WOLFFIA_STORE=/var/tmp/wolffia-1001-store",
     [](Facts& f) {
       f.store.answered = false;
       f.store.space = {};
     }},
    {"store-not-ours", kDegraded, "somebody else", [](Facts& f) { f.store.is_ours = false; }},
    {"store-not-ours", kDegraded, "chmod go-w /home/ana",
     [](Facts& f) { f.store.others_write = true; }},
    {"store-not-writable", kDegraded, "Read-only", [](Facts& f) { f.store.write_code = EROFS; }},
    {"store-full", kDegraded, "only 900 MiB left",
     [](Facts& f) { f.store.space.free_bytes = 900 * kMiB; }},
    {"store-full", kDegraded, "only 12 more files",
     [](Facts& f) { f.store.space.free_inodes = 12; }},
    {"store-full", kDegraded, "WOLFFIA_STORE=", [](Facts& f) { f.store.write_code = ENOSPC; }},
    {"store-quota", kDegraded, "9.5 GiB of 10.0 GiB",
     [](Facts& f) {
       f.store.quota = sys::Quota{.used_bytes = 9728 * kMiB, .limit_bytes = 10240 * kMiB};
     }},
    {"store-quota", kDegraded, "quota",
     [](Facts& f) { f.store.quota = sys::Quota{.used_inodes = 99'000, .limit_inodes = 100'000}; }},
    {"store-quota", kDegraded, "quota", [](Facts& f) { f.store.write_code = EDQUOT; }},
    {"store-noexec", kWorks, "noexec", [](Facts& f) { f.store.space.noexec = true; }},
    {"store-on-network", kWorks, "on nfs", [](Facts& f) { f.store.space.type = 0x6969; }},
    {"store-on-network", kWorks, "on lustre", [](Facts& f) { f.store.space.type = 0x0BD00BD0; }},
    {"store-without-locks", kWorks, "locks", [](Facts& f) { f.store.lock_code = ENOLCK; }},
    {"store-without-overlay", kWorks, "Invalid argument",
     [](Facts& f) { f.trials.set(Step::StoreOverlay, EINVAL); }},
    {"store-without-overlay", kDegraded, "Invalid argument",
     [](Facts& f) {
       f.trials.set(Step::StoreOverlay, EINVAL);
       f.trials.set(Step::ScratchOverlay, EINVAL);
     }},
    {"no-overlay", kDegraded, "modprobe overlay",
     [](Facts& f) {
       f.trials.set(Step::StoreOverlay, ENODEV);
       f.trials.set(Step::ScratchOverlay, ENODEV);
       f.trials.set(Step::MemoryOverlay, ENODEV);
     }},
    {"no-overlay", kDegraded, "5.11",
     [](Facts& f) {
       f.trials.set(Step::StoreOverlay, kNotTried);
       f.trials.set(Step::MemoryOverlay, EPERM);
     }},

    {"no-fuse", kWorks, "modprobe fuse", [](Facts& f) { f.environment.has_fuse = false; }},
    {"no-fuse", kWorks, "podman run --device /dev/fuse",
     [](Facts& f) {
       f.environment.has_fuse = false;
       f.confinement.outer = Outer::Podman;
     }},
    {"no-tun", kWorks, "docker run --device /dev/net/tun",
     [](Facts& f) {
       f.environment.has_tun = false;
       f.confinement.outer = Outer::Docker;
     }},
    {"no-tun", kWorks, "modprobe tun", [](Facts& f) { f.environment.has_tun = false; }},
    {"clock-behind", kDegraded, "2 days behind",
     [](Facts& f) { f.transfers.now = f.transfers.newest - 2 * 86'400; }},
    {"clock-differs", kDegraded, "3 hours ahead",
     [](Facts& f) { f.store.server_ahead = -3 * 3600; }},
    {"clock-differs", kDegraded, "11 minutes behind",
     [](Facts& f) { f.store.server_ahead = 11 * 60; }},
    {"no-certificates", kDegraded, "ca-certificates",
     [](Facts& f) {
       f.transfers.has_certificates = false;
       f.transfers.certificates.clear();
     }},
    {"no-certificates", kDegraded, "unset SSL_CERT_FILE",
     [](Facts& f) { f.transfers.has_certificates = false; }},
    {"proxy-invalid", kDegraded, "export HTTPS_PROXY=",
     [](Facts& f) {
       f.transfers.proxy_variable = "HTTPS_PROXY";
       f.transfers.proxy = "nonsense://";
       f.transfers.proxy_valid = false;
     }},
    {"proxy-unreachable", kDegraded, "refused",
     [](Facts& f) {
       f.transfers.proxy_variable = "https_proxy";
       f.transfers.proxy = "http://127.0.0.1:9";
       f.transfers.proxy_code = ECONNREFUSED;
     }},
    {"proxy-http-only", kWorks, "https_proxy=\"$http_proxy\"",
     [](Facts& f) { f.transfers.only_http_proxy = true; }},
};

}  // namespace wolffia::cli::user::doctor
