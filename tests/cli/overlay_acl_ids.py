# SPDX-License-Identifier: Apache-2.0
# needs: ids
# timeout: 60
"""Where owners are mapped, so are the users and groups that access control lists name: shown as the mount shows owners,
stored as it stores them, and what no range has is refused."""
import errno
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
OWNER, USER, OWNING_GROUP, GROUP, MASK, OTHER, NOBODY = 1, 2, 4, 8, 16, 32, 0xffffffff
BY, SIZE = 1000, 5000  # shown as 1000 more


def acl(user, group):
    """Users and groups as linux/posix_acl_xattr.h lays them out."""
    entries = ((OWNER, 6, NOBODY), (USER, 6, user), (OWNING_GROUP, 4, NOBODY), (GROUP, 5, group), (MASK, 7, NOBODY),
               (OTHER, 0, NOBODY))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


class AclIds(OverlayTest):
    def setUp(self):
        super().setUp()
        self.layers.more = [f"uidmapping=0:{BY}:{SIZE}", f"gidmapping=0:{BY}:{SIZE}"]

    def test_lists_of_a_lower_layer_are_shown_with_mapped_ids(self):
        path = self.lower + "/file"
        self.put(path)
        os.setxattr(path, ACCESS, acl(7, 8))
        with self.mounted():
            self.assertEqual(os.getxattr(self.path + "/file", ACCESS), acl(BY + 7, BY + 8))
            os.chown(self.path + "/file", BY + 3, BY + 4)  # copies it up
            self.assertEqual(os.getxattr(self.path + "/file", ACCESS), acl(BY + 7, BY + 8))
        self.assertEqual(os.getxattr(self.layers.upper + "/file", ACCESS), acl(7, 8))

    def test_lists_are_stored_with_ids_of_the_layer(self):
        self.put(self.lower + "/file")
        os.mkdir(self.lower + "/directory")
        with self.mounted():
            os.setxattr(self.path + "/file", ACCESS, acl(BY + 1, BY + 2))
            os.setxattr(self.path + "/directory", DEFAULT, acl(BY + 5, BY + 6))
        self.assertEqual(os.getxattr(self.layers.upper + "/file", ACCESS), acl(1, 2))
        self.assertEqual(os.getxattr(self.layers.upper + "/directory", DEFAULT), acl(5, 6))

    def test_an_id_that_no_range_has_is_refused(self):
        self.put(self.lower + "/file")
        with self.mounted():
            for wrong in (acl(BY - 1, BY), acl(BY, BY + SIZE)):
                with self.assertRaises(OSError) as refused:
                    os.setxattr(self.path + "/file", ACCESS, wrong)
                self.assertEqual(refused.exception.errno, errno.EINVAL)


if __name__ == "__main__":
    main()
