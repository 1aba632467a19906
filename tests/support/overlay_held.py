# SPDX-License-Identifier: Apache-2.0
"""Further kinds of operation (overlay_operations.py): on files that stay open while other operations run, and
on such as are open more than once."""
import errno
import fcntl
import os
import stat

from overlay_calls import lock_of_description
from overlay_layers import content
from overlay_operations import another, kind, opened


@kind("slot", "file", "access", weight=4)
def hold(side, slot, path, flags):
    side.drop(slot)
    side.slots[slot] = os.open(side.at(path), flags | os.O_NONBLOCK)
    return os.fstat(side.slots[slot]).st_size


def held(side, slot):
    if slot not in side.slots:
        raise OSError(errno.EBADF, "nothing is held")
    return side.slots[slot]


@kind("slot", weight=3)
def held_read(side, slot):
    return os.pread(held(side, slot), 1 << 21, 0)


@kind("slot", "offset", "data", weight=3)
def held_write(side, slot, offset, data):
    return os.pwrite(held(side, slot), content(*data), offset)


@kind("slot", weight=3)
def held_stat(side, slot):
    found = os.fstat(held(side, slot))
    return stat.filemode(found.st_mode), found.st_size, side.links(found), found.st_uid, found.st_gid


@kind("slot", "offset")
def held_truncate(side, slot, size):
    os.ftruncate(held(side, slot), another(size, os.fstat(held(side, slot))))


@kind("slot", "mode")
def held_chmod(side, slot, mode):
    os.fchmod(held(side, slot), mode)


@kind("slot", "attribute", "data")
def held_setxattr(side, slot, name, data):
    os.setxattr(held(side, slot), name, content(*data)[:300])
    return sorted(os.listxattr(held(side, slot)))


@kind("slot")
def held_synchronize(side, slot):
    os.fsync(held(side, slot))


@kind("slot", "path")
def held_is(side, slot, path):
    one, other = os.fstat(held(side, slot)), os.lstat(side.at(path))
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


@kind("slot", weight=1)
def let_go(side, slot):
    side.drop(slot)


@kind("file", "data", weight=3)
def use_after_unlink(side, path, data):
    def use(fd):
        os.unlink(side.at(path))
        written = os.pwrite(fd, content(*data), 7)
        return written, side.links(os.fstat(fd)), os.pread(fd, 1 << 21, 0)
    return opened(side, path, os.O_RDWR, use)


@kind("file")
def flock(side, path):
    """Two descriptions of one file exclude each other."""
    def lock_again(_):
        return opened(side, path, os.O_RDONLY, lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB))
    return opened(side, path, os.O_RDONLY, lambda fd: fcntl.flock(fd, fcntl.LOCK_EX) or lock_again(fd))


@kind("file")
def lock_ranges(side, path):
    def second(fd):
        lock_of_description(fd, fcntl.F_WRLCK, 100, 100)
        lock_of_description(fd, fcntl.F_WRLCK, 0, 10)  # the first holds it

    def first(fd):
        lock_of_description(fd, fcntl.F_WRLCK, 0, 50)
        return opened(side, path, os.O_RDWR, second)
    return opened(side, path, os.O_RDWR, first)
