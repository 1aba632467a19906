// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "cli/user/doctor/causes.hpp"

namespace wolffia::cli::user::doctor {
namespace {

constexpr std::string_view kNothing = "no container runs until then";
constexpr std::string_view kOneId =
    "images run with one id: root inside is you; owners are noted, but nothing inside can become "
    "another user";
constexpr std::string_view kRlimits = "limits are set by rlimit where that can be done, and told";
constexpr std::string_view kDirectories = "\"wolffia run DIR\" with a directory or bundle works";

/// In the order a container's start meets them. The id is for scripts and never changes.
constexpr std::array kChecks{
    // What starts at all.
    Check{"program-missing", "wolffia-oci is not where wolffia is",
          "install wolffia whole, and chmod go-w its directory", kNothing, program_missing},
    Check{"image-program-missing", "wolffia-image is not where wolffia is",
          "install wolffia whole, and chmod go-w its directory",
          "images that are here run, and \"wolffia run DIR\" works; none can be fetched",
          image_program_missing},
    Check{"no-proc", "there is no /proc", "sudo mount -t proc proc /proc", kNothing, no_proc},
    Check{"device-missing", "a device that every container gets is missing",
          "start what is around us with a whole /dev, as \"docker run\" and systemd do", kNothing,
          device_missing},

    // User namespaces.
    Check{"no-user-namespaces", "this kernel has no user namespaces",
          "boot a kernel with CONFIG_USER_NS=y, as all distributions have it", kNothing,
          not_in_kernel},
    Check{"user-namespaces-off",
          "kernel.unprivileged_userns_clone is 0: only root may make user namespaces",
          "echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/90-wolffia.conf && "
          "sudo sysctl --system",
          kNothing, switched_off},
    Check{"user-namespace-limit-zero", "user.max_user_namespaces is 0: nobody may make one",
          "echo user.max_user_namespaces=15000 | sudo tee /etc/sysctl.d/90-wolffia.conf && "
          "sudo sysctl --system",
          kNothing, limit_zero},
    Check{"user-namespaces-used-up",
          "there are as many user namespaces as this user may have, or 32 around us",
          "sudo sysctl user.max_user_namespaces=15000", "containers run once others have ended",
          used_up},
    Check{"too-many-processes", "this user may start no more processes",
          "ulimit -u \"$(ulimit -Hu)\", or end some", "containers run once others have ended",
          too_many_processes},
    Check{"in-chroot", "we are in a chroot: the kernel allows no user namespace there",
          "enter the directory with pivot_root(8), unshare --root or systemd-nspawn instead of "
          "chroot",
          kNothing, chroot},
    Check{"apparmor-restriction",
          "AppArmor takes all rights in new user namespaces from programs without a profile",
          "PROGRAM doctor --apparmor | sudo tee /etc/apparmor.d/wolffia && "
          "sudo apparmor_parser -r /etc/apparmor.d/wolffia",
          kNothing, apparmor},
    Check{"selinux-restriction", "SELinux forbids new user namespaces",
          "sudo ausearch -m avc -ts recent | audit2allow -M wolffia && sudo semodule -i wolffia.pp",
          kNothing, selinux},
    Check{"seccomp-filter", "the seccomp filter of what is around us forbids new user namespaces",
          "start what is around us without that filter (systemd: RestrictNamespaces=no)", kNothing,
          seccomp},
    Check{"mounts-refused", "nothing can be mounted, not even in a namespace of ours",
          "start what is around us without the AppArmor profile or filter that forbids mount(2)",
          kNothing, mounts_refused},
    Check{"user-namespaces-refused", "the kernel refuses user namespaces and does not say why",
          "ask for the kernel's log: sudo dmesg | tail", kNothing, refused},

    Check{"trial-unanswered",
          "the trial of a start did not end in time: the machine is busy, or something hangs",
          "wolffia doctor, once more", "what works is not known; a start may only be slow",
          trial_silent},

    // The other namespaces, and the mounts in them.
    Check{"namespace-limit-zero", "user.max_NAME_namespaces is 0: nobody may make one",
          "echo user.max_NAME_namespaces=15000 | sudo tee /etc/sysctl.d/90-wolffia.conf && "
          "sudo sysctl --system",
          kNothing, other_limit_zero},
    Check{"namespace-refused", "a pid, ipc, uts or cgroup namespace is refused",
          "start what is around us without the filter that forbids it", kNothing,
          other_namespace_refused},
    Check{"hostname-refused",
          "a filter around us refuses sethostname(2), even in a namespace of ours",
          "start what is around us without the filter that forbids it",
          "containers keep the host name of what is around us", host_name_refused},
    Check{"no-network-namespace", "no network namespace can be made",
          "start what is around us without the filter that forbids it",
          "containers run with --net host", no_network_namespace},
    Check{"masked-proc",
          "parts of /proc are covered: the kernel then gives no container a /proc of its own",
          "start what is around us with an unmasked /proc",
          "containers get the /proc around us: they see its processes", masked_proc},
    Check{"masked-sys", "parts of /sys are covered, or it is not there",
          "start what is around us with an unmasked /sys",
          "containers get the /sys around us, read-only", masked_sys},

    // Ids.
    Check{"newuidmap-missing",
          "newuidmap or newgidmap is missing: only root could map more ids than your own",
          "sudo apt install uidmap (dnf: shadow-utils)", kOneId, helper_missing},
    Check{"newuidmap-not-setuid", "newuidmap or newgidmap is not setuid root: it cannot map ids",
          "sudo chown root /usr/bin/newuidmap && sudo chmod u+s /usr/bin/newuidmap", kOneId,
          helper_not_setuid},
    Check{"newuidmap-nosuid", "newuidmap or newgidmap is on a nosuid mount: it cannot map ids",
          "sudo mount -o remount,suid MOUNT", kOneId, helper_on_nosuid},
    Check{"no-new-privs", "no_new_privs is set on us: newuidmap gets no rights",
          "start the session or job without it (systemd: NoNewPrivileges=no)", kOneId,
          no_new_privileges},
    Check{"no-subordinate-ids", "there are no subordinate ids for this user",
          "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER", kOneId,
          no_subordinate_ids},
    Check{"subordinate-ids-not-here",
          "the subordinate ids of this user do not exist in the user namespace we are in",
          "give what is around us more ids, with a map that has those of /etc/subuid", kOneId,
          ids_not_here},
    Check{"newuidmap-refused", "newuidmap refuses to map the subordinate ids",
          "let /etc/subuid and /etc/subgid hold what getsubids(1) shows, and newuidmap be root's",
          kOneId, helper_refused},
    Check{"few-subordinate-ids",
          "a container has fewer than 65536 ids: images have files of others",
          "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
          "images run; files of ids that are missing belong to root inside", few_ids},

    // Limits.
    Check{"no-cgroup", "no cgroup file system is mounted at /sys/fs/cgroup",
          "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup", kRlimits, no_cgroups},
    Check{"cgroup-v1", "cgroups are of version 1, which gives ordinary users nothing",
          "boot with systemd.unified_cgroup_hierarchy=1", kRlimits, cgroups_v1},
    Check{
        "cgroup-hybrid",
        "cgroups are hybrid: the controllers are in version 1, which gives ordinary users nothing",
        "boot with systemd.unified_cgroup_hierarchy=1", kRlimits, cgroups_hybrid},
    Check{"cgroup-not-delegated", "our cgroup is not delegated to us: no group can be made in it",
          "systemd-run --user --scope -p Delegate=yes wolffia run ...", kRlimits, not_delegated},
    Check{"cgroup-controllers-missing",
          "our cgroup is delegated without some of cpu, memory and pids",
          "sudo systemctl edit user@.service, and there: [Service] Delegate=cpu memory pids",
          kRlimits, controllers_missing},

    // Where things are kept.
    Check{"no-runtime-dir", "XDG_RUNTIME_DIR is not set",
          "sudo loginctl enable-linger USER, and log in anew",
          "the state of containers is in /tmp/wolffia-UID", no_runtime_dir},
    Check{"runtime-dir-unusable", "XDG_RUNTIME_DIR names what is not there, or not ours alone",
          "unset XDG_RUNTIME_DIR, or mkdir -m 0700 it",
          "the state of containers is in /tmp/wolffia-UID", runtime_dir_unusable},
    Check{"state-dir-foreign",
          "/tmp/wolffia-UID, where the state of containers goes, is somebody else's",
          "export XDG_RUNTIME_DIR=DIR, with a directory of yours of mode 0700", kNothing,
          state_dir_foreign},
    Check{"tmp-full", "/tmp is full",
          "remove what is yours: find /tmp -user \"$(id -un)\" -size +1M",
          "containers run; what needs /tmp outside may fail", tmp_full},
    Check{"tmp-not-writable", "nothing can be written to /tmp", "sudo chmod 1777 /tmp",
          "containers run; what needs /tmp outside may fail", tmp_unwritable},
    Check{"no-home", "HOME is not set and passwd names no home: there is no place for the store",
          "export WOLFFIA_STORE=DIR", kDirectories, no_home},
    Check{"store-unresponsive",
          "the file system of the store does not answer: its server may be gone",
          "export WOLFFIA_STORE=DIR, with a directory on a local disk", kDirectories, store_silent},
    Check{"store-not-ours", "the store belongs to somebody else, or others may write to it",
          "export WOLFFIA_STORE=DIR, with a directory of yours", kDirectories, store_foreign},
    Check{"store-not-writable", "nothing can be written where the store is to be",
          "export WOLFFIA_STORE=DIR, with a directory of yours", kDirectories, store_unwritable},
    Check{"store-full", "the store has less than 1 GiB, or 20000 files, left",
          "export WOLFFIA_STORE=DIR, with a directory on another disk",
          "images that are here run; large ones cannot be pulled", store_full},
    Check{"store-quota", "your quota where the store is, is used up",
          "export WOLFFIA_STORE=DIR, with a directory on another disk",
          "images that are here run; large ones cannot be pulled", store_quota},
    Check{"store-noexec", "the store is on a noexec mount: no program in it starts",
          "export WOLFFIA_STORE=DIR, with a directory on another disk", kDirectories, store_noexec},
    Check{"store-on-network", "the store is on a network file system, slow for many small files",
          "export WOLFFIA_STORE=DIR, with a directory on a local disk",
          "images run; fetching them takes longer", store_remote},
    Check{"store-without-locks", "the file system of the store has no flock(2)",
          "export WOLFFIA_STORE=DIR, with a directory on a local disk (Lustre: mount -o flock)",
          "lock files made by link(2) serve instead", store_without_locks},
    Check{"store-without-overlay",
          "the kernel's overlay cannot write to the file system of the store",
          "export WOLFFIA_STORE=DIR, with a directory on a local disk",
          "images run; what containers change is kept in WOLFFIA_SCRATCH, TMPDIR or /tmp",
          store_without_overlay},
    Check{"no-overlay", "the kernel lets no ordinary user mount an overlay",
          "boot Linux 5.11 or later", "an image is copied for each container", no_overlay},

    // Devices of the daemons.
    Check{"no-fuse", "/dev/fuse is missing or not ours to open", "sudo modprobe fuse",
          "the kernel's overlay is used", no_fuse},
    Check{"no-tun", "/dev/net/tun is missing or not ours to open", "sudo modprobe tun",
          "containers run with --net none or --net host", no_tun},

    // Registries.
    Check{"clock-behind", "the clock is behind: files that are here already are of the future",
          "sudo timedatectl set-ntp true",
          "containers run; certificates of registries look not yet valid", clock_behind},
    Check{"clock-differs", "the clock differs from that of the store's server",
          "sudo timedatectl set-ntp true, here or there",
          "containers run; certificates of registries may look invalid", clock_differs},
    Check{"no-certificates", "no authorities' certificates: no registry can be verified",
          "sudo apt install ca-certificates, or export SSL_CERT_FILE=FILE",
          "images that are here run, and those of archives and layouts", no_certificates},
    Check{"proxy-invalid", "a proxy variable holds what is no address of a proxy",
          "export https_proxy=http://HOST:PORT", "images that are here run", proxy_invalid},
    Check{"proxy-unreachable", "the proxy does not answer",
          "unset https_proxy, or name one that answers", "images that are here run", proxy_silent},
    Check{"proxy-http-only",
          "http_proxy is set and https_proxy is not: registries are asked directly",
          "export https_proxy=\"$http_proxy\"", "images are pulled without the proxy",
          proxy_for_http_only},
};

std::string words_or(std::string words, std::string_view otherwise) {
  return words.empty() ? std::string(otherwise) : std::move(words);
}

}  // namespace

std::span<const Check> checks() {
  return kChecks;
}

std::vector<Finding> diagnose(const Facts& facts) {
  std::vector<Finding> findings;
  for (const Check& check : kChecks) {
    Look told = check.look(facts);
    if (!told) continue;
    findings.push_back({.id = check.id,
                        .severity = told->severity,
                        .cause = words_or(std::move(told->cause), check.cause),
                        .fix = words_or(std::move(told->fix), check.fix),
                        .now = words_or(std::move(told->now), check.now),
                        .file = std::move(told->file)});
  }
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return findings;
}

bool can_run(std::span<const Finding> findings) {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.severity == Severity::Blocked; });
}

}  // namespace wolffia::cli::user::doctor
