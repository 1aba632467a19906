# SPDX-License-Identifier: Apache-2.0
# run: plain
"""What is open on a union mount: a program that runs is not cut short, a name that goes takes no other one with it, and
requests of ioctl(2) say what the layer's file system says."""
import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

FS_IOC_GETVERSION = 0x80087601  # linux/fs.h


def version(path):
    """The generation of a file, or the name of the error."""
    fd = os.open(path, os.O_RDONLY)
    try:
        return fcntl.ioctl(fd, FS_IOC_GETVERSION, bytes(8))[:4]
    except OSError as failure:
        return errno.errorcode[failure.errno]
    finally:
        os.close(fd)


class Opened(OverlayTest):
    def at(self, name):
        return f"{self.path}/{name}"

    def cut(self, name):
        """Linux does it, though POSIX says nothing of such flags."""
        os.close(os.open(self.at(name), os.O_RDONLY | os.O_TRUNC))

    def test_a_program_that_runs_is_not_cut(self):
        shutil.copy("/bin/cat", self.lower + "/cat")
        with self.mounted():
            with subprocess.Popen([self.at("cat")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
                process.stdin.write(b"x")
                process.stdout.read(1)
                with self.assertRaises(OSError) as refused:
                    self.cut("cat")
                self.assertEqual(refused.exception.errno, errno.ETXTBSY)
                self.assertEqual(os.stat(self.at("cat")).st_size, os.stat("/bin/cat").st_size)
                process.stdin.write(b"y")
                self.assertEqual(process.stdout.read(1), b"y")
                process.stdin.close()
                self.assertEqual(process.wait(), 0)

    def test_who_only_reads_can_cut(self):
        for name in ("lower", "upper"):
            self.put(f"{self.layers.upper if name == 'upper' else self.lower}/{name}", "text")
        with self.mounted():
            self.cut("lower")
            self.cut("upper")
        for name in ("lower", "upper"):
            self.assertEqual(os.stat(f"{self.layers.upper}/{name}").st_size, 0)
        self.assertEqual(os.stat(self.lower + "/lower").st_size, 4)

    def test_the_other_name_of_what_is_open_is_that_of_the_same_file(self):
        self.put(self.lower + "/one", "text")
        os.chmod(self.lower + "/one", 0o644)
        os.link(self.lower + "/one", self.lower + "/other")
        with self.mounted():
            with open(self.at("one"), encoding="ascii") as file:
                os.unlink(self.at("one"))  # nobody has looked for the other one yet
                self.assertEqual(os.fstat(file.fileno()).st_nlink, 1)
                os.chmod(self.at("other"), 0o600)
                with open(self.at("other"), "a", encoding="ascii") as other:
                    other.write(" and more")
                self.assertEqual(file.read(), "text and more")
                self.assertEqual(stat.S_IMODE(os.fstat(file.fileno()).st_mode), 0o600)
                self.assertEqual(os.fstat(file.fileno()).st_nlink, 1)
        self.assertEqual(stat.S_IMODE(os.stat(self.lower + "/other").st_mode), 0o644)
        self.assertEqual(os.stat(self.lower + "/other").st_size, 4)

    def test_a_name_that_goes_copies_no_file(self):
        self.put(self.lower + "/one", "text")
        for name in ("two", "three", "four"):
            os.link(self.lower + "/one", f"{self.lower}/{name}")
        self.put(self.lower + "/over", "over")
        with self.mounted():
            os.unlink(self.at("one"))
            os.rename(self.at("over"), self.at("two"))
            for name in ("three", "four"):
                self.assertEqual(os.stat(self.at(name)).st_nlink, 2)
        with self.mounted():  # the kernel has told all that it had kept
            self.assertFalse(os.path.lexists(self.layers.upper + "/three"))
            for name in ("three", "four"):
                self.assertEqual(os.stat(self.at(name)).st_nlink, 2)
            os.chmod(self.at("three"), 0o600)
            self.assertEqual(os.stat(self.at("four")).st_nlink, 2)
            self.assertTrue(os.path.samefile(self.at("three"), self.at("four")))
            self.assertEqual(sorted(os.listdir(self.path)), ["four", "three", "two"])

    def test_the_generation_of_a_file_is_that_of_the_layer(self):
        os.mkdir(self.lower + "/directory")
        for path in (self.lower + "/lower", self.layers.upper + "/upper"):
            self.put(path)
        with self.mounted():
            for layer, name in ((self.lower, "lower"), (self.lower, "directory"), (self.layers.upper, "upper")):
                self.assertEqual(version(self.at(name)), version(f"{layer}/{name}"))
            with open(self.at("lower"), "rb") as file, self.assertRaises(OSError) as refused:
                fcntl.ioctl(file, 0x80087699, bytes(8))
            self.assertEqual(refused.exception.errno, errno.ENOTTY)


if __name__ == "__main__":
    main()
