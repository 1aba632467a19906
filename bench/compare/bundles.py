# SPDX-License-Identifier: Apache-2.0
"""The bundles that bench/compare/startup runs: one configuration, varied by what is measured."""
import json
import os
import platform

ENGINE_PROFILE = "/usr/share/containers/seccomp.json"

CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
NAMESPACES = ["pid", "ipc", "uts", "mount", "user"]

# What `runc spec --rootless` writes: the common denominator of the runtimes.
MOUNTS = [
    ("/proc", "proc", "proc", None),
    ("/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"),
    ("/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"),
    ("/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k"),
    ("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"),
    ("/sys", "none", "/sys", "rbind,nosuid,noexec,nodev,ro"),
    ("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro"),
]
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def mount(destination, kind, source, options):
    made = {"destination": destination, "type": kind, "source": source}
    if options:
        made["options"] = options.split(",")
    return made


def config(rootfs, args, uid_maps, gid_maps, network=False, seccomp=None):
    """A config.json. A map is a list of (container id, host id, size)."""
    sets = ("bounding", "effective", "permitted")
    linux = {
        "uidMappings": [dict(zip(("containerID", "hostID", "size"), row)) for row in uid_maps],
        "gidMappings": [dict(zip(("containerID", "hostID", "size"), row)) for row in gid_maps],
        "namespaces": [{"type": name} for name in NAMESPACES + ["network"] * network],
        "maskedPaths": MASKED,
        "readonlyPaths": READONLY,
    }
    if seccomp:
        linux["seccomp"] = seccomp
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "args": args,
            "env": ["PATH=/bin", "TERM=xterm"],
            "cwd": "/",
            "capabilities": {name: CAPABILITIES for name in sets},
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
            "noNewPrivileges": True,
        },
        "root": {"path": rootfs, "readonly": True},
        "hostname": "bench",
        "mounts": [mount(*row) for row in MOUNTS],
        "linux": linux,
    }


def engine_seccomp():
    """The container engines' default profile as they write it into a bundle with these capabilities."""
    with open(ENGINE_PROFILE, encoding="utf-8") as file:
        profile = json.load(file)
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    native = {"amd64": "SCMP_ARCH_X86_64", "arm64": "SCMP_ARCH_AARCH64"}[arch]
    row = next(row for row in profile["archMap"] if row["architecture"] == native)

    def applies(rule):
        wanted, unwanted = rule.get("includes") or {}, rule.get("excludes") or {}
        if "arches" in wanted and arch not in wanted["arches"] or arch in unwanted.get("arches", []):
            return False
        if not set(wanted.get("caps", [])) <= set(CAPABILITIES):
            return False
        return not set(unwanted.get("caps", [])) & set(CAPABILITIES)

    kept = ("names", "action", "args", "errnoRet")
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": profile["defaultErrnoRet"],
        "architectures": [row["architecture"], *row["subArchitectures"]],
        "syscalls": [{key: rule[key] for key in kept if rule.get(key) is not None}
                     for rule in profile["syscalls"] if applies(rule)],
    }


def subordinate(path, user, uid):
    """The first range of a subordinate id file for this user, or None."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            owner, start, size = line.strip().split(":")
            if owner in (user, str(uid)):
                return int(start), int(size)
    return None


def write_bundle(path, configuration):
    os.makedirs(path)
    with open(path + "/config.json", "w", encoding="utf-8") as file:
        json.dump(configuration, file, indent=2)
