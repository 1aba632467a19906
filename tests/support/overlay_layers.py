# SPDX-License-Identifier: Apache-2.0
"""Layers of random content, and the tree that they are together: merged here by the rules that
Documentation/filesystems/overlayfs.rst of the kernel has, as a directory to compare with."""
import contextlib
import os
import random
import shutil
import stat
import struct

WHITEOUT, OPAQUE = "user.overlay.whiteout", "user.overlay.opaque"
FILE_MODES = [0o644, 0o644, 0o600, 0o755, 0o4755, 0o2755, 0o000, 0o666]
DIRECTORY_MODES = [0o755, 0o755, 0o700, 0o1777, 0o2775, 0o711]
OWNERS = [(0, 0), (0, 0), (1, 1), (1000, 1000), (0, 1000)]
FILES = ["a", "b", "c", "d", "e", "f", "ä ö", "new\nline", ".hidden", "L" * 255]
DIRECTORIES = ["p", "q", "r", "s"]
ATTRIBUTES = ["user.one", "user.two", "user.three"]
ACL = "system.posix_acl_access"
DEFAULT_ACL = "system.posix_acl_default"
PAST = 1_000_000_000  # seconds: what is set by tests lies within a year of it
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32  # acl_xattr(5): linux/posix_acl.h


def content(seed, size):
    return random.Random(seed).randbytes(size)


def past(rng):
    """Nanoseconds."""
    return (PAST + rng.randrange(30_000_000)) * 10**9 + rng.randrange(10**9)


def acl(mode, *named):
    """The value of an access control list: `named` are (tag, id, permissions)."""
    rows = [(USER_OBJ, 0xffffffff, mode >> 6 & 7), *(row for row in named if row[0] == USER),
            (GROUP_OBJ, 0xffffffff, mode >> 3 & 7), *(row for row in named if row[0] == GROUP)]
    if named:
        rows.append((MASK, 0xffffffff, 7))
    rows.append((OTHER, 0xffffffff, mode & 7))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, bits, who) for tag, who, bits in rows)


class Generator:
    """`wh_files`: removals are files named .wh.NAME, which the kernel takes for files."""

    def __init__(self, seed, ids, wh_files=False):
        self.rng, self.ids, self.wh_files = random.Random(seed), ids, wh_files

    def layer(self, path, is_upper=False):
        os.makedirs(path, exist_ok=True)
        self.marked = self.rng.random() < 0.3 and not is_upper  # its removals are extended attributes (Linux 6.7)
        if self.marked:
            os.setxattr(path, OPAQUE, b"x")
        self.links = []
        self.fill(path, 0)

    def fill(self, path, depth):
        for name in self.rng.sample(FILES, self.rng.randrange(2, 7)):
            self.entry(os.path.join(path, name))
        if depth < 3:
            for name in self.rng.sample(DIRECTORIES, self.rng.randrange(0, 4 - depth) + (depth == 0)):
                self.directory(os.path.join(path, name), depth)

    def directory(self, path, depth):
        if self.rng.random() < 0.15:
            self.removal(path)
            return
        os.mkdir(path)
        if self.rng.random() < 0.2:
            self.opaque(path)
        elif self.marked:
            os.setxattr(path, OPAQUE, b"x")
        self.fill(path, depth + 1)
        self.decorate(path, DIRECTORY_MODES)

    def opaque(self, path):
        if self.wh_files:
            self.plain(os.path.join(path, ".wh..wh..opq"), 0)
        else:
            os.setxattr(path, OPAQUE, b"y")

    def removal(self, path):
        directory, name = os.path.split(path)
        if self.wh_files and len(name) < 200:
            self.plain(os.path.join(directory, ".wh." + name), 0)
        elif OPAQUE in os.listxattr(directory) and os.getxattr(directory, OPAQUE) == b"x":
            self.plain(path, 0)
            os.setxattr(path, WHITEOUT, b"")
        else:
            os.mknod(path, stat.S_IFCHR, 0)

    def plain(self, path, size):
        with open(path, "wb") as file:
            file.write(self.rng.randbytes(size))

    def sparse(self, path):
        with open(path, "wb") as file:
            file.seek(1 << 20)
            file.write(self.rng.randbytes(100))

    def entry(self, path):
        draw = self.rng.random()
        if draw < 0.15:
            self.removal(path)
        elif draw < 0.25:
            os.symlink(self.rng.choice(["a", "p/b", "/nowhere", "x" * 1000]), path)
            os.utime(path, ns=(past(self.rng), past(self.rng)), follow_symlinks=False)
        elif draw < 0.32:
            os.mknod(path, self.rng.choice([stat.S_IFIFO, stat.S_IFSOCK]) | 0o640)
            self.decorate(path, FILE_MODES)
        elif draw < 0.42 and self.links:
            os.link(self.rng.choice(self.links), path)
        else:
            if draw < 0.47:
                self.sparse(path)
            else:
                self.plain(path, self.rng.choice([0, 1, 100, 4096, 5000, 70_000]))
            self.decorate(path, FILE_MODES)
            self.links.append(path)

    def decorate(self, path, modes):
        """Owner, mode, attributes, time: each undoes what is behind it."""
        if self.ids:
            os.chown(path, *self.rng.choice(OWNERS))
        os.chmod(path, self.rng.choice(modes))
        found = os.lstat(path)
        if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            for name in self.rng.sample(ATTRIBUTES, self.rng.choice([0, 0, 1, 2])):
                os.setxattr(path, name, self.rng.randbytes(self.rng.choice([0, 10, 300])))
            if self.ids and self.rng.random() < 0.1:
                os.setxattr(path, ACL, acl(found.st_mode, (USER, 1, 6), (GROUP, 1000, 4)))
        os.utime(path, ns=(past(self.rng), past(self.rng)))


def is_removal(path):
    """The attribute says so only in a directory that is marked to have such files."""
    found = os.lstat(path)
    if stat.S_ISCHR(found.st_mode):
        return found.st_rdev == 0
    return stat.S_ISREG(found.st_mode) and found.st_size == 0 and WHITEOUT in os.listxattr(path)


def hides_what_is_below(directory):
    if os.path.lexists(os.path.join(directory, ".wh..wh..opq")):
        return True
    with contextlib.suppress(OSError):
        return os.getxattr(directory, OPAQUE) == b"y"
    return False


def visible(stack):
    """{name: where it lies, from the top to the bottom} of the directories `stack`."""
    found, closed = {}, set()
    for directory in stack:
        names = os.listdir(directory)
        for name in names:
            path = os.path.join(directory, name)
            if name in closed or name.startswith(".wh."):
                continue
            is_directory = os.path.isdir(path) and not os.path.islink(path)
            if is_removal(path) or not (is_directory or name not in found):
                closed.add(name)
                continue
            found.setdefault(name, []).append(path)
            if not is_directory or hides_what_is_below(path):
                closed.add(name)
        closed.update(name[4:] for name in names if name.startswith(".wh."))
    return found


class Merger:
    """Copies what the layers are together. Hard links of one layer stay such: a name that no longer shows counts, too."""

    def __init__(self):
        self.copies = {}  # (device, inode) -> path
        self.missing = {}  # path -> how many names of that file have not been seen

    def merge(self, stack, target, unseen):
        """`unseen` becomes a directory of names for what has further ones in a layer."""
        self.tree(stack, target)
        os.mkdir(unseen)
        for number, (path, count) in enumerate(self.missing.items()):
            for name in range(count):
                os.link(path, os.path.join(unseen, f"{number}.{name}"), follow_symlinks=False)

    def tree(self, stack, target):
        os.makedirs(target, exist_ok=True)
        for name, where in sorted(visible(stack).items()):
            path = os.path.join(target, name)
            if os.path.isdir(where[0]) and not os.path.islink(where[0]):
                os.mkdir(path)
                self.tree(where, path)
            else:
                self.copy(where[0], path)
        copy_facts(stack[0], target)

    def copy(self, source, target):
        found = os.lstat(source)
        known = self.copies.setdefault((found.st_dev, found.st_ino), target)
        self.missing[known] = self.missing.get(known, found.st_nlink) - 1
        if known != target:
            os.link(known, target, follow_symlinks=False)
            return
        if stat.S_ISREG(found.st_mode):
            copy_with_holes(source, target)
        elif stat.S_ISLNK(found.st_mode):
            os.symlink(os.readlink(source), target)
        else:
            os.mknod(target, found.st_mode, found.st_rdev)
        copy_facts(source, target)


def copy_with_holes(source, target):
    with open(source, "rb") as reader, open(target, "wb") as writer:
        at, size = 0, os.fstat(reader.fileno()).st_size
        while at < size:
            try:
                begin = os.lseek(reader.fileno(), at, os.SEEK_DATA)
            except OSError:  # ENXIO: only a hole is left
                break
            at = os.lseek(reader.fileno(), begin, os.SEEK_HOLE)
            reader.seek(begin)
            writer.seek(begin)
            writer.write(reader.read(at - begin))
        writer.truncate(size)


def copy_facts(source, target):
    found = os.lstat(source)
    os.chown(target, found.st_uid, found.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        os.chmod(target, found.st_mode & 0o7777)
        for name in os.listxattr(source):
            if not name.startswith("user.overlay."):
                os.setxattr(target, name, os.getxattr(source, name))
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns), follow_symlinks=False)


def describe(root, names):
    """Lines about those entries of a layer whose path is in `names`."""
    lines = []
    for directory, below, files in os.walk(root):
        for path in [os.path.join(directory, name) for name in below + files]:
            relative = os.path.relpath(path, root)
            if relative in names or os.path.join(os.path.dirname(relative), os.path.basename(relative)[4:]) in names:
                found = os.lstat(path)
                marks = [] if os.path.islink(path) else os.listxattr(path)
                lines.append(f"{relative!r}: {stat.filemode(found.st_mode)} {found.st_uid}:{found.st_gid} size "
                             f"{found.st_size} links {found.st_nlink} {'REMOVAL ' if is_removal(path) else ''}"
                             f"{'OPAQUE ' if os.path.isdir(path) and hides_what_is_below(path) else ''}{' '.join(marks)}")
    return lines


def remove(path):
    """Everything, whatever the modes of its directories are."""
    shutil.rmtree(path, ignore_errors=True)
