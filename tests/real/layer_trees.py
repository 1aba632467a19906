# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 300
"""Archives of tar(1) and of Python's tarfile unpack to the tree they were made of, and packed trees read back by tar(1).

The reader and the writer have one author: here others say what an archive means.
"""
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, SUPPORT, TMP, main  # noqa: E402

UNPACK = os.path.join(SUPPORT, "unpack_layer")
SEEDS = 20 if FULL else 2
FORMATS = ["gnu", "pax", "ustar", "oldgnu", "v7"]


class LayerTrees(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=TMP)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.layer = self.dir + "/layer"

    def fresh(self, name):
        path = os.path.join(self.dir, name)
        shutil.rmtree(path, ignore_errors=True)
        os.mkdir(path)
        return path

    def unpack(self, *options):
        tree = self.fresh("unpacked")
        subprocess.run([UNPACK, *options, self.layer, tree], check=True, stdout=subprocess.DEVNULL)
        return tree

    def grow(self, tree, seed, longest):
        """A tree of everything that a user can make; times are whole seconds, as old formats keep them."""
        chance = random.Random(seed)
        directories, files = [tree], []
        for number in range(120):
            path = os.path.join(chance.choice(directories), "n" * chance.randint(1, longest) + f"-{number} é")
            kind = chance.choice(["file"] * 5 + ["directory"] * 2 + ["link", "hard", "fifo", "sparse", "large"])
            if kind == "directory" and path.count("/") < tree.count("/") + 4:
                os.mkdir(path)
                directories.append(path)
                continue
            if kind == "link":
                os.symlink("t" * chance.randint(1, longest), path)
                continue
            if kind == "hard" and files:
                os.link(chance.choice(files), path)
                continue
            if kind == "fifo":
                os.mkfifo(path)
            else:
                size = 700_000 if kind == "large" else chance.choice([0, 1, 511, 512, 513, 5000])
                with open(path, "wb") as file:
                    file.write(chance.randbytes(size))
                    if kind == "sparse":
                        for _ in range(chance.randint(1, 30)):
                            file.seek(chance.randint(1, 60_000))
                            file.write(chance.randbytes(chance.randint(1, 9000)))
                files.append(path)
            os.chmod(path, chance.choice([0o644, 0o755, 0o600, 0o4755, 0o2711]))
        for path in sorted(directories[1:], reverse=True) + files:
            os.utime(path, ns=(0, chance.randint(0, 1_700_000_000) * 10 ** 9))
        return tree

    def picture(self, tree, nanoseconds=False):
        """Everything that an archive keeps of a tree, by path; hard links as the first name of their file."""
        seen, first = {}, {}
        for path, directories, files in os.walk(tree):
            directories.sort()
            for name in sorted(directories + files):
                whole = os.path.join(path, name)
                found = os.lstat(whole)
                rest = os.readlink(whole) if os.path.islink(whole) else None
                if os.path.isfile(whole) and not os.path.islink(whole):
                    with open(whole, "rb") as file:
                        rest = hash(file.read())
                inner = os.path.relpath(whole, tree)
                time = 0 if rest is not None and os.path.islink(whole) else found.st_mtime_ns
                seen[inner] = (found.st_mode, time if nanoseconds else time // 10 ** 9, rest,
                               first.setdefault(found.st_ino, inner) if not os.path.isdir(whole) else None)
        return seen

    def tar(self, *args):
        subprocess.run(["tar", *args], check=True, stdout=subprocess.DEVNULL)

    def test_archives_of_tar_in_every_format(self):
        for seed in range(SEEDS):
            for form in FORMATS:
                # What old formats have no room for tar(1) would leave out.
                tree = self.grow(self.fresh("tree"), seed, 120 if form in ("gnu", "pax", "oldgnu") else 10)
                if form == "v7":
                    subprocess.run(["find", tree, "-type", "p", "-delete"], check=True)
                self.tar(f"--format={form}", "-C", tree, "-cf", self.layer, ".")
                with self.subTest(seed=seed, format=form):
                    self.assertEqual(self.picture(self.unpack()), self.picture(tree))

    def test_sparse_archives_of_tar_in_every_version(self):
        for seed in range(SEEDS):
            tree = self.grow(self.fresh("tree"), seed, 60)
            for form in (["--format=gnu"], *(["--format=pax", f"--sparse-version={v}"] for v in ("0.0", "0.1", "1.0"))):
                self.tar("--sparse", *form, "-C", tree, "-cf", self.layer, ".")
                with self.subTest(seed=seed, format=form):
                    self.assertEqual(self.picture(self.unpack()), self.picture(tree))

    def test_compressed_archives_of_tarfile(self):
        tree = self.grow(self.fresh("tree"), 1, 80)
        for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
            with tarfile.open(self.layer, "w:gz", format=form) as archive:
                archive.add(tree, ".")
            self.assertEqual(self.picture(self.unpack("--gzip")), self.picture(tree))
        subprocess.run(f"gunzip -c {self.layer} | zstd -q --long=23 > {self.layer}.zst && mv {self.layer}.zst {self.layer}",
                       shell=True, check=True)
        self.assertEqual(self.picture(self.unpack("--zstd")), self.picture(tree))

    def test_packed_trees_read_back_by_tar(self):
        for seed in range(SEEDS):
            tree = self.grow(self.fresh("tree"), seed, 120)
            os.utime(tree + "/" + sorted(os.listdir(tree))[0], ns=(0, 1_234_567_890_123_456_789))
            for option in ([], ["--gzip"], ["--zstd"]):
                subprocess.run([UNPACK, "--pack", *option, self.layer, tree], check=True, stdout=subprocess.DEVNULL)
                back = self.fresh("back")
                self.tar("-C", back, *option, "-xpf", self.layer)
                self.assertEqual(self.picture(back, nanoseconds=True), self.picture(tree, nanoseconds=True))


if __name__ == "__main__":
    main()
