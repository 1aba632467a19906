# SPDX-License-Identifier: Apache-2.0
# timeout: 180
"""wolffia-image convert: one SquashFS file of an image, read back by unsquashfs. No file system is mounted."""
import json
import os
import re
import shutil
import sys
import tarfile
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main, run, subordinate  # noqa: E402
from oci_image import Layer, Layout  # noqa: E402

IMAGE = os.environ["WOLFFIA_IMAGE"]
TIME = 1_600_000_000
MANY = 10  # files of a directory
# mode, owner, size or device, time, path
ROW = re.compile(r"(\S{10}) (\d+)/(\d+) +(\d+(?:, *\d+)?) (\d{4}-\d\d-\d\d \d\d:\d\d) squashfs-root(.*)")


def lower():
    layer = Layer()
    layer.directory("etc", uid=0, gid=50)
    layer.add("etc/a", content=b"a" * 300_000, uid=7, gid=8, mode=0o640, xattrs={"user.x": "y"})
    layer.add("etc/set", content=b"s", mode=0o4755)
    layer.add("etc/gone", content=b"g")
    layer.directory("own", uid=1000, gid=1001, mode=0o1777)
    layer.directory("opaque")
    layer.add("opaque/old", content=b"old")
    layer.add("link", tarfile.SYMTYPE, link="etc/a")
    layer.add("hard", tarfile.LNKTYPE, link="etc/a")
    layer.add("fifo", tarfile.FIFOTYPE, mode=0o600)
    layer.add("null", tarfile.CHRTYPE, device=(1, 3), mode=0o666)
    layer.directory("many")
    for i in range(MANY):
        layer.add(f"many/{i:04}", content=b"%d" % i)
    return layer


def upper():
    layer = Layer()
    layer.directory("etc", uid=0, gid=50)
    layer.whiteout("etc/gone")
    layer.add("etc/new", content=b"new", uid=1, gid=2)
    layer.directory("opaque")
    layer.whiteout("opaque/.wh..opq")
    layer.add("opaque/new", content=b"new")
    return layer


EXPECTED = {
    "": ("drwxr-xr-x", "0", "0"), "/etc": ("drwxr-xr-x", "0", "50"), "/etc/a": ("-rw-r-----", "7", "8"),
    "/etc/set": ("-rwsr-xr-x", "0", "0"), "/etc/new": ("-rw-r--r--", "1", "2"), "/own": ("drwxrwxrwt", "1000", "1001"),
    "/opaque": ("drwxr-xr-x", "0", "0"), "/opaque/new": ("-rw-r--r--", "0", "0"), "/link -> etc/a": ("lrwxrwxrwx", "0", "0"),
    "/hard": ("-rw-r-----", "7", "8"), "/fifo": ("prw-------", "0", "0"), "/null": ("crw-rw-rw-", "0", "0"),
    "/many": ("drwxr-xr-x", "0", "0"),
}


class ImageConvert(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        self.has_ids = subordinate("/etc/subuid") is not None
        os.environ["TZ"] = "UTC"

    def layout(self, *layers, name="app", **config):
        path = f"{self.dir}/{name}"
        Layout(path).add_image(name, [layer.bytes() for layer in layers], **config)
        return f"oci:{path}:{name}"

    def convert(self, *words):
        done = run([IMAGE, "convert", "-q", *words])
        self.assert_ran(done)
        return done

    def refused(self, *words):
        done = run([IMAGE, "convert", "-q", *words])
        self.assertEqual(done.status, 1, done)
        return done.err

    def file(self, name="out.sqfs"):
        return os.path.join(self.dir, name)

    def rows(self, path):
        listed = run(["unsquashfs", "-lln", path])
        self.assert_ran(listed)
        found = {}
        for line in listed.out.splitlines():
            row = ROW.fullmatch(line)
            if row:
                found[row[6]] = (row[1], row[2], row[3], row[4], row[5])
        return found

    def assert_is_the_image(self, path):
        rows = self.rows(path)
        few = {name: row[:3] for name, row in rows.items() if not name.startswith("/many/")}
        self.assertEqual(few, EXPECTED)
        self.assertEqual(len(rows) - len(few), MANY)
        self.assertEqual(rows["/null"][3].replace(" ", ""), "1,3")
        self.assertEqual(rows["/etc/a"][4], "2020-09-13 12:26")
        shown = run(["unsquashfs", "-q", "-n", "-no-xattrs", "-cat", path, f"many/{MANY - 1:04}", "etc/a"])
        self.assertEqual(shown.out, f"{MANY - 1}" + "a" * 300_000)

    def test_a_layout_and_an_archive_and_the_store_give_the_same_tree(self):
        source = self.layout(lower(), upper())
        self.convert(source, self.file())
        self.assert_is_the_image(self.file())
        for kind in ("oci-archive", "docker-archive"):
            self.assert_ran(run([IMAGE, "copy", "-q", source, f"{kind}:{self.dir}/{kind}:app:1"]))
            self.convert(f"{kind}:{self.dir}/{kind}", self.file(kind))
            self.assert_is_the_image(self.file(kind))
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "app", source]))
        os.chdir(self.dir)
        self.convert("app", "stored.sqfs")
        self.assert_is_the_image(self.file("stored.sqfs"))

    def test_the_same_image_gives_the_same_bytes(self):
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "app", self.layout(lower(), upper())]))
        for name in ("one", "two"):
            self.convert("app", self.file(name))
        self.assert_is_the_image(self.file("one"))
        with open(self.file("one"), "rb") as one, open(self.file("two"), "rb") as two:
            self.assertEqual(one.read(), two.read())

    def test_hard_links_are_one_file_and_attributes_are_kept(self):
        self.convert(self.layout(lower(), upper()), self.file())
        self.assert_ran(run(["unsquashfs", "-q", "-n", "-d", self.dir + "/tree", "-user-xattrs", self.file(),
                             "etc/a", "hard"]))
        one, other = os.stat(self.dir + "/tree/etc/a"), os.stat(self.dir + "/tree/hard")
        self.assertEqual((one.st_ino, one.st_nlink), (other.st_ino, 2))
        self.assertEqual(os.getxattr(self.dir + "/tree/etc/a", "user.x"), b"y")

    def test_the_config_is_an_attribute_of_the_root(self):
        source = self.layout(lower())
        self.convert(source, self.file())
        self.assert_ran(run(["unsquashfs", "-q", "-n", "-d", self.dir + "/tree", "-user-xattrs", self.file(), "etc/set"]))
        kept = os.getxattr(self.dir + "/tree", "user.wolffia.config").decode()
        told = run([IMAGE, "inspect", "--config", source])
        self.assertEqual(json.loads(kept), json.loads(told.out))

    def test_every_compression_and_level(self):
        source = self.layout(lower())
        for words in (["zstd"], ["gzip"], ["xz"], ["lz4"], ["zstd", "1"], ["gzip", "1"], ["xz", "0"]):
            flags = ["--compression", words[0], *(["--level", words[1]] if words[1:] else [])]
            with self.subTest(words):
                self.convert(*flags, source, self.file())
                told = run(["unsquashfs", "-s", self.file()])
                self.assertIn(f"Compression {words[0]}", told.out)
                shown = run(["unsquashfs", "-q", "-n", "-cat", self.file(), "etc/a"])
                self.assertEqual(shown.out, "a" * 300_000)

    def test_a_directory_is_converted(self):
        root = self.dir + "/root"
        os.makedirs(root + "/below")
        with open(root + "/below/sparse", "wb") as file:
            file.truncate(1 << 20)
        os.link(root + "/below/sparse", root + "/again")
        os.symlink("nowhere", root + "/link")
        for name in ("/below/sparse", "/below", ""):
            os.utime(root + name, (TIME, TIME))
        self.convert(root, self.file())
        rows = self.rows(self.file())
        self.assertEqual(sorted(rows), ["", "/again", "/below", "/below/sparse", "/link -> nowhere"])
        self.assertEqual(rows["/below/sparse"][:4], ("-rw-r--r--", "0", "0", str(1 << 20)))
        self.assertEqual({rows[name][4] for name in ("", "/below", "/again")}, {"2020-09-13 12:26"})
        self.assertLess(os.stat(self.file()).st_size, 64 << 10)

    def test_what_is_wrong_is_told_and_nothing_is_left(self):
        source = self.layout(lower())
        with open(self.file(), "w", encoding="ascii") as file:
            file.write("kept")
        before = sorted(os.listdir(self.dir))
        for words, reason in ([(["--compression", "brotli", source], "zstd, gzip, xz or lz4"),
                               (["--level", "23", source], "levels from 1 to 22"),
                               (["--level", "much", source], "must be a number"),
                               (["--compression", "lz4", "--level", "1", source], "has no levels"),
                               (["./nothing"], "No such file"), (["unknown-image"], "unknown-image")]):
            with self.subTest(words):
                self.assertIn(reason, self.refused(*words, self.file()))
                with open(self.file(), encoding="ascii") as file:
                    self.assertEqual(file.read(), "kept")
        self.assertIn("must be a file", self.refused(source, self.dir))
        shutil.rmtree(self.dir + "/store", ignore_errors=True)
        self.assertEqual(sorted(set(os.listdir(self.dir)) - {"store"}), [name for name in before if name != "store"])

    def test_a_config_that_is_too_long_is_refused(self):
        source = self.layout(lower(), config={"Env": ["A=" + "x" * (65 << 10)]})
        self.assertIn("only 65536 fit", self.refused(source, self.file()))
        self.assertFalse(os.path.exists(self.file()))


if __name__ == "__main__":
    main()
