# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""rsync and tar find on a union mount what its layers are together, and put there what they are given: hard links, access
control lists, extended attributes and times included."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_layers import Generator, Merger  # noqa: E402
from overlay_mount import has_ids  # noqa: E402
from overlay_sides import Picture, Side, differences  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

RSYNC = ["rsync", "-aHAX", "--sparse", "--specials"]
# Extended attributes of special files are none that a user may set.
TAR = ["tar", "--xattrs", "--acls", "--sparse", "--numeric-owner", "--warning=no-file-ignored"]


class Copies(OverlayTest):
    def setUp(self):
        super().setUp()
        generator = Generator("copies", has_ids())
        for path in self.layers.lower:
            generator.layer(path)
        self.model, self.copy = self.dir + "/model", self.dir + "/copy"
        Merger().merge([self.layers.upper, *self.layers.lower], self.model, self.dir + "/unseen")

    def assert_same(self, one, other, without=()):
        """What the copies know nothing of is left out."""
        self.assertEqual(differences(Picture(Side(one)), Picture(Side(other)), without), [])

    def test_rsync_from_the_mount(self):
        with self.mounted():
            self.must(*RSYNC, self.path + "/", self.copy, cwd="/")
        self.assert_same(self.copy, self.model, ("links",))

    def test_rsync_finds_no_difference(self):
        with self.mounted():
            said = self.must(*RSYNC, "--checksum", "--dry-run", "--itemize-changes", self.model + "/", self.path, cwd="/")
            self.assertEqual([line for line in said.splitlines() if not line.endswith(" ./")], [])

    def test_rsync_to_the_mount(self):
        """Over what is there, and removing what is not to be."""
        other = self.dir + "/other"
        Generator("another", has_ids()).layer(self.dir + "/layer")
        Merger().merge([self.dir + "/layer"], other, self.dir + "/others")
        self.must("rm", "-r", self.dir + "/others", cwd="/")
        with self.mounted():
            self.must(*RSYNC, "--delete", other + "/", self.path, cwd="/")
            self.assert_same(self.path, other)
        with self.mounted():
            self.assert_same(self.path, other)

    def test_holes_stay_holes(self):
        """When a change of mode copies the file to the upper layer, and when it is read."""
        with open(self.lower + "/sparse", "wb") as file:
            file.seek(256 << 20)
            file.write(b"end")
        with self.mounted():
            os.chmod(self.path + "/sparse", 0o600)
            fd = os.open(self.path + "/sparse", os.O_RDONLY)
            self.assertGreater(os.lseek(fd, 0, os.SEEK_DATA), 255 << 20)
            self.assertEqual(os.pread(fd, 10, 256 << 20), b"end")
            os.close(fd)
        self.assertLess(os.stat(self.layers.upper + "/sparse").st_blocks, 1000)

    def test_tar_round_trip(self):
        archive = self.dir + "/archive"
        with self.mounted():
            self.must(*TAR, "-cf", archive, "-C", self.path, ".", cwd="/")
            os.mkdir(self.copy)
            self.must(*TAR, "-xpf", archive, "-C", self.copy, cwd="/")
            os.mkdir(self.path + "/again")
            self.must(*TAR, "-xpf", archive, "-C", self.path + "/again", cwd="/")
            self.assert_same(self.path + "/again", self.copy)
        self.assert_same(self.copy, self.without_sockets(), ("links",))

    def without_sockets(self):
        """They are in no archive."""
        for directory, _, _ in os.walk(self.model):
            before = os.stat(directory)
            self.must("find", directory, "-maxdepth", "1", "-type", "s", "-delete", cwd="/")
            os.utime(directory, ns=(before.st_atime_ns, before.st_mtime_ns))
        return self.model


if __name__ == "__main__":
    main()
