# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 300
"""SquashFS images as lower layers of wolffia-overlay: made by mksquashfs with every compressor that it has, alone and
between directories. What a mount shows is compared with the tree that the image was made of."""
import ctypes
import errno
import hashlib
import itertools
import os
import random
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, TMP, ContainerTest, main, run  # noqa: E402
from overlay_mount import Layers, Mount, enter_namespace, has_ids  # noqa: E402

COMPRESSORS = ["gzip", "lz4", "xz", "zstd", "lzma"]  # libsquashfs of Debian knows no lzo
WAYS = [["-b", "4K"], ["-b", "1M"], [], ["-no-fragments"], ["-always-use-fragments"], ["-noI", "-noD", "-noF", "-noX"],
        ["-no-exports"]]
BLOCK = 128 << 10
SEED = 20


def noise(size, seed):
    """Bytes that compress by half."""
    draw = random.Random(seed)
    return bytes(draw.choice(b"abcdefgh    \n") for _ in range(4096)) * (size // 4096) + draw.randbytes(size % 4096)


def make_tree(root):
    """One of everything that an ordinary user, or root of a namespace, can make."""
    os.makedirs(root + "/many")
    os.makedirs(root + "/deep/er/still")
    for i in range(500):  # more than a block of metadata: the listing has an index
        with open(f"{root}/many/file-with-a-long-name-{i:04}", "w", encoding="ascii") as file:
            file.write(f"{i}\n")
    for name, data in {"empty": b"", "one": b"1", "block": noise(BLOCK, 1), "tail": noise(BLOCK + 77, 2),
                       "random": random.Random(SEED).randbytes(3 * BLOCK + 5), "deep/er/still/big": noise(40 * BLOCK, 3)}.items():
        with open(f"{root}/{name}", "wb") as file:
            file.write(data)
    with open(root + "/sparse", "wb") as file:
        file.write(b"begin")
        file.truncate(64 * BLOCK)
        file.seek(20 * BLOCK)
        file.write(noise(BLOCK, 4))
    os.link(root + "/tail", root + "/deep/linked")
    os.link(root + "/tail", root + "/many/linked too")
    os.symlink("deep/er", root + "/link")
    os.symlink("x" * 4000, root + "/long link")
    os.mkfifo(root + "/fifo", 0o620)
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(root)
        server.bind("socket")
        os.chdir(here)
    os.setxattr(root + "/one", "user.small", b"value")
    os.setxattr(root + "/one", "user.large", b"v" * 2000)
    os.setxattr(root + "/deep", "user.of.directory", b"\0binary\xff")
    os.setxattr(root + "/tail", "user.small", b"value")
    with open(root + "/" + "n" * 255, "wb"):
        pass
    for name, mode in {"one": 0o4750, "block": 0o2644, "deep": 0o1777, "empty": 0}.items():
        os.chmod(f"{root}/{name}", mode)
    if has_ids():
        os.chown(root + "/one", 7, 8)
        os.chown(root + "/deep/er", 1000, 1001)
    for directory, names, files in os.walk(root):
        for name in [*names, *files]:
            os.utime(os.path.join(directory, name), (1_000_000_000, 1_000_000_000 + len(name)), follow_symlinks=False)


def contents(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def facts(root):
    """What a tree shows, by path. Which files are one is told by the first of their names."""
    found, first = {}, {}
    for directory, names, files in os.walk(root):
        for name in sorted([*names, *files, "."]):
            path = os.path.normpath(os.path.join(directory, name))
            status = os.lstat(path)
            kind = stat.S_IFMT(status.st_mode)
            what = None
            if kind == stat.S_IFREG:
                what = contents(path)
            if kind == stat.S_IFLNK:
                what = os.readlink(path)
            attributes = {}
            if kind in (stat.S_IFREG, stat.S_IFDIR):
                attributes = {key: os.getxattr(path, key) for key in os.listxattr(path)}
            relative = os.path.relpath(path, root)
            same = None
            if kind != stat.S_IFDIR:
                same = first.setdefault(status.st_ino, relative)
            found[relative] = (oct(status.st_mode), status.st_uid, status.st_gid,
                               None if kind == stat.S_IFDIR else (status.st_nlink, status.st_size), int(status.st_mtime),
                               same, what, attributes)
    return found


def make_image(tree, path, *options):
    done = run(["mksquashfs", tree, path, "-noappend", "-no-progress", "-quiet", *options])
    if done.status != 0:
        raise AssertionError(done)


class OverlaySquashfs(ContainerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tree = tempfile.mkdtemp(dir=TMP)
        make_tree(cls.tree)
        cls.addClassCleanup(shutil.rmtree, cls.tree)
        cls.expected = facts(cls.tree)

    def image(self, *options, tree=None, name="image.sqfs"):
        path = os.path.join(self.dir, name)
        make_image(tree or self.tree, path, *options)
        return path

    def at(self, name, make=True):
        path = os.path.join(self.dir, name)
        if make:
            os.makedirs(path, exist_ok=True)
        return path

    def put(self, path, text=""):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def get(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def mounted(self, *lower, upper=False):
        layers = Layers(lower, *([self.at("upper"), self.at("work")] if upper else []))
        return Mount(layers, self.at("mount"))

    def assert_shows_the_tree(self, path):
        found = facts(path)
        self.assertEqual(sorted(found), sorted(self.expected))
        for name, fact in self.expected.items():
            self.assertEqual(found[name], fact, name)

    def test_every_compressor_size_of_blocks_and_way_to_store_shows_the_tree(self):
        """Each once; every way with every compressor where WOLFFIA_FULL=1."""
        pairs = itertools.product(COMPRESSORS, WAYS) if FULL else zip(itertools.cycle(COMPRESSORS), WAYS)
        for compressor, way in pairs:
            with self.subTest(compressor, way=way), self.mounted(self.image("-comp", compressor, *way)) as mount:
                self.assert_shows_the_tree(mount.path)

    def test_a_compressor_that_is_missing_is_named(self):
        done = self.mounted(self.image("-comp", "lzo")).try_to_mount()
        self.assertNotEqual(done.status, 0)
        self.assertIn("compressed with lzo", done.err)

    def test_a_file_that_is_no_image_is_refused(self):
        self.put(self.at("text", make=False), "no image")
        done = self.mounted(self.at("text", make=False)).try_to_mount()
        self.assertNotEqual(done.status, 0)
        self.assertIn("neither a directory nor a SquashFS image", done.err)

    def test_a_descriptor_and_an_escaped_name_are_images_too(self):
        image = self.image("-comp", "zstd", name="a:b,c.sqfs")
        escaped = image.replace(":", "\\:").replace(",", "\\,")
        with self.mounted(escaped) as mount:
            self.assertEqual(self.get(mount.path + "/one"), "1")
        point = self.at("mount")
        with open(image, "rb") as file:
            lower = f"lowerdir=/proc/self/fd/{file.fileno()}"
            done = subprocess.run([os.environ["WOLFFIA_OVERLAY"], "-o", lower, point], pass_fds=[file.fileno()], check=False)
            self.assertEqual(done.returncode, 0)
        self.assertEqual(self.get(point + "/one"), "1")
        subprocess.run(["umount", point], check=True)

    def forged(self, *changes):
        """An image whose attributes are renamed from user.NAME to PREFIX.NAME: (NAME, type of the prefix)."""
        path = self.image("-noX", tree=self.at("named"))
        with open(path, "r+b") as file:
            data = file.read()
            for name, prefix in changes:
                entry = struct.pack("<HH", 0, len(name)) + name.encode()
                self.assertEqual(data.count(entry), 1, name)
                data = data.replace(entry, struct.pack("<HH", prefix, len(name)) + name.encode())
            file.seek(0)
            file.write(data)
        return path

    def test_an_image_says_nothing_that_is_the_machines_to_say(self):
        """I19: labels and the like of an image are left out, a name that is too long is damage."""
        self.put(self.at("named") + "/file")
        names = ("kept", "hidden", "selinux", "capability", "l" * 250)
        for name in names:
            os.setxattr(self.at("named") + "/file", "user." + name, b"value")
        with self.mounted(self.forged()) as mount:
            self.assertEqual(set(os.listxattr(mount.path + "/file")), {"user." + name for name in names})
        with self.mounted(self.forged(("hidden", 1), ("selinux", 2), ("capability", 2))) as mount:
            shown = set(os.listxattr(mount.path + "/file"))
            self.assertEqual(shown, {"user.kept", "security.capability", "user." + "l" * 250})
        with self.mounted(self.forged(("l" * 250, 2))) as mount:
            with self.assertRaises(OSError) as failed:
                os.listxattr(mount.path + "/file")
            self.assertEqual(failed.exception.errno, errno.EIO)
            self.assertEqual(self.get(mount.path + "/file"), "")

    def test_directories_above_and_below_are_merged(self):
        above, below = self.at("above"), self.at("below")
        self.put(above + "/many/file-with-a-long-name-0001", "above")
        self.put(above + "/new", "above")
        self.put(below + "/one", "below")
        self.put(below + "/deep/below", "below")
        with self.mounted(above, self.image(), below) as mount:
            self.assertEqual(self.get(mount.path + "/many/file-with-a-long-name-0001"), "above")
            self.assertEqual(self.get(mount.path + "/many/file-with-a-long-name-0002"), "2\n")
            self.assertEqual(self.get(mount.path + "/new"), "above")
            self.assertEqual(self.get(mount.path + "/one"), "1")
            self.assertEqual(self.get(mount.path + "/deep/below"), "below")
            self.assertEqual(len(os.listdir(mount.path + "/many")), 501)

    def test_whiteouts_of_an_image_hide_what_is_below_it(self):
        below, top = self.at("below"), self.at("top")
        for name in ("gone", "marked", "gone too", "kept", "opaque/old", "opaque2/old", "open/old"):
            self.put(f"{below}/{name}", "below")
        for name in ("opaque/new", "opaque2/.wh..wh..opq", "opaque2/new", "open/new", ".wh.gone", "marked"):
            self.put(f"{top}/{name}")
        os.setxattr(top, "user.overlay.opaque", b"x")
        os.setxattr(top + "/marked", "user.overlay.whiteout", b"")
        os.setxattr(top + "/opaque", "user.overlay.opaque", b"y")
        image = self.image("-p", "/gone\\ too c 0 0 0 0 0", tree=top)
        with self.mounted(image, below) as mount:
            self.assertEqual(sorted(os.listdir(mount.path)), ["kept", "opaque", "opaque2", "open"])
            self.assertEqual(os.listdir(mount.path + "/opaque"), ["new"])
            self.assertEqual(os.listdir(mount.path + "/opaque2"), ["new"])
            self.assertEqual(sorted(os.listdir(mount.path + "/open")), ["new", "old"])

    def test_a_file_of_an_image_is_copied_up_with_all_that_it_has(self):
        with self.mounted(self.image("-comp", "zstd"), upper=True) as mount:
            with open(mount.path + "/deep/er/still/big", "r+b") as file:
                file.seek(BLOCK)
                file.write(b"changed")
            os.setxattr(mount.path + "/one", "user.new", b"1")
            with open(mount.path + "/tail", "ab") as file:
                file.write(b"more")
            self.assertEqual(contents(mount.path + "/tail"), contents(mount.path + "/deep/linked"))
            os.utime(mount.path + "/sparse", (5, 5))
            want = noise(40 * BLOCK, 3)
            want = want[:BLOCK] + b"changed" + want[BLOCK + 7:]
            self.assertEqual(contents(mount.path + "/deep/er/still/big"), hashlib.sha256(want).hexdigest())
            self.assertEqual(os.getxattr(mount.path + "/one", "user.large"), b"v" * 2000)
            os.unlink(mount.path + "/block")
            os.rename(mount.path + "/many", mount.path + "/renamed")
            self.assertEqual(len(os.listdir(mount.path + "/renamed")), 501)
            self.assertNotIn("block", os.listdir(mount.path))
        upper = self.at("upper")
        self.assertEqual(contents(upper + "/sparse"), self.expected["sparse"][6])
        self.assertLess(os.stat(upper + "/sparse").st_blocks * 512, 8 * BLOCK)

    def test_holes_are_told(self):
        with self.mounted(self.image()) as mount, open(mount.path + "/sparse", "rb") as file:
            number = file.fileno()
            self.assertEqual(os.lseek(number, 0, os.SEEK_DATA), 0)
            self.assertEqual(os.lseek(number, 0, os.SEEK_HOLE), BLOCK)
            self.assertEqual(os.lseek(number, BLOCK, os.SEEK_DATA), 20 * BLOCK)
            self.assertEqual(os.lseek(number, 20 * BLOCK, os.SEEK_HOLE), 21 * BLOCK)
            with self.assertRaises(OSError) as failed:
                os.lseek(number, 30 * BLOCK, os.SEEK_DATA)
            self.assertEqual(failed.exception.errno, errno.ENXIO)

    def test_nothing_can_be_changed_without_an_upper_layer(self):
        with self.mounted(self.image()) as mount:
            for change in (lambda: os.unlink(mount.path + "/one"), lambda: os.mkdir(mount.path + "/new"),
                           lambda: open(mount.path + "/one", "a", encoding="ascii").close()):
                with self.assertRaises(OSError) as failed:
                    change()
                self.assertEqual(failed.exception.errno, errno.EROFS)
            status = os.statvfs(mount.path)
            self.assertEqual((status.f_bavail, status.f_namemax), (0, 255))
            self.assertGreater(status.f_blocks, 0)

    def test_readers_at_once_read_the_same(self):
        names = ["deep/er/still/big", "sparse", "random", "tail"]
        wrong = []
        with self.mounted(self.image("-comp", "zstd")) as mount:
            def read_some(seed):
                draw = random.Random(seed)
                try:
                    for _ in range(40):
                        name = draw.choice(names)
                        with open(f"{self.tree}/{name}", "rb") as right, open(f"{mount.path}/{name}", "rb") as file:
                            at = draw.randrange(os.fstat(right.fileno()).st_size)
                            size = draw.randrange(5 * BLOCK)
                            if os.pread(file.fileno(), size, at) != os.pread(right.fileno(), size, at):
                                wrong.append((name, at, size))
                except OSError as error:
                    wrong.append(error)
            readers = [threading.Thread(target=read_some, args=(seed,)) for seed in range(8)]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        self.assertEqual(wrong, [])

    def test_the_config_of_an_image_is_on_the_root_whatever_is_above_it(self):
        root = self.at("root")
        os.setxattr(root, "user.wolffia.config", b"{}")
        for upper in (False, True):
            with self.subTest(upper=upper), self.mounted(self.image(tree=root), upper=upper) as mount:
                self.assertEqual(os.getxattr(mount.path, "user.wolffia.config"), b"{}")

    def test_devices_are_shown(self):
        image = self.image("-p", "/null c 666 0 0 1 3", "-p", "/disk b 660 0 6 8 300")
        with self.mounted(image) as mount:
            null, disk = os.stat(mount.path + "/null"), os.stat(mount.path + "/disk")
            self.assertTrue(stat.S_ISCHR(null.st_mode))
            self.assertEqual((os.major(null.st_rdev), os.minor(null.st_rdev)), (1, 3))
            self.assertTrue(stat.S_ISBLK(disk.st_mode))
            self.assertEqual((os.major(disk.st_rdev), os.minor(disk.st_rdev)), (8, 300))


if __name__ == "__main__":
    enter_namespace()
    main()
