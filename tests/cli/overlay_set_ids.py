# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""What writing, truncating and giving away does to the set-user-ID and set-group-ID bits and the capabilities of a file is
on a union mount what it is in a plain directory, whoever does it, and is seen at once, in the layer too."""
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

CAPABILITY = "security.capability"
VALUE = bytes.fromhex("0100000200040000000000000000000000000000")  # VFS_CAP_REVISION_2, CAP_NET_BIND_SERVICE, effective
MODES = (0o4755, 0o2755, 0o2745, 0o6777, 0o0755)
OTHER = 1000


def write(path):
    with open(path, "r+b", buffering=0) as file:
        file.write(b"new")


def write_all(path):
    """More than one page, twice."""
    with open(path, "r+b", buffering=0) as file:
        for _ in range(2):
            file.write(bytes(10_000))


def truncate(path):
    os.truncate(path, 1)


def open_truncating(path):
    os.close(os.open(path, os.O_WRONLY | os.O_TRUNC))


def chown(path):
    os.chown(path, -1, os.getgid())


def allocate(path):
    with open(path, "r+b", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, 10_000)


def copy_range(path):
    """From the file to its own end: another may not be read by everybody."""
    with open(path, "r+b", buffering=0) as file:
        os.copy_file_range(file.fileno(), file.fileno(), 3, 0, 12)


def chown_to_nobody(path):
    os.chown(path, -1, -1)


CHANGES = (write, write_all, truncate, open_truncating, chown, allocate, copy_range, chown_to_nobody)


class SetIds(OverlayTest):
    def as_other(self, work):
        """In a process of another user."""
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.setgroups([])
                os.setresgid(OTHER, OTHER, OTHER)
                os.setresuid(OTHER, OTHER, OTHER)
                work()
                status = 0
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def make(self, path, mode, owner):
        with open(path, "wb") as file:
            file.write(b"old contents")
        if owner:
            os.chown(path, owner, owner)
        os.setxattr(path, CAPABILITY, VALUE)
        os.chmod(path, mode)

    def state(self, path):
        return oct(stat.S_IMODE(os.stat(path).st_mode)), CAPABILITY in os.listxattr(path)

    def check(self, owner):
        """Each change on a file of each mode, made in a plain directory, in the lower layer and on the mount."""
        plain = self.dir + "/plain"
        os.mkdir(plain)
        names = {f"{change.__name__}-{mode:o}": (change, mode) for change in CHANGES for mode in MODES}
        for directory in (plain, self.lower):
            os.chmod(directory, 0o777)
            for name, (_, mode) in names.items():
                self.make(f"{directory}/{name}", mode, owner)
        expected, found, later, layer = {}, {}, {}, {}
        with self.mounted():
            for name, (change, mode) in names.items():
                self.make(f"{self.path}/{name}-fresh", mode, owner)
                self.make(f"{plain}/{name}-fresh", mode, owner)
                for path in (f"{directory}/{name}{fresh}" for directory in (plain, self.path) for fresh in ("", "-fresh")):
                    if owner:
                        self.as_other(lambda path=path, change=change: change(path))
                    else:
                        change(path)
            names = [name + fresh for name in names for fresh in ("", "-fresh")]
            for name in names:
                expected[name], found[name] = self.state(f"{plain}/{name}"), self.state(f"{self.path}/{name}")
        with self.mounted():
            for name in names:
                later[name] = self.state(f"{self.path}/{name}")
        for name in names:
            layer[name] = oct(stat.S_IMODE(os.stat(f"{self.layers.upper}/{name}").st_mode))
        self.assertEqual(found, expected)
        self.assertEqual(later, expected)
        if overlay_mount.has_ids() and not self.layers.more:
            self.assertEqual(layer, {name: mode for name, (mode, _) in expected.items()})

    def test_of_root(self):
        self.check(0)

    def test_of_root_with_modes_in_attributes(self):
        self.layers.more = ["xattr_permissions=2"]
        self.check(0)

    def test_of_somebody_with_modes_in_attributes(self):
        self.layers.more = ["xattr_permissions=2"]
        self.check_of_somebody()

    def test_of_somebody_without_privilege(self):
        self.check_of_somebody()

    def check_of_somebody(self):
        if not overlay_mount.has_ids():
            return  # there is nobody else
        for directory in (self.dir, os.path.dirname(self.dir)):
            os.chmod(directory, 0o755)
        self.check(OTHER)


if __name__ == "__main__":
    main()
