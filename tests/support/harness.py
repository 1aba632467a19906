# SPDX-License-Identifier: Apache-2.0
"""What the tests in Python share. run-shell-test sets the variables read here and looks for leftovers."""
import contextlib
import copy
import itertools
import json
import os
import pwd
import select
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

OCI = os.environ["WOLFFIA_OCI"]
SUPPORT = os.environ["SUPPORT"]  # the compiled helpers
TMP = os.environ["TMP"]
FULL = os.environ.get("WOLFFIA_FULL") == "1"

# No command of a runtime may take longer, whatever it is given. Sanitized builds and busy machines are slow.
PATIENCE = float(os.environ.get("WOLFFIA_TEST_PATIENCE", "30"))

MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
NAMESPACES = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"]
ENVIRONMENT = ["PATH=/bin", "HOME=/", "TERM=dumb"]

MOUNT_PROC = {"destination": "/proc", "type": "proc", "source": "proc"}
MOUNT_DEV = {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
             "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]}
MOUNT_PTS = {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]}
MOUNT_SHM = {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
             "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]}
MOUNT_MQUEUE = {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
                "options": ["nosuid", "noexec", "nodev"]}
MOUNT_SYS = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}
MOUNTS = [MOUNT_PROC, MOUNT_DEV, MOUNT_PTS, MOUNT_SHM, MOUNT_MQUEUE, MOUNT_SYS]

ALL_NAMES = ["CAP_" + name for name in (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE "
    "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT "
    "SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL "
    "SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ").split()]
ALL_CAPABILITIES = {kind: ALL_NAMES for kind in ("bounding", "permitted", "effective")}


def one_id():
    """The mappings that every user can have: root inside is the caller."""
    return {"uidMappings": [{"containerID": 0, "hostID": os.geteuid(), "size": 1}],
            "gidMappings": [{"containerID": 0, "hostID": os.getegid(), "size": 1}]}


def subordinate(path):
    """The first range of /etc/subuid or /etc/subgid for this user as (start, count), or None."""
    names = (pwd.getpwuid(os.geteuid()).pw_name, str(os.geteuid()))
    with contextlib.suppress(OSError), open(path, encoding="ascii") as lines:
        for line in lines:
            fields = line.strip().split(":")
            if len(fields) == 3 and fields[0] in names:
                return int(fields[1]), int(fields[2])
    return None


def id_ranges():
    """Root inside is the caller, the ids above are the subordinate ones; None without any."""
    uids, gids = subordinate("/etc/subuid"), subordinate("/etc/subgid")
    if not uids or not gids:
        return None
    maps = one_id()
    maps["uidMappings"].append({"containerID": 1, "hostID": uids[0], "size": uids[1]})
    maps["gidMappings"].append({"containerID": 1, "hostID": gids[0], "size": gids[1]})
    return maps


def base_config(args):
    """A bundle's config.json with every protection on and no capability left."""
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0}, "args": list(args), "env": list(ENVIRONMENT), "cwd": "/",
            "capabilities": {}, "noNewPrivileges": True,
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 512, "hard": 512}],
        },
        "root": {"path": "rootfs"},
        "hostname": "probed",
        "mounts": copy.deepcopy(MOUNTS),
        "linux": {**one_id(), "namespaces": [{"type": kind} for kind in NAMESPACES],
                  "maskedPaths": list(MASKED), "readonlyPaths": list(READONLY)},
    }


def without_mount(config, *destinations):
    config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] not in destinations]


class Finished:
    """How a command ended."""

    def __init__(self, args, status, out, err):
        self.args, self.status, self.out, self.err = args, status, out, err

    def __str__(self):
        words = " ".join(word if len(word) < 80 else word[:77] + "..." for word in self.args)
        return f"{words}: status {self.status}\n--- out\n{self.out[:4000]}\n--- err\n{self.err[:4000]}"


def ended_within(process, seconds):
    """Whether the process ends in time. Popen.wait() with a time looks but twenty times a second."""
    with open(os.pidfd_open(process.pid), "rb", buffering=0) as pidfd:
        waiter = select.poll()
        waiter.register(pidfd, select.POLLIN)
        return bool(waiter.poll(seconds * 1000))


def run(args, stdin=subprocess.DEVNULL, timeout=PATIENCE, **options):
    """Runs to its end; a command that hangs fails the test. Output goes to files: what outlives it holds no pipe."""
    with tempfile.TemporaryFile(dir=TMP) as out, tempfile.TemporaryFile(dir=TMP) as err:
        with subprocess.Popen(args, stdin=stdin, stdout=out, stderr=err, **options) as process:
            if not ended_within(process, timeout):
                process.kill()
                raise AssertionError(f"hangs: {' '.join(args)[:500]}")
            status = process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        return Finished(args, status, *texts)


class Bundle:
    """A bundle of busybox, the probe and whatever helper a test names."""

    def __init__(self, path, args=("/bin/true",)):
        self.path = path
        self.rootfs = os.path.join(path, "rootfs")
        self.config = base_config(args)
        for directory in ("bin", "proc", "sys", "dev", "etc", "tmp"):
            os.makedirs(os.path.join(self.rootfs, directory))
        self.install("/bin/busybox", "bin/busybox")
        for applet in ("sh", "cat", "sleep", "true", "ls", "id", "stat", "readlink", "kill", "mkdir", "touch", "env"):
            os.symlink("busybox", self.inside("bin/" + applet))
        self.install(os.path.join(SUPPORT, "probe"), "probe")
        self.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        self.file("etc/group", "root:x:0:\n")

    def inside(self, path):
        return os.path.join(self.rootfs, path.lstrip("/"))

    def install(self, source, path):
        """Links a program in where that is possible: copies add up over a thousand bundles."""
        target = self.inside(path)
        try:
            os.link(os.path.realpath(source), target)  # link(2) would take a symbolic link for the program
        except OSError:
            shutil.copy(source, target)

    def helper(self, name):
        """Puts a compiled helper into the root and returns its path there."""
        self.install(os.path.join(SUPPORT, name), name)
        return "/" + name

    def file(self, path, text, mode=0o644):
        target = self.inside(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        os.chmod(target, mode)

    def replace(self, path, make):
        """Removes `path` from the root and lets `make(host path)` put something else there."""
        target = self.inside(path)
        if os.path.isdir(target) and not os.path.islink(target):
            shutil.rmtree(target)
        elif os.path.lexists(target):
            os.unlink(target)
        make(target)

    def write(self):
        with open(os.path.join(self.path, "config.json"), "w", encoding="utf-8") as file:
            json.dump(self.config, file)


class ContainerTest(unittest.TestCase):
    """A test with bundles and a state root of its own, both gone afterwards."""

    numbers = itertools.count()

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=TMP)
        self.root = os.path.join(self.dir, "state")
        self.ids = []
        self.addCleanup(self.remove_all)

    def remove_all(self):
        for container in self.ids:
            self.oci("delete", "--force", container)
        left = [complaint for container in self.ids for complaint in self.left_in_state(container)]
        subprocess.run(["rm", "-rf", self.dir], check=False)  # shutil.rmtree gives up in very deep trees
        self.assertEqual(left, [], "state directories are left behind")

    def left_in_state(self, container):
        """What the state root still holds of a container: nothing, once it has been deleted."""
        return [f"left: {name}" for name in entries(self.root) if name in (container, "@" + container)]

    def bundle(self, *args):
        return Bundle(os.path.join(self.dir, f"bundle{next(self.numbers)}"), args or ("/bin/true",))

    def new_id(self):
        self.ids.append(f"t{os.getpid()}-{next(self.numbers)}")
        return self.ids[-1]

    def oci_words(self, program=OCI):
        """What every command line of a test begins with."""
        return [program, "--root", self.root]

    def oci(self, *args, program=OCI, **options):
        return run([*self.oci_words(program), *args], **options)

    def run_bundle(self, bundle, *flags, **options):
        """Runs the bundle in the foreground as a new container."""
        bundle.write()
        return self.oci("run", "--bundle", bundle.path, *flags, self.new_id(), **options)

    def start_bundle(self, bundle, **options):
        """Starts the bundle in the background; returns its id."""
        bundle.write()
        container = self.new_id()
        done = self.oci("run", "--detach", "--bundle", bundle.path, container, **options)
        self.assertEqual(done.status, 0, done)
        return container

    def pid_of(self, container):
        return json.loads(self.oci("state", container).out)["pid"]

    def wait_for_end(self, pidfd):
        """Waits for the process behind a pidfd, which it closes."""
        with open(pidfd, "rb"), selectors.DefaultSelector() as waiter:
            waiter.register(pidfd, selectors.EVENT_READ)
            self.assertTrue(waiter.select(PATIENCE), "the container does not end")

    def wait_until_stopped(self, container):
        """Waits for a container that ends by itself; one that was never made has ended, too."""
        state = self.oci("state", container)
        pid = json.loads(state.out).get("pid", 0) if state.status == 0 else 0
        if pid > 0:
            with contextlib.suppress(ProcessLookupError):
                self.wait_for_end(os.pidfd_open(pid))

    # What a test claims.

    def assert_ran(self, done, message=""):
        self.assertEqual(done.status, 0, f"{message}\n{done}")

    def assert_refused(self, done, message=""):
        """It failed by itself, with something to read, and did not crash."""
        self.assertNotEqual(done.status, 0, f"{message}\n{done}")
        self.assert_no_crash(done, message)
        self.assertTrue(done.err.strip(), f"{message}: failed without a word\n{done}")

    def assert_no_crash(self, done, message=""):
        crashed = [128 + number for number in (signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE,
                                               signal.SIGSEGV, signal.SIGSYS)]
        self.assertTrue(done.status >= 0 and done.status not in crashed, f"{message}\n{done}")
        self.assertNotIn("Sanitizer", done.err, message)


def entries(path):
    with contextlib.suppress(OSError):
        return sorted(os.listdir(path))
    return []


def processes_naming(word):
    """Processes whose command line holds `word`: everything of a container has its id there."""
    found = {}
    for name in entries("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/cmdline", "rb") as file:
                text = file.read()
                if word.encode() in text:
                    found[int(name)] = text.replace(b"\0", b" ").decode(errors="replace")[:200]
    return found


def wait_for(condition, seconds=PATIENCE):
    """Waits until the condition holds; whether it came to hold."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Canary:
    """A directory of the host that nothing may change: names, types, modes, owners, times and contents."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.join(path, "directory"))
        for name in ("file", "directory/file"):
            with open(os.path.join(path, name), "w", encoding="ascii") as file:
                file.write("canary\n")
        self.before = self.picture()

    def picture(self):
        seen = {}
        for directory, _, files in os.walk(self.path):
            for name in [".", *files]:
                path = os.path.join(directory, name)
                found = os.lstat(path)
                seen[path] = (found.st_mode, found.st_uid, found.st_gid, found.st_size, found.st_ino, found.st_mtime_ns,
                              found.st_ctime_ns, found.st_rdev)
        return seen

    def changes(self):
        after = self.picture()
        return sorted(path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path))


@contextlib.contextmanager
def helper(*args, **options):
    """A helper running beside the test until the block is left."""
    with subprocess.Popen([os.path.join(SUPPORT, args[0]), *args[1:]], **options) as process:
        try:
            yield process
        finally:
            process.kill()


def read_lines(stream, seconds):
    """Lines of a non-blocking pipe until it ends or the time is over."""
    with selectors.DefaultSelector() as waiter:
        waiter.register(stream, selectors.EVENT_READ)
        while waiter.select(seconds):
            line = stream.readline()
            if not line:
                return
            yield line.rstrip("\n")


def sha256(path):
    import hashlib
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    """Runs the tests of the calling script; 77 where every one was skipped."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    program = unittest.main(exit=False, verbosity=2, module="__main__")
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun and len(result.skipped) == result.testsRun else 0)
