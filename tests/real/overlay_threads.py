# SPDX-License-Identifier: Apache-2.0
# run: full
# run: once
# timeout: 1200
"""Eight processes make, write, rename, link and remove the same names of a union mount at once, whose daemon is built with
the thread sanitizer: it reports no race, and what is left is the same after another mount. Once with attributes, once with
owners in lists. There is a new tree of the lower layer to copy up every few steps, and files are held open meanwhile.

WOLFFIA_OVERLAY_TSAN names a program that was built so; else it is built here (preset tsan). WOLFFIA_SEED=N draws other
steps."""
import contextlib
import functools
import glob
import multiprocessing
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import PATIENCE, TMP, main  # noqa: E402
from overlay_mount import Mount  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

PROCESSES, STEPS = 8, 2000
SEED = int(os.environ.get("WOLFFIA_SEED", "0")) * PROCESSES
DIRECTORIES = ["", "a/", "b/", "a/c/", "lower/", "lower/deep/"]
NAMES = [f"n{number}" for number in range(6)]
ROUNDS, BELOW = 100, ["", "", "deep/", "deep/", "moved/", "moved/"]  # of the lower layer: all begin each of them at once
LARGE = 100_000  # that a copy takes long enough for others to come by
HELD = 4
TOP = os.environ["TOP"]


@functools.cache
def built():
    if program := os.environ.get("WOLFFIA_OVERLAY_TSAN"):
        return program
    build = TMP + "/tsan"
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if os.path.exists("/usr/bin/ccache") else []
    for words in (["cmake", "--preset", "tsan", "-B", build, *launcher],
                  ["cmake", "--build", build, "--target", "wolffia-overlay"]):
        done = subprocess.run(words, cwd=TOP, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return build + "/wolffia-overlay"


class Worker:
    """One of the processes: steps drawn from a seed, each of which may fail because another was faster."""

    def __init__(self, root, seed, barrier):
        self.root, self.draw, self.barrier = root, random.Random(seed), barrier
        self.round, self.held = "", []

    def places(self):
        return [*DIRECTORIES, *(self.round + below for below in BELOW)]

    def name(self):
        return f"{self.root}/{self.draw.choice(self.places())}{self.draw.choice(NAMES)}"

    def directory(self):
        return f"{self.root}/{self.draw.choice(self.places()[1:])}".rstrip("/")

    def write(self):
        with open(self.name(), "ab") as file:
            file.write(bytes(self.draw.randrange(20_000)))

    def read(self):
        with open(self.name(), "rb") as file:
            file.read()

    def rename(self):
        os.rename(self.name(), self.name())

    def rename_directory(self):
        os.rename(self.directory(), self.name())

    def rename_lower_directory(self):
        names = [f"{self.root}/{self.round}{name}" for name in ("deep", "moved")]
        self.draw.shuffle(names)
        os.rename(*names)

    def make_directory(self):
        os.mkdir(self.draw.choice((self.name(), self.directory())))

    def remove_directory(self):
        os.rmdir(self.draw.choice((self.name(), self.directory())))

    def link(self):
        os.link(self.name(), self.name())

    def symlink(self):
        os.symlink("somewhere", self.name())

    def unlink(self):
        os.unlink(self.name())

    def chmod(self):
        os.chmod(self.name(), self.draw.choice((0o600, 0o644, 0o755)))

    def set_attribute(self):
        os.setxattr(self.name(), "user.test", bytes(self.draw.randrange(100)))

    def truncate(self):
        os.truncate(self.name(), self.draw.randrange(30_000))

    def look(self):
        for entry in os.scandir(self.directory()):
            with contextlib.suppress(FileNotFoundError):
                entry.stat()

    def use_without_name(self):
        path = self.name()
        with open(path, "wb") as file:
            os.unlink(path)
            file.write(b"nobody's")
            file.flush()
            os.fstat(file.fileno())

    def hold(self):
        self.held.append(os.open(self.name(), self.draw.choice((os.O_RDONLY, os.O_RDWR))))
        if len(self.held) > HELD:
            os.close(self.held.pop(0))

    def use_held(self):
        for fd in self.held:
            os.fstat(fd)
            os.pread(fd, LARGE, 0)
            with contextlib.suppress(OSError):  # it can only be read
                os.pwrite(fd, b"held", self.draw.randrange(LARGE))
            os.fchmod(fd, self.draw.choice((0o600, 0o640)))

    STEPS = (write, write, read, rename, rename, rename_directory, rename_lower_directory, make_directory, remove_directory,
             link, symlink, unlink, chmod, set_attribute, truncate, look, use_without_name, hold, use_held)

    def run(self):
        for number in range(ROUNDS):
            self.round = f"round{number}/"
            self.barrier.wait(PATIENCE)
            for _ in range(STEPS // ROUNDS):
                with contextlib.suppress(OSError):
                    self.draw.choice(self.STEPS)(self)


class Threads(OverlayTest):
    def tree(self):
        """Modes and, where a copy can keep the one of what it was made of, inode numbers."""
        keeps_inodes = "noxattrs" not in self.layers.more
        found = {}
        for directory, names, files in os.walk(self.path):
            for name in names + files:
                status = os.lstat(os.path.join(directory, name))
                found[os.path.relpath(os.path.join(directory, name), self.path)] = (status.st_mode, keeps_inodes and status.st_ino)
        return found

    def work(self):
        children, barrier = [], multiprocessing.Barrier(PROCESSES)
        for seed in range(SEED, SEED + PROCESSES):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    Worker(self.path, seed, barrier).run()
                    status = 0
                finally:
                    os._exit(status)
            children.append(child)
        self.assertEqual([os.waitpid(child, 0)[1] for child in children], [0] * PROCESSES)

    def fill_lower(self):
        """The last name of each directory is another one of its first file."""
        rounds = [f"round{number}/{below}" for number in range(ROUNDS) for below in ("", "deep/")]
        for directory, size in [("lower/deep/", 1000), ("a/", 1000), *((place, LARGE // 2) for place in rounds)]:
            for name in NAMES[:-1]:
                self.put(f"{self.lower}/{directory}{name}", name * size)
            os.link(f"{self.lower}/{directory}{NAMES[0]}", f"{self.lower}/{directory}{NAMES[-1]}")

    def reports(self):
        found = []
        for path in glob.glob(TMP + "/race*"):
            with open(path, encoding="utf-8", errors="replace") as file:
                found.append(file.read(4000))
        return found

    def test_no_race_is_reported(self):
        self.no_race_with("threads=8")

    def test_no_race_is_reported_with_lists_of_owners(self):
        self.no_race_with("threads=8", "noxattrs", "xattr_permissions=2")
        self.assertIn(".wh..wh.owners", os.listdir(self.layers.upper))

    def no_race_with(self, *options):
        program = built()
        with open(program, "rb") as file:
            self.assertIn(b"__tsan_init", file.read(), "it was not built with the thread sanitizer")
        wrapper = TMP + "/sanitized"
        with open(wrapper, "w", encoding="utf-8") as file:  # its shadow memory needs a fixed layout
            file.write(f'#!/bin/sh\nexec setarch -R "{program}" "$@"\n')
        os.chmod(wrapper, 0o755)
        os.environ["TSAN_OPTIONS"] = f"log_path={TMP}/race halt_on_error=0 second_deadlock_stack=1"
        self.fill_lower()
        self.layers.more = list(options)
        try:
            with Mount(self.layers, self.path, wrapper):
                self.work()
                before = self.tree()
        finally:
            self.assertEqual(self.reports(), [])
        with self.mounted():
            self.assertEqual(self.tree(), before)


if __name__ == "__main__":
    main()
