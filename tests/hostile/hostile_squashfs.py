# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 240
"""SquashFS images that are damaged or made to harm, as lower layers: each is refused with one sentence, or mounted, and then
what is broken is EIO. The daemon lives, with little memory, and every walk ends."""
import errno
import os
import stat
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, ContainerTest, main, run  # noqa: E402
from overlay_mount import Layers, Mount, Watchdog, enter_namespace  # noqa: E402
from squashfs_forge import hostile  # noqa: E402

SEED = 1
SHARE = 1 if FULL else 5  # of the images every so-manieth
MOST_FILES = 500          # that a walk looks at
MEMORY = 200 << 10        # KiB that the daemon may take; a sanitized one takes more
ANSWERS = {errno.EIO, errno.ENOENT, errno.EINVAL, errno.ENODATA, errno.ENXIO, errno.ENOTDIR, errno.ELOOP, errno.ESTALE,
           errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EOVERFLOW, errno.ENOMEM}


def make_tree(root):
    os.makedirs(root + "/outer/inner/below")
    os.makedirs(root + "/second")
    for name, text in {"file-a": b"a" * 9000, "file-b": b"b", "linked": b"l" * 10_000, "x": b"", "xy": b"", "outer/f": b"f",
                       "outer/inner/g": b"g", "second/h": b"h"}.items():
        with open(f"{root}/{name}", "wb") as file:
            file.write(text)
    os.link(root + "/linked", root + "/second/linked-too")
    os.symlink("outer/inner", root + "/symlink")
    os.setxattr(root + "/linked", "user.x", b"value")
    os.setxattr(root + "/linked", "user.long", b"v" * 500)


class HostileSquashfs(ContainerTest):
    def setUp(self):
        super().setUp()
        tree, path = self.dir + "/tree", self.dir + "/good"
        os.mkdir(tree)
        make_tree(tree)
        self.assert_ran(run(["mksquashfs", tree, path, "-noappend", "-quiet", "-no-progress", "-nopad", "-b", "4K",
                             "-noI", "-noD", "-noF", "-noX", "-all-root"]))
        with open(path, "rb") as file:
            self.good = file.read()
        self.image = self.dir + "/image"
        self.mount = self.dir + "/mount"
        os.mkdir(self.dir + "/below")

    def look_at(self, path):
        """Everything that can be asked of a file. What it answers is not looked at: that it does is."""
        def ask(question, *words, **options):
            try:
                return question(*words, **options)
            except (OSError, ValueError) as error:  # ValueError: Python's own, for a time or a number
                if isinstance(error, OSError):
                    self.assertIn(error.errno, ANSWERS, f"{self.label}: {error}")
                return None

        status = ask(os.lstat, path)
        for key in ask(os.listxattr, path, follow_symlinks=False) or []:
            ask(os.getxattr, path, key, follow_symlinks=False)
        ask(os.getxattr, path, "user.x", follow_symlinks=False)
        if not status:
            return []
        if stat.S_ISLNK(status.st_mode):
            ask(os.readlink, path)
        if stat.S_ISREG(status.st_mode):
            ask(self.read, path, status.st_size)
        return ask(os.listdir, path) or [] if stat.S_ISDIR(status.st_mode) else []

    @staticmethod
    def read(path, size):
        with open(path, "rb", buffering=0) as file:
            for at in (0, size // 2, max(size - 10, 0)):
                try:
                    os.pread(file.fileno(), 1 << 16, at)
                    os.lseek(file.fileno(), at, os.SEEK_HOLE)
                except OSError as error:
                    if error.errno not in ANSWERS:
                        raise

    def walk(self):
        left, seen = [self.mount], 0
        while left and seen < MOST_FILES:
            path = left.pop()
            seen += 1
            self.assertLess(path.count("/"), self.mount.count("/") + 100, self.label)
            left += [os.path.join(path, name) for name in self.look_at(path)]
        self.assertLess(seen, MOST_FILES, f"{self.label}: the walk does not end")

    def memory(self, mount):
        for pid in mount.servers():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                yield next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))

    def try_one(self, data, watchdog):
        with open(self.image, "wb") as file:
            file.write(data)
        mount = Mount(Layers([self.image, self.dir + "/below"]), self.mount)
        done = mount.try_to_mount()
        if done.status != 0:
            self.assertEqual(done.status, 1, f"{self.label}: {done}")
            self.assertEqual(len(done.err.splitlines()), 1, f"{self.label}: {done}")
            mount.wait()
            return False
        try:
            watchdog.feed(mount)
            self.walk()
            for most in self.memory(mount):
                if not self.sanitized():
                    self.assertLess(most, MEMORY, self.label)
        except BaseException:
            mount.abandon()
            raise
        mount.unmount()
        return True

    @staticmethod
    def sanitized():
        with open(os.environ["WOLFFIA_OVERLAY"], "rb") as program:
            return b"__asan_init" in program.read()

    def test_each_image_is_refused_or_what_is_broken_is_an_error(self):
        images = list(hostile(self.good, SEED))
        self.assertGreaterEqual(len(images), 100)
        mounted = 0
        self.label = "the good one"
        with Watchdog() as watchdog:
            self.assertTrue(self.try_one(self.good, watchdog))
            for self.label, data in images[::SHARE]:
                mounted += self.try_one(data, watchdog)
            self.assertFalse(watchdog.barked)
        self.assertGreater(mounted, len(images) // SHARE // 4, "most were not even mounted")

    def test_a_directory_below_itself_or_in_two_places_is_an_error(self):
        images = dict(hostile(self.good, SEED))
        for self.label, path in {"loop.root": "outer/inner", "loop.self": "outer/inner"}.items():
            with self.subTest(self.label), open(self.image, "wb") as file:
                file.write(images[self.label])
                file.flush()
                with Mount(Layers([self.image]), self.mount), self.assertRaises(OSError) as failed:
                    os.listdir(f"{self.mount}/{path}")
                self.assertEqual(failed.exception.errno, errno.EIO)

    def test_a_name_that_no_file_has_is_an_error(self):
        images = dict(hostile(self.good, SEED))
        for self.label in ("name.slash", "name.nul", "name.twice", "name.unsorted", "name..", "name..."):
            with self.subTest(self.label), open(self.image, "wb") as file:
                file.write(images[self.label])
                file.flush()
                with Mount(Layers([self.image]), self.mount), self.assertRaises(OSError) as failed:
                    os.listdir(self.mount)
                self.assertEqual(failed.exception.errno, errno.EIO)


if __name__ == "__main__":
    enter_namespace()
    main()
