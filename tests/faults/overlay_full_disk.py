# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 120
"""The upper layer of a union mount has no room, or may not be written: whoever writes is told so at write or close, no file
is torn, and what is there can be removed.

Each operation is tried with some numbers of pages to spare, which ones depends on the commit; WOLFFIA_FULL=1 tries all."""
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import FULL, ContainerTest, main  # noqa: E402
from injection import turn  # noqa: E402
from overlay_calls import RENAME_EXCHANGE, error_of, removed, rename  # noqa: E402
from overlay_layers import content  # noqa: E402
from overlay_mount import Layers, Mount, left_in_work, libc, mount_tmpfs  # noqa: E402
from overlay_sides import Picture, Side, differences  # noqa: E402

SIZE, PAGE = 2 << 20, 4096
SPARE, STRIDE = (400, 1) if FULL else (48, 6)
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096  # mount(2)


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def write_all(path, data, piece):
    """How many bytes were accepted before an error, and its name. An error of close(2) takes back all."""
    fd, accepted, failed = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 0, None
    try:
        while accepted < len(data):
            accepted += os.write(fd, data[accepted:accepted + piece])
    except OSError as failure:
        failed = errno.errorcode[failure.errno]
    try:
        os.close(fd)
    except OSError as failure:
        return 0, errno.errorcode[failure.errno]
    return accepted, failed


# What needs room: how it is done below the mount point.
OPERATIONS = {
    "chmod of a lower file": lambda top: os.chmod(top + "/lower64k", 0o600),
    "truncation of a lower file": lambda top: os.truncate(top + "/lower64k", 50_000),
    "times of a lower file": lambda top: os.utime(top + "/lower1m"),
    "rename of a lower file": lambda top: os.rename(top + "/lower64k", top + "/renamed"),
    "rename of a lower directory": lambda top: os.rename(top + "/tree", top + "/renamed"),
    "exchange": lambda top: rename(top + "/tree", top + "/lower64k", RENAME_EXCHANGE),
    "hard link to a lower file": lambda top: os.link(top + "/lower64k", top + "/linked"),
    "mkdir in a lower directory": lambda top: os.mkdir(top + "/tree/deep/made"),
    "long symbolic link": lambda top: os.symlink("x" * 3000, top + "/tree/symlink"),
    "extended attribute": lambda top: os.setxattr(top + "/tree/deep/file0", "user.large", content(1, 3000)),
    "removal of a lower tree": lambda top: removed(top + "/tree"),
    "directory in place of a file": lambda top: os.unlink(top + "/lower64k") or os.mkdir(top + "/lower64k"),
}
IN_STEPS = {"removal of a lower tree", "directory in place of a file"}


class FullDisk(ContainerTest):
    def setUp(self):
        super().setUp()
        self.lower = self.dir + "/lower"
        put(self.lower + "/lower64k", content(1, 64 << 10))
        put(self.lower + "/lower1m", content(2, 1 << 20))
        for number in range(5):
            put(f"{self.lower}/tree/deep/file{number}", content(number, 10_000))
        self.path, self.disk = self.dir + "/mount", self.dir + "/disk"
        self.mounted = False

    def new_disk(self):
        self.drop_disk()
        mount_tmpfs(self.disk, f"size={SIZE}")
        self.mounted = True
        self.addCleanup(self.drop_disk)
        for name in ("upper", "work"):
            os.mkdir(f"{self.disk}/{name}")
        self.layers = Layers([self.lower], self.disk + "/upper", self.disk + "/work")

    def drop_disk(self):
        if self.mounted:
            libc.umount2(os.fsencode(self.disk), 2)
        self.mounted = False

    def fill(self, spare):
        """All of the disk but so many pages; the file is no part of the tree."""
        free = os.statvfs(self.disk).f_bavail - spare
        put(self.disk + "/filler", bytes(max(0, free) * PAGE))

    def mount(self):
        return Mount(self.layers, self.path)

    def picture(self):
        with self.mount():
            found = Picture(Side(self.path))
        for path, facts in found.names.items():
            if len(facts) > 4:
                found.names[path] = (*facts[:4], 0, *facts[5:])
        return found

    def test_what_was_accepted_is_there(self):
        """Up to the last byte; and there was an error."""
        data = content(3, SIZE * 2)
        for piece in (777, PAGE, 100_000, SIZE):
            with self.subTest(piece=piece):
                self.new_disk()
                with self.mount():
                    accepted, failed = write_all(self.path + "/file", data, piece)
                    self.assertEqual(failed, "ENOSPC", f"{accepted} bytes were accepted")
                with self.mount(), open(self.path + "/file", "rb") as file:
                    found = file.read()
                self.assertGreaterEqual(len(found), accepted)
                for at in range(0, len(found), PAGE):  # what was refused may be missing in between
                    written = found[at:at + PAGE].rstrip(b"\0")
                    self.assertEqual(written, data[at:at + len(written)], "it holds what nobody wrote")
                self.assertEqual(found[:accepted], data[:accepted])
                if accepted:
                    self.assertGreater(accepted, SIZE // 2)

    def test_many_writers_are_each_told(self):
        self.new_disk()
        with self.mount():
            told = {number: write_all(f"{self.path}/file{number}", content(number, 400_000), 10_000) for number in range(8)}
        self.assertIn("ENOSPC", {failed for _, failed in told.values()})
        self.assertIn(400_000, {accepted for accepted, _ in told.values()})
        with self.mount():
            for number, (accepted, _) in told.items():
                with open(f"{self.path}/file{number}", "rb") as file:
                    self.assertEqual(file.read()[:accepted], content(number, 400_000)[:accepted])

    def test_operations_are_done_or_not(self):
        for name, work in OPERATIONS.items():
            self.new_disk()
            before = self.picture()
            with self.mount():
                work(self.path)
            after = self.picture()
            outcomes = set()
            for spare in range(turn() % STRIDE, SPARE, STRIDE):
                with self.subTest(operation=name, spare=spare):
                    outcomes.add(self.done_or_not(name, work, spare, before, after))
            if name not in IN_STEPS:
                self.assertLessEqual(outcomes, {None, "ENOSPC"}, name)

    def done_or_not(self, name, work, spare, before, after):
        self.new_disk()
        with self.mount():
            pass  # it makes what it needs
        self.fill(spare)
        with self.mount():
            failed = error_of(work, self.path)
            now = Picture(Side(self.path))
        wanted = before if failed else after
        later = self.picture()
        if name not in IN_STEPS:
            self.assertEqual(differences(later, wanted), [], failed)
        self.assertEqual(sorted(now.names), sorted(later.names), "another mount shows something else")
        self.assertEqual(left_in_work(self.layers.work), [])
        return failed

    def test_what_fills_it_can_be_removed(self):
        self.new_disk()
        with self.mount():
            write_all(self.path + "/large", bytes(SIZE), 100_000)
            for path in ("lower64k", "tree", "lower1m", "large"):
                removed(f"{self.path}/{path}")
            self.assertEqual(os.listdir(self.path), [])
            put(self.path + "/again", content(4, SIZE // 2))
        with self.mount():
            self.assertEqual(os.listdir(self.path), ["again"])


class ReadOnly(ContainerTest):
    def setUp(self):
        super().setUp()
        self.disk, self.path = self.dir + "/disk", self.dir + "/mount"
        put(self.dir + "/lower/file", b"lower")
        mount_tmpfs(self.disk, f"size={SIZE}")
        self.addCleanup(libc.umount2, os.fsencode(self.disk), 2)
        put(self.disk + "/upper/own", b"own")
        os.mkdir(self.disk + "/work")
        self.layers = Layers([self.dir + "/lower"], self.disk + "/upper", self.disk + "/work")

    def forbid_writing(self):
        overlay_mount.call("mount", None, os.fsencode(self.disk), None, MS_REMOUNT | MS_BIND | MS_RDONLY, None)

    def assert_only_readable(self):
        top = self.path
        for work in (lambda: put(top + "/file", b"x"), lambda: put(top + "/own", b"x"), lambda: os.unlink(top + "/file"),
                     lambda: os.mkdir(top + "/new"), lambda: os.rename(top + "/own", top + "/x"),
                     lambda: os.chmod(top + "/own", 0o600)):
            self.assertEqual(error_of(work), "EROFS")
        for name, data in (("file", b"lower"), ("own", b"own")):
            with open(f"{top}/{name}", "rb") as file:
                self.assertEqual(file.read(), data)
        self.assertEqual(sorted(os.listdir(top)), ["file", "own"])

    def test_upper_that_is_read_only(self):
        """It is refused with a word, or served as what it is."""
        self.forbid_writing()
        mount = Mount(self.layers, self.path)
        done = mount.try_to_mount()
        if done.status != 0:
            self.assertIn("Read-only file system", done.err)
            return
        self.assert_only_readable()
        mount.unmount()

    def test_upper_that_becomes_read_only(self):
        with Mount(self.layers, self.path):
            self.forbid_writing()
            self.assert_only_readable()

    def test_mount_without_upper(self):
        with Mount(Layers([self.disk + "/upper", self.dir + "/lower"]), self.path):
            self.assert_only_readable()


if __name__ == "__main__":
    main()
