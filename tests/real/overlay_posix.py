# SPDX-License-Identifier: Apache-2.0
# needs: ids
"""What the POSIX file system suite asks of a file system, by several users: of a plain directory, of a union mount where
everything is made on it, and of one where everything was in a lower layer. The mount fails nothing that the directory does
not.

A granularity of rights and flags of files that only the BSDs have, and errors that need a small file system of its own, are
left out; full disks are in tests/faults/overlay_full_disk.py."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
import posix_attributes  # noqa: E402
import posix_errors  # noqa: E402
import posix_files  # noqa: E402
import posix_names  # noqa: E402
import posix_renames  # noqa: E402
from harness import ContainerTest, main  # noqa: E402
from overlay_mount import KERNEL, MNT_DETACH, PROGRAM, Layers, Mount, call, libc, make_layers, mount_tmpfs  # noqa: E402
from posix_facts import CASES, KINDS, World, run, wrong  # noqa: E402

MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096  # mount(2)
ASKING = (posix_errors, posix_attributes, posix_names, posix_renames, posix_files)
# Nothing can give a file its ctime: a directory has another when it is copied up, and a file of a lower layer the same
# when one of several names goes.
NOT_KEPT = re.compile(r"rmdir_removes_directories: ctime of \. stays|rename_replaces: ctime of \w+-left-(fifo|socket|symlink) ")
GROUPS = ("chmod", "chown", "ftruncate", "link", "mkdir", "mkfifo", "mknod", "open", "posix_fallocate", "rename", "rmdir",
          "symlink", "truncate", "unlink", "utimensat")


class Posix(ContainerTest):
    plain = None  # the World of a plain directory

    def setUp(self):
        super().setUp()
        os.chmod(os.environ["TMP"], 0o711)  # somebody else looks for what is in it
        os.chmod(self.dir, 0o711)
        self.addCleanup(os.umask, os.umask(0o022))
        self.elsewhere, self.fixed = self.dir + "/elsewhere", self.dir + "/fixed"
        mount_tmpfs(self.elsewhere, "size=1m,mode=777")
        self.addCleanup(libc.umount2, os.fsencode(self.elsewhere), MNT_DETACH)
        os.mkdir(self.fixed)
        for kind in KINDS:
            World(None, None).make(kind, f"{self.fixed}/{kind}")

    def bare(self):
        """What a plain directory does, asked once; read-only by a mount of the same one."""
        if Posix.plain:
            return Posix.plain
        directory, read_only = self.dir + "/bare", self.dir + "/bare-read-only"
        for path in (directory, read_only):
            os.mkdir(path)
        for flags in (MS_BIND, MS_BIND | MS_REMOUNT | MS_RDONLY):
            call("mount", os.fsencode(self.fixed), os.fsencode(read_only), None, flags, None)
        try:
            Posix.plain = World(read_only, self.elsewhere)
            run(CASES, Posix.plain, directory)(directory)
        finally:
            libc.umount2(os.fsencode(read_only), MNT_DETACH)
        return Posix.plain

    def check(self, in_lower, *options):
        layers, path, read_only = make_layers(self.dir), self.dir + "/mount", self.dir + "/read-only"
        layers.more = ["fsync=0", *options] if PROGRAM != KERNEL else []
        world = World(read_only, self.elsewhere)
        bare = self.bare()
        with Mount(Layers([self.fixed, layers.upper]), read_only):
            rest = run(CASES, world, layers.lower[0]) if in_lower else None
            with Mount(layers, path):
                (rest or run(CASES, world, path))(path)
        told, there = wrong(world, bare), wrong(bare, bare)
        print(f"{len(bare.facts)} facts: {len(there)} do not hold of the directory, {len(told)} more not of the mount", *there,
              sep="\n", flush=True)
        if in_lower:
            told = [label for label in told if not NOT_KEPT.match(label)]
        self.assertFalse(told, "\n".join(told))

    def test_every_group_is_asked(self):
        asked = [function.__name__ for function in CASES]
        self.assertEqual([group for group in GROUPS if not any(name.startswith(group) for name in asked)], [])
        self.assertLessEqual({function.__module__ for function in CASES}, {module.__name__ for module in ASKING})

    def test_upper(self):
        self.check(in_lower=False)

    def test_notes(self):
        """With modes and owners in attributes."""
        self.check(False, "xattr_permissions=2")

    def test_lower(self):
        self.check(in_lower=True)


if __name__ == "__main__":
    main()
