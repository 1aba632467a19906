# SPDX-License-Identifier: Apache-2.0
"""What bench/compare/overlay measures, inside of the user and mount namespace: prints samples as JSON.

A sample is [nanoseconds, nanoseconds of processor time of the commands and of the daemon, peak KiB of the daemon].
"""
import argparse
import glob
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
# The tests' way of mounting wants to know what run-shell-test tells.
for variable in ("WOLFFIA_OCI", "SUPPORT", "TMP", "WOLFFIA_OVERLAY"):
    os.environ.setdefault(variable, "/tmp")
sys.path.insert(0, TOP + "/tests/support")
import squashfs_work  # noqa: E402
from overlay_mount import KERNEL, Layers, Mount, mount_tmpfs  # noqa: E402
from place import end_when_told  # noqa: E402

OURS, PEER, BARE = "wolffia-overlay", "fuse-overlayfs", "plain directory"
SOME = 5_000      # files, where each is made or removed
WIDTH = 100       # files of a directory
TRIPS = 20_000
MIB = 128


def make_tree(path, count):
    for number in range(count):
        directory = f"{path}/d{number // WIDTH}"
        if number % WIDTH == 0:
            os.makedirs(directory)
        with open(f"{directory}/file{number}", "w", encoding="ascii") as file:
            file.write("x" * 200)


class Place:
    """The directories of one program, made anew for each sample; of all programs the lower ones are the same."""

    def __init__(self, name, program, lower, home):
        self.name, self.program, self.lower, self.home = name, program, lower, home
        self.root = f"{home}/{name.replace(' ', '-')}"
        self.mounted = None

    def __enter__(self):
        subprocess.run(["rm", "-rf", self.root], check=True)
        os.makedirs(self.root)
        self.path = self.root + "/mount"
        if self.program is None:
            self.copy_lower()
            return self
        for name in ("upper", "work"):
            os.mkdir(f"{self.root}/{name}")
        self.mounted = Mount(Layers(self.lower, self.root + "/upper", self.root + "/work"), self.path, self.program)
        self.mounted.mount()
        return self

    def copy_lower(self):
        os.mkdir(self.path)
        for lower in self.lower:
            subprocess.run(["cp", "-a", lower + "/.", self.path], check=True)

    def __exit__(self, kind, *_):
        if self.mounted:
            self.mounted.__exit__(kind, None, None)
        self.mounted = None
        subprocess.run(["rm", "-rf", self.root], check=True)

    def daemons(self):
        return self.mounted.daemons if self.mounted else ()

    def processor_time(self):
        """Of the daemon, in nanoseconds: the first field of schedstat."""
        total = 0
        for pid in self.daemons():
            for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
                with open(path, encoding="ascii") as file:
                    total += int(file.read().split()[0])
        return total

    def memory(self, what):
        """KiB."""
        total = 0
        for pid in self.daemons():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(what + ":"))
        return total


class Command(Place):
    """A mount point that the command `words` serves."""

    def __init__(self, path, words):
        self.path = path
        self.mounted = Mount(Layers([]), path)
        self.mounted.words = lambda: [*words, path]

    def __enter__(self):
        self.mounted.mount()
        return self

    def __exit__(self, kind, *_):
        self.mounted.__exit__(kind, None, None)


def processor_time_of_commands():
    return sum(int((used.ru_utime + used.ru_stime) * 1e9)
               for used in map(resource.getrusage, (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)))


def sample(place, work):
    before, daemon, begin = processor_time_of_commands(), place.processor_time(), time.monotonic_ns()
    work(place)
    end = time.monotonic_ns()
    return [end - begin, processor_time_of_commands() - before + place.processor_time() - daemon, place.memory("VmHWM")]


def command(*words):
    def work(place):
        subprocess.run([word.replace("%", place.path) for word in words], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)
    return work


FIND = command("find", "%/big")
LSTAT = command("find", "%/big", "-size", "+1000M")


def create(place):
    os.mkdir(place.path + "/made")
    for number in range(SOME):
        os.close(os.open(f"{place.path}/made/{number}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))


def unlink(place):
    for number in range(SOME):
        os.unlink(f"{place.path}/made/{number}")


def compile_sources(place):
    script = "mkdir out; for file in src/base/*.cpp; do g++ -std=c++20 -Isrc -c $file -o out/$(basename $file).o || exit 1; done"
    subprocess.run(["sh", "-ec", script], cwd=place.path, check=True)


WRITE_MIB = command("dd", "if=/dev/zero", "of=%/written", "bs=1M", f"count={MIB}")
WRITE_4K = command("dd", "if=/dev/zero", "of=%/pieces", "bs=4k", f"count={MIB * 64}")
READ_MIB = command("dd", "if=%/large", "of=/dev/null", "bs=1M")
REMOVE = command("rm", "-rf", "%/some")

# Groups of scenarios that one mount serves after another: (name, work).
GROUPS = [
    [("find, first touch", FIND), ("find, warm", FIND)],
    [("lstat of all, first touch", LSTAT), ("lstat of all, warm", LSTAT)],
    [("create", create), ("unlink", unlink)],
    [("rm -rf of a lower tree", REMOVE)],
    [("compile", compile_sources)],
    [("read by 1 MiB", READ_MIB), ("write by 1 MiB", WRITE_MIB), ("write by 4 KiB", WRITE_4K)],
]
COUNTED = {"find, first touch": FIND, "lstat of all, first touch": LSTAT}


class Work:
    def __init__(self, chosen, home):
        self.chosen, self.home = chosen, home
        self.samples, self.requests, self.resident, self.refused = {}, {}, {}, {}
        self.make_lower()
        ours = os.path.join(chosen.build, OURS)
        self.programs = {BARE: None, KERNEL: KERNEL, PEER: shutil.which(PEER), OURS: ours}
        for name in (PEER, OURS):
            if not self.programs[name] or not os.path.exists(self.programs[name]):
                self.refused[name] = "it is not there"
                del self.programs[name]

    def make_lower(self):
        """Two layers: the trees, and what is compiled and read."""
        self.trees, self.files = self.home + "/trees", self.home + "/files"
        make_tree(self.trees + "/big", self.chosen.files)
        make_tree(self.files + "/some", SOME)
        shutil.copytree(TOP + "/src/base", self.files + "/src/base", ignore=shutil.ignore_patterns("build_id.cpp"))
        with open(self.files + "/large", "wb") as file:
            for _ in range(MIB):
                file.write(os.urandom(1 << 20))
        with tarfile.open(self.home + "/archive", "w") as archive:
            archive.add(self.files + "/some", "some")
        subprocess.run(["sync", "-f", self.home], check=True)

    def place(self, name, home=None, lower=None):
        return Place(name, self.programs[name], lower or [self.trees, self.files], home or self.home)

    def wanted(self, name):
        return self.chosen.only in name

    def add(self, scenario, place, work):
        taken = sample(place, work)
        if self.wanted(scenario):
            self.samples.setdefault(scenario, {}).setdefault(place.name, []).append(taken)

    def groups(self):
        for group in GROUPS:
            if not any(self.wanted(name) for name, _ in group):
                continue
            print("measuring: " + ", ".join(name for name, _ in group), file=sys.stderr)
            lower = [self.trees, self.files] if "first touch" in group[0][0] else [self.files]
            for _ in range(self.chosen.rounds):
                for name in self.programs:
                    with self.place(name, lower=lower) as place:
                        for scenario, work in group:
                            self.add(scenario, place, work)

    def walk(self):
        """Memory, once every file was looked at."""
        for name in self.programs:
            if name not in (BARE, KERNEL) and self.wanted("resident"):
                with self.place(name, lower=[self.trees]) as place:
                    LSTAT(place)
                    self.resident[name] = place.memory("VmRSS")
        if self.wanted("resident"):
            self.resident[squashfs_work.IMAGE] = squashfs_work.resident(self, Command, LSTAT)

    def untar(self):
        memory = self.home + "/memory"
        mount_tmpfs(memory, "size=2g")
        for scenario, home in (("untar, upper on ext4", self.home), ("untar, upper on tmpfs", memory)):
            if self.wanted(scenario):
                print("measuring: " + scenario, file=sys.stderr)
                self.untar_at(scenario, home)

    def untar_at(self, scenario, home):
        work = command("tar", "-xf", self.home + "/archive", "-C", "%")
        empty = self.home + "/empty"
        os.makedirs(empty, exist_ok=True)
        for _ in range(self.chosen.rounds):
            for name in self.programs:
                with self.place(name, home, [empty]) as place:
                    self.add(scenario, place, work)
        for name in self.programs:
            if name not in (BARE, KERNEL):
                with self.place(name, home, [empty]) as place:
                    self.requests[f"{scenario}: {name}"] = self.replies(place, work)

    def count(self):
        for scenario, work in COUNTED.items():
            for name in self.programs:
                if name not in (BARE, KERNEL) and self.wanted(scenario):
                    with self.place(name, lower=[self.trees]) as place:
                        self.requests[f"{scenario}: {name}"] = self.replies(place, work)

    def replies(self, place, work):
        """How many a daemon writes to /dev/fuse: each answers a request."""
        log = self.home + "/strace"
        processes = [word for pid in place.daemons() for word in ("-p", str(pid))]
        with subprocess.Popen(["strace", "-f", "-y", "-o", log, "-e", "trace=write,writev,splice", *processes],
                              stderr=subprocess.PIPE, text=True) as tracer:
            for _ in place.daemons():
                tracer.stderr.readline()  # "Process N attached"
            work(place)
            tracer.terminate()
            tracer.stderr.read()
        with open(log, encoding="utf-8", errors="replace") as lines:
            return sum(1 for line in lines if re.search(r" writev?\(\d+</dev/fuse>| splice\(.*, \d+</dev/fuse>", line))

    def hundred_layers(self):
        if not self.wanted("mount of 100 layers"):
            return
        layers = self.home + "/layers"
        for number in range(100):
            os.makedirs(f"{layers}/{number}/directory{number}")
        for name in ("upper", "work", "mount"):
            os.mkdir(f"{layers}/{name}")
        for _ in range(self.chosen.rounds):
            for name, program in self.programs.items():
                if program:
                    mount = Mount(Layers(map(str, range(100)), "upper", "work"), layers + "/mount", program, cwd=layers)
                    place = self.place(name)
                    self.add("mount of 100 layers", place, lambda _, mount=mount: mount.mount())
                    mount.unmount()

    def round_trip(self):
        """Seconds that lstat takes with a server that does nothing."""
        path = self.home + "/null"
        os.mkdir(path)
        mount = Mount(Layers([]), path, self.chosen.build + "/bench/null_fuse")
        mount.words = lambda: [mount.program, path]
        with mount:
            best = []
            for _ in range(5):
                begin = time.monotonic()
                for _ in range(TRIPS):
                    os.lstat(path + "/name")
                best.append((time.monotonic() - begin) / TRIPS)
        return sorted(best)[len(best) // 2]

    def all(self):
        trip = self.round_trip()
        self.groups()
        self.untar()
        self.hundred_layers()
        squashfs_work.measure(self, sample, Command)
        self.count()
        self.walk()
        return {"samples": self.samples, "requests": self.requests, "resident": self.resident, "refused": self.refused,
                "round_trip": trip, "untarred": SOME}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default="")
    parser.add_argument("--build")
    end_when_told()
    print(json.dumps(Work(parser.parse_args(), os.environ["HOME"] + "/work").all()))


if __name__ == "__main__":
    main()
