# SPDX-License-Identifier: Apache-2.0
"""Where a comparison takes place: its directory, the user that is measured, the programs, and how samples are taken.

Started as root everything measured still runs as an ordinary user, in a private mount namespace where crun and
Podman can start on any host: with a hybrid cgroup hierarchy they look for a unified one and fail, so an empty
directory lies over it, for all programs alike. XDG_RUNTIME_DIR is a tmpfs, as logins have it. All else lies in a new
ext4 of its own: in one where many files were removed within the last minutes, looking for a free inode takes up to
four fifths of the time of whoever makes files (recently_deleted() in the kernel's fs/ext4/ialloc.c).
"""
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile

import report

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
TEST_USER = "wolffia"
DISK_SIZE = "48G"  # a sparse file


def parse(parser):
    """The command line, with the options that every comparison has."""
    parser.add_argument("--build", default=TOP + "/build/release", help="release build to measure")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print what bench/RESULTS.md holds")
    return parser.parse_args()


def in_private_mounts():
    """Root starts again inside a mount namespace of its own."""
    if os.geteuid() == 0 and os.environ.get("BENCH_PRIVATE_MOUNTS") != "1":
        os.environ["BENCH_PRIVATE_MOUNTS"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *sys.orig_argv])
    if os.geteuid() == 0 and os.path.isdir("/sys/fs/cgroup/unified"):
        subprocess.run(["mount", "-t", "tmpfs", "none", "/sys/fs/cgroup/unified"], check=True)


def end_when_told():
    """SIGTERM ends us as Ctrl-C does, by an exception: what was made is removed."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


class Place:
    def __init__(self, build, base=None, user=TEST_USER):
        end_when_told()
        self.root = os.geteuid() == 0
        self.user = pwd.getpwnam(user) if self.root else pwd.getpwuid(os.geteuid())
        self.dir = tempfile.mkdtemp(prefix="wolffia-bench-", dir=base)
        self.home = self.dir + "/home"
        self.runtime = self.dir + "/runtime"
        self.bin = self.dir + "/bin"
        self.timer = build + "/bench/timer"
        self.environment = {}
        try:
            self.make()
        except BaseException:
            self.remove()
            raise

    def make(self):
        if self.root:
            self.mount_new_disk()
        os.chmod(self.dir, 0o755)
        for directory in (self.home, self.bin):
            os.mkdir(directory)
        os.mkdir(self.runtime, 0o700)
        if self.root:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=700", "none", self.runtime], check=True)

    def mount_new_disk(self):
        """It goes with the mount namespace; its file has no name as soon as it is mounted."""
        disk = self.dir + ".disk"
        try:
            subprocess.run(["truncate", "--size", DISK_SIZE, disk], check=True)
            subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", disk], check=True)
            subprocess.run(["mount", "-o", "loop", disk, self.dir], check=True)
        finally:
            os.unlink(disk)

    def install(self, build, names, directory):
        """Our programs without their symbols, as they are installed."""
        os.makedirs(directory, exist_ok=True)
        for name in names:
            subprocess.run(["strip", "-o", f"{directory}/{name}", f"{build}/{name}"], check=True)

    def hand_over(self):
        if self.root:
            owner = f"{self.user.pw_uid}:{self.user.pw_gid}"
            subprocess.run(["chown", "-R", owner, self.home, self.runtime], check=True)

    def as_user(self, command):
        variables = {"PATH": self.bin + ":/usr/bin:/bin", "HOME": self.home, "USER": self.user.pw_name,
                     "LOGNAME": self.user.pw_name, "XDG_RUNTIME_DIR": self.runtime, **self.environment}
        words = ["env", "-i", *(f"{name}={value}" for name, value in variables.items()), *command]
        if not self.root:
            return words
        return ["setpriv", "--reuid", self.user.pw_name, "--regid", self.user.pw_name, "--init-groups",
                "--inh-caps=-all", *words]

    def time(self, commands, rounds, *extra, watched=None):
        """{name: [[nanoseconds, CPU nanoseconds, peak KiB]…]} of one interleaved run (timer.cpp). Errors: RuntimeError
        with what the command that failed had said."""
        arguments = [self.timer, "--rounds", str(rounds), *extra]
        for name, command in commands.items():
            arguments += ["---", name, *command]
        running = subprocess.Popen(self.as_user(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   cwd=self.home)
        if watched:
            watched.watch(running.pid)
        out, said = running.communicate()
        if watched:
            watched.stop()
        if running.returncode != 0:
            raise RuntimeError(said.strip())
        samples = {name: [] for name in commands}
        for line in out.splitlines():
            name, *numbers = line.split("\t")
            samples[name].append([int(number) for number in numbers])
        return samples

    def time_once(self, name, command, watched=None):
        """One sample, with all that the command leaves running until it has ended."""
        return self.time({name: command}, 1, "--warmup", "0", "--orphans", "1", watched=watched)[name]

    def version(self, program):
        """Asked as the user, in whose environment charliecloud finds what it needs."""
        return report.first_line(self.as_user([program, "--version"]))

    def output_of(self, command):
        """What a command prints that lasts, and its status. We do not end before it."""
        running = subprocess.Popen(self.as_user(command), cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   text=True)
        try:
            return running.communicate()[0], running.returncode
        finally:
            if running.poll() is None:
                running.terminate()  # it removes what it has made
                running.communicate()

    def must(self, command):
        """What a command prints. Errors: RuntimeError with what it said."""
        done = subprocess.run(self.as_user(command), check=False, cwd=self.home, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, command):
        """Runs a command that leaves a container running, which keeps the streams it is given."""
        subprocess.run(self.as_user(command), check=True, cwd=self.home, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def shell(self, script):
        return subprocess.run(self.as_user(["sh", "-c", script]), check=False, cwd=self.home, capture_output=True,
                              text=True)

    def forget_pause_process(self, podman):
        """Podman's first command leaves a process that holds its namespaces: started before the first sample, or that
        would wait for it."""
        self.shell(podman + " info")

    def reset_podman(self, podman):
        """Ends that process, and removes what only its namespaces can remove."""
        self.shell(f"{podman} system reset -f; {podman} system migrate")

    def remove(self):
        if self.root:
            for directory in (self.runtime, self.dir):
                subprocess.run(["umount", "--quiet", "--lazy", directory], check=False)
            shutil.rmtree(self.dir, ignore_errors=True)
            return
        self.shell(f"chmod -R u+rwx {self.home}")  # bundles and trees have directories that only their owner may write
        shutil.rmtree(self.dir, ignore_errors=True)
