# SPDX-License-Identifier: Apache-2.0
"""Mounts a union file system as an ordinary user can: as root of a user and mount namespace, or through fusermount3.

What is mounted is wolffia-overlay. WOLFFIA_OVERLAY_PEER names another program with the same command line to be tested in
its place, or is "kernel": the kernel's overlayfs, which serves only inside of the namespace.
"""
import contextlib
import ctypes
import glob
import os
import select
import signal
import stat
import subprocess
import sys
import threading
import time

from harness import PATIENCE, TMP, run, subordinate, wait_for

KERNEL = "kernel"
PROGRAM = os.environ.get("WOLFFIA_OVERLAY_PEER") or os.environ["WOLFFIA_OVERLAY"]
INSIDE = "WOLFFIA_TEST_INSIDE"
PR_SET_CHILD_SUBREAPER, MNT_DETACH = 36, 2  # prctl(2), umount(2)
libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace():
    """Starts the script again as root of a user and mount namespace, with the subordinate ids that its user has."""
    if os.environ.get(INSIDE) == "1":
        return
    os.environ[INSIDE] = "1"
    ranges = ["--map-auto"] if subordinate("/etc/subuid") and subordinate("/etc/subgid") else []
    os.execvp("unshare", ["unshare", "--user", "--mount", "--map-root-user", *ranges, "--", *sys.orig_argv])


def has_ids():
    """Whether this namespace maps more than root."""
    with open("/proc/self/uid_map", encoding="ascii") as rows:
        return len(rows.readlines()) > 1


def call(function, *arguments):
    """A call of libc. Errors: OSError."""
    if getattr(libc, function)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{function}: {os.strerror(ctypes.get_errno())}")


def mount_tmpfs(path, options):
    os.makedirs(path, exist_ok=True)
    call("mount", b"tmpfs", os.fsencode(path), b"tmpfs", 0, options.encode())


def children(process="self"):
    """Of all threads of a process; of this one with the orphans that it has taken on."""
    found = set()
    for path in glob.glob(f"/proc/{process}/task/*/children"):
        with contextlib.suppress(OSError), open(path, encoding="ascii") as file:
            found.update(int(pid) for pid in file.read().split())
    return found


def with_descendants(processes):
    below = set().union(*map(children, processes))
    return processes | with_descendants(below) if below else processes


class Layers:
    """The directories of a mount: `lower` from the top to the bottom; without `upper` it is read-only."""

    def __init__(self, lower, upper=None, work=None, more=()):
        self.lower, self.upper, self.work, self.more = list(lower), upper, work, list(more)

    def options(self):
        given = ["lowerdir=" + ":".join(self.lower)]
        given += [f"upperdir={self.upper}", f"workdir={self.work}"] if self.upper else []
        return ",".join([*given, *self.more])


class Mount:
    """A mount point that is served while the block is entered. `outside` is for tests that entered no namespace."""

    def __init__(self, layers, path, program=PROGRAM, outside=False, cwd=None):
        self.layers, self.path, self.program, self.outside, self.cwd = layers, path, program, outside, cwd
        self.daemons = set()  # what the command that mounted has left: what serves, and what waits for it
        self.status = {}      # of those that ended
        os.makedirs(path, exist_ok=True)

    def __enter__(self):
        self.mount()
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.abandon()
        else:
            self.unmount()

    def words(self):
        if self.program == KERNEL:
            return ["mount", "-t", "overlay", "overlay", "-o", "userxattr," + self.layers.options(), self.path]
        return [self.program, "-o", self.layers.options(), self.path]

    def mount(self):
        """Returns when it is served: that is when the command returns."""
        done = self.try_to_mount()
        if done.status != 0:
            raise AssertionError(f"cannot be mounted\n{done}")
        if not self.outside and not os.path.ismount(self.path):
            raise AssertionError(f"the command returned before anything was mounted\n{done}")

    def try_to_mount(self):
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
        before = children()
        done = run(self.words(), cwd=self.cwd)
        self.daemons = with_descendants(children() - before)
        return done

    def servers(self):
        """Those of the daemons that answer requests: they started nobody."""
        return {pid for pid in self.daemons if not children(pid)}

    def unmount(self):
        """Returns when every daemon has ended. Errors: AssertionError where one failed."""
        if self.outside:
            self.unmount_outside()
        else:
            call("umount2", os.fsencode(self.path), 0)
        self.wait()
        failed = {pid: status for pid, status in self.status.items() if status != 0}
        if failed:
            raise AssertionError(f"the daemon ended with {failed}")

    def unmount_outside(self):
        """By who has mounted, as it is told to: whatever other namespaces were made in the meantime have the mount as well,
        and after a fusermount3 of ours the daemon would serve them until the last has ended."""
        directory = os.open(self.path, os.O_RDONLY)
        call("syncfs", directory)
        os.close(directory)
        for pid in self.daemons - self.servers() or self.daemons:
            os.kill(pid, signal.SIGTERM)

    def wait(self, seconds=PATIENCE):
        """For the end of what serves."""
        deadline = time.monotonic() + seconds
        for pid in sorted(self.daemons):
            try:
                number = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            with open(number, "rb") as ended:
                if not select.select([ended], [], [], max(0, deadline - time.monotonic()))[0]:
                    raise AssertionError(f"the daemon {pid} does not end")
            with contextlib.suppress(ChildProcessError):  # another daemon has started it
                self.status[pid] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.daemons = set()

    def kill(self):
        """As the kernel does when memory is short. What the dead were serving is still mounted."""
        for pid in self.daemons:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.wait()

    def detach(self):
        """Takes away the mount of a daemon that is dead, or that is to end when nobody uses it any more."""
        if self.outside:
            subprocess.run(["fusermount3", "-u", "-z", self.path], check=False, stderr=subprocess.DEVNULL)
        else:
            libc.umount2(os.fsencode(self.path), MNT_DETACH)

    def abandon(self):
        """After a failure: nothing is left, whatever state it is in."""
        for pid in self.daemons:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(AssertionError):
            self.wait()
        self.detach()


class Watchdog:
    """Kills the daemons of a mount when nothing happens for too long: who waits for them gets ENOTCONN."""

    def __init__(self, seconds=PATIENCE):
        self.seconds, self.barked, self.mount = seconds, False, None
        self.fed, self.over = time.monotonic(), threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def feed(self, mount):
        self.mount, self.fed = mount, time.monotonic()

    def watch(self):
        while not self.over.wait(1):
            if self.mount and time.monotonic() - self.fed > self.seconds:
                self.barked = True
                for pid in self.mount.daemons:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)


def make_layers(base, count=1, upper="upper"):
    """Empty directories below `base`, as Layers."""
    lower = [os.path.join(base, f"lower{i}") for i in range(count)]
    for path in [*lower, os.path.join(base, upper), os.path.join(base, "work")]:
        os.makedirs(path)
    return Layers(lower, os.path.join(base, upper), os.path.join(base, "work"))


def left_in_work(work):
    """What a working directory holds besides empty directories, and the device that whiteouts are hard links of."""
    found = (os.path.join(directory, name) for directory, _, files in os.walk(work) for name in files)
    return sorted(os.path.relpath(path, work) for path in found if not stat.S_ISCHR(os.lstat(path).st_mode))


__all__ = ["KERNEL", "PROGRAM", "TMP", "Layers", "Mount", "Watchdog", "call", "enter_namespace", "has_ids", "left_in_work",
           "libc", "make_layers", "mount_tmpfs", "wait_for"]
