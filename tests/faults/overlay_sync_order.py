# SPDX-License-Identifier: Apache-2.0
# run: once
# run: plain
# timeout: 120
"""What a union mount writes is replayed: contents are on disk before a name of the upper layer shows them, so that the
machine can stop after any step; fsync(2) of a program reaches the upper layer; and none of that where it was given up.

The model is of a file system that keeps names in the order of their changes and contents only from fsync(2) on.
"""
import contextlib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import ContainerTest, main  # noqa: E402
from overlay_mount import Layers, Mount  # noqa: E402

WRITES = ("write", "writev", "pwrite64", "pwritev", "sendfile", "copy_file_range", "splice", "ioctl", "ftruncate", "fallocate")
SYNCS = ("fsync", "fdatasync")
NAMES = ("linkat", "renameat", "renameat2", "unlinkat")
CALL = re.compile(r"(\w+)\((.*)\)\s+= (\d+|0x[0-9a-f]+)(?:<.*>)?$")
DESCRIPTOR = re.compile(r"\d+<([^>]*)>")
AT = re.compile(r'\d+<([^>]*)>, "([^"]*)"')


def calls(log):
    """Those that succeeded, in the order of their ends: (name, arguments)."""
    begun = {}
    for line in log.splitlines():
        thread, _, text = line.partition(" ")
        text = text.strip()
        if text.endswith("<unfinished ...>"):
            begun[thread] = text[:-len("<unfinished ...>")].rstrip()
            continue
        if text.startswith("<..."):
            text = begun.pop(thread) + text.partition("resumed>")[2]
        if found := CALL.match(text):
            yield found.group(1), found.group(2)


class Disk:
    """Files by path, each with whether contents of it are lost when the machine stops now."""

    def __init__(self, upper):
        self.upper, self.files, self.synced, self.torn = upper, {}, [], []

    def shown(self, path):
        return (path + "/").startswith(self.upper + "/")

    def replay(self, log):
        for name, arguments in calls(log):
            at = [os.path.normpath(os.path.join(*pair)) for pair in AT.findall(arguments)]
            if name in WRITES and (found := DESCRIPTOR.match(arguments)):
                self.files.setdefault(found.group(1), {})["lost"] = True
            elif name in SYNCS:
                path = DESCRIPTOR.match(arguments).group(1)
                self.files.setdefault(path, {})["lost"] = False
                self.synced.append(path)
            elif name == "unlinkat":
                self.files.pop(at[0], None)
            elif name in ("linkat", "renameat", "renameat2"):
                self.move(name, *at)
        return self

    def move(self, name, source, target):
        file = self.files.setdefault(source, {})
        if self.shown(target) and not self.shown(source) and file.get("lost"):
            self.torn.append(target)
        self.files[target] = file
        if name != "linkat":
            del self.files[source]

    def lost(self):
        return {path for path, file in self.files.items() if self.shown(path) and file.get("lost")}


class SyncOrder(ContainerTest):
    def setUp(self):
        super().setUp()
        self.lower, self.upper, self.path = self.dir + "/lower", self.dir + "/upper", self.dir + "/mount"
        for name, size in (("large", 3 << 20), ("plain", 5000), ("tree/a", 5000), ("tree/sub/b", 5000)):
            os.makedirs(os.path.dirname(f"{self.lower}/{name}"), exist_ok=True)
            with open(f"{self.lower}/{name}", "wb") as file:
                file.write(os.urandom(size))
        os.link(self.lower + "/tree/a", self.lower + "/tree/link")
        for name in (self.upper, self.dir + "/work"):
            os.mkdir(name)

    def at(self, name):
        return f"{self.path}/{name}"

    @contextlib.contextmanager
    def traced(self, *options):
        """Yields the disk, which is as the daemon left it afterwards."""
        disk = Disk(self.upper)
        with Mount(Layers([self.lower], self.upper, self.dir + "/work", options), self.path) as mount:
            processes = [str(pid) for pid in mount.servers()]
            attach = [word for pid in processes for word in ("-p", pid)]
            kinds = ",".join((*WRITES, *SYNCS, *NAMES, "sync_file_range", "syncfs"))
            with subprocess.Popen(["strace", "-f", "-y", "-s", "0", "-e", "trace=" + kinds, "-o", self.dir + "/log", *attach],
                                  stderr=subprocess.PIPE, text=True) as tracer:
                for _ in processes:
                    self.assertIn("attached", tracer.stderr.readline())
                yield disk
                tracer.terminate()
        with open(self.dir + "/log", encoding="utf-8") as log:
            disk.replay(log.read())

    def write(self, name, sync):
        fd = os.open(self.at(name), os.O_WRONLY | os.O_CREAT)
        try:
            os.write(fd, b"changed")
            if sync:
                os.fsync(fd)
        finally:
            os.close(fd)

    def test_no_name_shows_what_can_be_lost(self):
        with self.traced() as disk:
            os.chmod(self.at("large"), 0o600)
            os.rename(self.at("tree"), self.at("moved"))
            os.link(self.at("plain"), self.at("other"))
        self.assertEqual(disk.torn, [])
        self.assertEqual(disk.lost(), set())
        copies = {self.upper + "/" + name for name in ("large", "moved/a", "moved/link", "moved/sub/b", "plain", "other")}
        self.assertEqual({path for path in copies if os.path.exists(path)}, copies)
        self.assertGreaterEqual(len(disk.synced), 4, disk.synced)  # a and link are one file

    def test_what_a_program_syncs_is_there(self):
        with self.traced() as disk:
            self.write("plain", sync=True)
            self.write("new", sync=True)
            self.write("hasty", sync=False)
        self.assertEqual(disk.torn, [])
        self.assertEqual(disk.lost(), {self.upper + "/hasty"})

    def test_a_directory_is_synced_in_the_upper_layer(self):
        with self.traced() as disk:
            self.write("tree/new", sync=False)
            fd = os.open(self.at("tree"), os.O_RDONLY)
            os.fsync(fd)
            os.close(fd)
        self.assertIn(self.upper + "/tree", disk.synced)

    def test_nothing_waits_where_that_was_given_up(self):
        for option in ("volatile", "fsync=0"):
            with self.subTest(option), self.traced(option) as disk:
                self.write("large", sync=True)
            self.assertEqual(disk.synced, [], option)
            self.assertEqual(disk.torn, [self.upper + "/large"], "the model sees no order that is wrong")
            subprocess.run(["rm", "-rf", self.upper, self.dir + "/work"], check=True)
            os.mkdir(self.upper)
            os.mkdir(self.dir + "/work")


if __name__ == "__main__":
    main()
