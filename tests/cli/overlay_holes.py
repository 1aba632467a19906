# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""Holes of files on a union mount are told, and never where somebody may have written: nothing is lost to who copies
around them."""
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main, wait_for  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

HOLE = 16 << 20


class Holes(OverlayTest):
    def seek(self, path, whence):
        """Where the data or the hole begins; else the number of the error."""
        fd = os.open(path, os.O_RDONLY)
        try:
            return os.lseek(fd, 0, whence)
        except OSError as failure:
            return failure.errno
        finally:
            os.close(fd)

    def test_a_copy_of_a_file_that_is_written_to_has_all(self):
        with self.mounted():
            path = self.path + "/new"
            fd = os.open(path, os.O_CREAT | os.O_RDWR)
            os.pwrite(fd, b"x" * 100_000, HOLE)
            self.assertEqual(self.seek(path, os.SEEK_DATA), errno.EINVAL)
            self.must("cp", path, self.dir + "/copy")
            with open(self.dir + "/copy", "rb") as copy:
                self.assertEqual(copy.read(), bytes(HOLE) + b"x" * 100_000)
            os.close(fd)
            # The kernel tells of the end of a handle when close(2) has returned.
            self.assertTrue(wait_for(lambda: self.seek(path, os.SEEK_HOLE) == 0))
            self.assertEqual(self.seek(path, os.SEEK_DATA), HOLE)

    def test_a_lower_file_keeps_its_holes_as_it_is_copied_up(self):
        with open(self.lower + "/sparse", "wb") as file:
            file.seek(HOLE)
            file.write(b"end")
        with self.mounted():
            os.chmod(self.path + "/sparse", 0o600)
            self.assertEqual(self.seek(self.path + "/sparse", os.SEEK_DATA), HOLE)
        self.assertLess(os.stat(self.layers.upper + "/sparse").st_blocks, HOLE // 512)


if __name__ == "__main__":
    main()
