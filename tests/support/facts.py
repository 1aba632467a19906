# SPDX-License-Identifier: Apache-2.0
"""What the probe (tests/support/probe) is told to expect of a bundle made by harness.base_config()."""
import ctypes
import os

from harness import ENVIRONMENT, MASKED, READONLY

DEFAULT_NODES = ["null", "zero", "full", "random", "urandom", "tty"]
FLAGS = ["/dev:nosuid", "/dev/pts:nosuid:noexec", "/dev/shm:nosuid:noexec:nodev", "/dev/mqueue:nosuid:noexec:nodev",
         "/sys:nosuid:noexec:nodev:ro", "/:ro"]
MOUNTS = ["/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys"]
HOST_NAMESPACES = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"]
ALLOW_ALL_BUT_ONE = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                     "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}


def make_strict(config):
    """Turns on what the base leaves out, so that every fact has something to look at."""
    process = config["process"]
    process["rlimits"].append({"type": "RLIMIT_CORE", "soft": 0, "hard": 0})
    process["oomScoreAdj"] = 321
    process["user"]["umask"] = 0o27
    config["root"]["readonly"] = True
    config["linux"]["seccomp"] = ALLOW_ALL_BUT_ONE


def map_text(mappings):
    return ",".join(f"{entry['containerID']} {entry['hostID']} {entry['size']}" for entry in mappings)


def mounted(paths):
    """Masked and read-only paths that exist on this kernel are mounts of their own."""
    return [path for path in paths if os.path.exists(path)]


def kept_groups():
    """Where setgroups is denied the caller's groups stay; only its own group has a name inside."""
    return " ".join("0" if group == os.getegid() else "65534" for group in os.getgroups())


def expectations(config, **changes):
    """The probe's arguments for a config that went through make_strict()."""
    wanted = {
        "uid": "0", "gid": "0", "groups": kept_groups(), "setgroups": "deny",
        "uid_map": map_text(config["linux"]["uidMappings"]), "gid_map": map_text(config["linux"]["gidMappings"]),
        "hostname": "probed", "domainname": "(none)",
        "env": ",".join(ENVIRONMENT), "nofile": "512/512", "core": "0",
        "masked": ",".join(MASKED), "readonly": ",".join(READONLY),
        "mounts": ",".join(MOUNTS + mounted(MASKED + READONLY) + ["/dev/" + name for name in DEFAULT_NODES]),
        "flags": ",".join(FLAGS),
        "dev": ",".join(DEFAULT_NODES + ["fd", "stdin", "stdout", "stderr", "ptmx", "pts", "shm", "mqueue"]),
        "namespaces": ",".join(f"{kind}:{os.readlink('/proc/self/ns/' + kind)[len(kind) + 2:-1]}"
                               for kind in HOST_NAMESPACES),
        "oom_score_adj": "321", "umask": "0027",
    }
    wanted.update(changes)
    return [f"{name}={value}" for name, value in wanted.items()]


def plant_key():
    """A key in a session keyring of our own, which a runtime must not hand on. For preexec_fn."""
    add_key, keyctl, join_session, session = 248, 250, 1, ctypes.c_int(-3)  # x86-64
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(keyctl, join_session, None)
    if libc.syscall(add_key, b"user", b"wolffia-canary", b"secret", ctypes.c_size_t(6), session) < 0:
        raise OSError(ctypes.get_errno(), "add_key")
