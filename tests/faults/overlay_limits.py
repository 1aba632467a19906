# SPDX-License-Identifier: Apache-2.0
# timeout: 180
# run: once
"""As much as a union mount may meet: 500 layers, names of 255 bytes, directories of very many names, trees deeper than any
path may be long."""
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import FULL, ContainerTest, main  # noqa: E402
from overlay_calls import error_of, make_chain, open_chain, remove_inside  # noqa: E402
from overlay_mount import Layers, Mount, make_layers  # noqa: E402

NAMES = 200_000 if FULL else 10_000
LEVELS, LONG = 60, 200  # 12,000 bytes: PATH_MAX is 4096
RESIDENT = 64 << 10     # KiB: of a daemon that has listed NAMES


def put(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Limits(ContainerTest):
    def setUp(self):
        super().setUp()
        self.path = self.dir + "/mount"

    def test_100_layers(self):
        self.layers_of(100)

    def test_500_layers_by_relative_paths(self):
        """As many as the kernel's overlayfs takes."""
        self.layers_of(500, relative=True)

    def layers_of(self, count, relative=False):
        layers = make_layers(self.dir, count)
        for number, directory in enumerate(layers.lower):
            put(f"{directory}/own{number}", str(number))
            put(f"{directory}/all", str(number))
            os.mkdir(directory + "/merged")
            put(f"{directory}/merged/own{number}", "")
        os.mknod(layers.lower[count // 2] + "/removed", stat.S_IFCHR, 0)
        put(layers.lower[-1] + "/removed", "x")
        put(layers.lower[count // 2 - 1] + "/own" + str(count - 1), "covered")
        if relative:
            layers = Layers(map(os.path.basename, layers.lower), "upper", "work")
        with Mount(layers, self.path, cwd=self.dir):
            self.assertEqual(read(self.path + "/all"), "0")
            self.assertEqual(read(f"{self.path}/own{count - 2}"), str(count - 2))
            self.assertEqual(read(f"{self.path}/own{count - 1}"), "covered")
            self.assertEqual(len(os.listdir(self.path + "/merged")), count)
            self.assertEqual(len(os.listdir(self.path)), count + 2)
            self.assertEqual(error_of(os.lstat, self.path + "/removed"), "ENOENT")
            put(self.path + "/all", "changed")
        self.assertEqual(read(self.dir + "/upper/all"), "changed")

    def test_longest_names(self):
        """Each can be copied up and removed: what stands for it in the layer may not be longer."""
        layers = make_layers(self.dir)
        names = [letter * 255 for letter in "abc"] + ["ü" * 127]
        for name in names:
            put(f"{layers.lower[0]}/{name}", "lower")
        os.mkdir(layers.lower[0] + "/" + "d" * 255)
        put(f"{layers.lower[0]}/{'d' * 255}/{'e' * 255}", "lower")
        with Mount(layers, self.path):
            os.chmod(f"{self.path}/{names[0]}", 0o600)
            os.unlink(f"{self.path}/{names[1]}")
            os.rename(f"{self.path}/{names[2]}", f"{self.path}/{'C' * 255}")
            put(f"{self.path}/{names[3]}", "changed")
            put(f"{self.path}/{'d' * 255}/{'e' * 255}", "changed")
            for path in ("n" * 256, "d" * 255 + "/" + "n" * 256):
                self.assertEqual(error_of(os.lstat, f"{self.path}/{path}"), "ENAMETOOLONG")
                self.assertEqual(error_of(os.mkdir, f"{self.path}/{path}"), "ENAMETOOLONG")
        with Mount(layers, self.path):
            self.assertEqual(sorted(os.listdir(self.path)), sorted([names[0], "C" * 255, names[3], "d" * 255]))
            self.assertEqual(read(f"{self.path}/{'d' * 255}/{'e' * 255}"), "changed")

    def test_directory_of_very_many_names(self):
        layers = make_layers(self.dir, 2)
        for directory, numbers in ((layers.lower[0], range(0, NAMES, 2)), (layers.lower[1], range(NAMES))):
            os.mkdir(directory + "/many")
            for number in numbers:
                os.mknod(f"{directory}/many/name{number}")
        with Mount(layers, self.path) as mount:
            many = self.path + "/many"
            listed = os.listdir(many)
            self.assertEqual((len(listed), len(set(listed))), (NAMES, NAMES))
            for number in range(0, NAMES, 100):
                os.unlink(f"{many}/name{number}")
                os.mknod(f"{many}/new{number}")
            self.assertEqual(len(set(os.listdir(many))), NAMES)
            subprocess.run(["rm", "-rf", many], check=True)
            self.assertEqual(os.listdir(self.path), [])
            os.mkdir(many)
            self.assertEqual(os.listdir(many), [])
            self.assert_small(mount)
        with Mount(layers, self.path):
            self.assertEqual(os.listdir(many), [])

    def assert_small(self, mount):
        """Names that are gone take no room."""
        for pid in mount.daemons:
            with open(f"/proc/{pid}/status", encoding="ascii") as lines:
                resident = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
            self.assertLess(resident, RESIDENT * (8 if FULL else 1))

    def test_tree_deeper_than_any_path(self):
        layers = make_layers(self.dir)
        names = [chr(ord("a") + level % 26) * LONG for level in range(LEVELS)]
        self.bottom(layers.lower[0], names, make_chain, lambda fd: self.write(fd, "file", "lower"))
        with Mount(layers, self.path):
            self.bottom(self.path, names, open_chain, self.change)
            os.rename(f"{self.path}/{names[0]}", self.path + "/renamed")
        with Mount(layers, self.path):
            names[0] = "renamed"
            self.assertEqual(os.listdir(self.path), ["renamed"])
            self.bottom(self.path, names, open_chain, self.expect_change)
            top = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            self.assertEqual(remove_inside(top), LEVELS + 2)
            os.close(top)
        with Mount(layers, self.path):
            self.assertEqual(os.listdir(self.path), [])

    def bottom(self, top, names, walk, work):
        fd = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
        below = walk(fd, names)
        try:
            work(below)
        finally:
            os.close(below)
            os.close(fd)

    def write(self, directory, name, text):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, dir_fd=directory)
        os.write(fd, text.encode())
        os.close(fd)

    def change(self, directory):
        self.write(directory, "file", ", changed")
        self.write(directory, "new", "new")

    def expect_change(self, directory):
        self.assertEqual(sorted(os.listdir(directory)), ["file", "new"])
        fd = os.open("file", os.O_RDONLY, dir_fd=directory)
        self.assertEqual(os.read(fd, 100), b"lower, changed")
        os.close(fd)


if __name__ == "__main__":
    main()
