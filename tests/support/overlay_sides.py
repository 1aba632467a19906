# SPDX-License-Identifier: Apache-2.0
"""A tree that operations work on, and the picture of it that is compared with another's."""
import contextlib
import errno
import os
import stat
import zlib

from overlay_layers import PAST

RECENT = PAST + 200_000_000  # seconds; what tests set is older, what just happened is younger
MANY = 1 << 22


class Anything:
    """Equal to whatever it is compared with."""

    def __eq__(self, _):
        return True

    def __hash__(self):
        return 0


class Side:
    """The mount, or the plain directory beside it. `slots` are files held open from one operation to the next; `unseen` is a
    directory of names that files have in a layer without showing them: such a file may be said to have any number of links."""

    def __init__(self, root, unseen=None):
        self.root, self.slots = root, {}
        self.unseen = set()
        for entry in os.scandir(unseen) if unseen else ():
            found = entry.stat(follow_symlinks=False)
            self.unseen.add((found.st_dev, found.st_ino))

    def links(self, found):
        return Anything() if (found.st_dev, found.st_ino) in self.unseen else found.st_nlink

    def at(self, path):
        return os.path.join(self.root, path) if path else self.root

    def drop(self, slot):
        if slot in self.slots:
            os.close(self.slots.pop(slot))

    def drop_all(self):
        for slot in list(self.slots):
            self.drop(slot)


def outcome(run, side, arguments):
    """What an operation returned, or the name of its error."""
    try:
        return run(side, *arguments)
    except OSError as failure:
        return errno.errorcode.get(failure.errno, str(failure.errno))


def checksum(path, size):
    """Of a file's contents, which nothing but its size bounds."""
    with open(path, "rb") as file:
        data = file.read(MANY)
        return len(data), zlib.crc32(data), "" if len(data) == size else f"size is said to be {size}"


def attributes(path, found):
    if stat.S_ISLNK(found.st_mode):
        return ()
    return tuple((name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)))


def time_of(found):
    return found.st_mtime_ns if found.st_mtime_ns < RECENT * 10**9 else "recent"


def inside(path, found):
    """What a file holds."""
    if stat.S_ISREG(found.st_mode):
        return checksum(path, found.st_size)
    if stat.S_ISLNK(found.st_mode):
        return os.readlink(path), found.st_size
    return found.st_rdev


FACTS = ("mode", "owner", "contents", "attributes", "time", "links")


def facts(side, path):
    """Of one name, in the order of FACTS; or the error that stands in their way."""
    path = side.at(path)
    try:
        found = os.lstat(path)
        directory = stat.S_ISDIR(found.st_mode)
        return (stat.filemode(found.st_mode), (found.st_uid, found.st_gid), None if directory else inside(path, found),
                attributes(path, found), time_of(found), None if directory else side.links(found))
    except OSError as failure:
        return (errno.errorcode[failure.errno],)


class Picture:
    """Everything below a root: `names` are {path: facts}, `groups` the sets of names of one file, `odd` what no file
    system may do."""

    def __init__(self, side):
        self.names, self.odd, inodes = {}, [], {}
        self.walk(side, "", inodes)
        self.groups = sorted(sorted(group) for group in inodes.values() if len(group) > 1)

    def forgive_the_kernel(self):
        """Its overlayfs lists removals in directories that are of one layer, and has two inode numbers for those of more."""
        self.names = {path: found for path, found in self.names.items() if found != ("ENOENT",)}
        self.odd = []
        return self

    def walk(self, side, relative, inodes):
        self.names[relative or "."] = facts(side, relative)
        with os.scandir(side.at(relative)) as entries:
            listed = list(entries)
        if len({entry.name for entry in listed}) != len(listed):
            self.odd.append(f"{relative}: lists a name twice")
        for entry in sorted(listed, key=lambda entry: entry.name):
            path = os.path.join(relative, entry.name)
            with contextlib.suppress(FileNotFoundError):  # facts say so
                self.entry(entry, path, inodes)
            if entry.is_dir(follow_symlinks=False):
                self.walk(side, path, inodes)
            else:
                self.names[path] = facts(side, path)

    def entry(self, entry, path, inodes):
        found = os.lstat(entry.path)
        if entry.inode() != found.st_ino:
            self.odd.append(f"{path}: inode {entry.inode()} in its directory, {found.st_ino} by stat")
        if entry.is_dir(follow_symlinks=False) != stat.S_ISDIR(found.st_mode):
            self.odd.append(f"{path}: another type in its directory than by stat")
        if not stat.S_ISDIR(found.st_mode):
            inodes.setdefault((found.st_dev, found.st_ino), []).append(path)


def differences(mine, model, without=()):
    """Sentences; empty where two pictures are equal, besides the facts `without`."""
    told = list(mine.odd)
    for path in sorted(mine.names.keys() | model.names.keys()):
        told += compared(path, mine.names.get(path), model.names.get(path), without)
    if "links" not in without and mine.groups != model.groups:
        told.append(f"hard links are {[group for group in mine.groups if group not in model.groups]} instead of "
                    f"{[group for group in model.groups if group not in mine.groups]}")
    return told


def compared(path, mine, model, without=()):
    """Sentences about one name."""
    if mine is None or model is None:
        return [f"{path!r} is {'missing' if mine is None else 'there, but should not be'}"]
    if len(mine) != len(model):
        return [f"{path!r}: {mine} instead of {model}"]
    return [f"{path!r}: {name} {have} instead of {want}" for name, have, want in zip(FACTS, mine, model)
            if have != want and name not in without]
