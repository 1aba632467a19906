# SPDX-License-Identifier: Apache-2.0
"""System calls that Python's library has not, and walks by descriptors."""
import contextlib
import ctypes
import errno
import fcntl
import os
import stat
import struct

from overlay_mount import libc

AT_FDCWD, SYS_getdents64 = -100, 217  # the number is that of x86-64
RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2                                   # linux/fs.h
FALLOC_KEEP_SIZE, FALLOC_PUNCH_HOLE, FALLOC_ZERO_RANGE = 0x01, 0x02, 0x10  # linux/falloc.h
F_OFD_SETLK = 37                                                           # fcntl(2)


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def rename(old, new, flags):
    checked(libc.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags))


def fallocate(fd, mode, offset, size):
    checked(libc.fallocate(fd, mode, ctypes.c_long(offset), ctypes.c_long(size)))


def lock_of_description(fd, kind, start, size):
    """Belongs to the open file and not to the process, so that one process can be in its own way."""
    fcntl.fcntl(fd, F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, size, 0))


def same_file(one, other):
    one, other = os.lstat(one), os.lstat(other)
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def removed(path):
    """Removes everything there by descriptors; how many names went. Errors: OSError."""
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        os.unlink(path)
        return 1
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        count = remove_inside(fd)
    finally:
        os.close(fd)
    os.rmdir(path)
    return count + 1


def remove_inside(fd):
    """A descriptor for each level: no path is ever long."""
    count = 0
    for name in os.listdir(fd):
        with contextlib.suppress(IsADirectoryError):
            os.unlink(name, dir_fd=fd)
            count += 1
            continue
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
        try:
            count += remove_inside(below) + 1
        finally:
            os.close(below)
        os.rmdir(name, dir_fd=fd)
    return count


def make_chain(fd, names):
    """Directories each within the one before, below a descriptor; a descriptor of the innermost."""
    fd = os.dup(fd)
    for name in names:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=fd)
        fd = step(fd, name)
    return fd


def open_chain(fd, names):
    fd = os.dup(fd)
    for name in names:
        fd = step(fd, name)
    return fd


def step(fd, name):
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
    finally:
        os.close(fd)


class Listing:
    """A directory read in small pieces, for which something may change in between."""

    def __init__(self, fd, size=512):
        self.fd, self.buffer = fd, ctypes.create_string_buffer(size)

    def piece(self):
        """The next names; none at the end."""
        size = checked(libc.syscall(SYS_getdents64, self.fd, self.buffer, len(self.buffer)))
        at, names = 0, []
        while at < size:
            length, = struct.unpack_from("<H", self.buffer, at + 16)
            names.append(os.fsdecode(self.buffer.raw[at + 19:at + length].split(b"\0", 1)[0]))
            at += length
        return names


def error_of(run, *arguments):
    """The name of the error that a call raises; None where it works."""
    try:
        run(*arguments)
    except OSError as failure:
        return errno.errorcode[failure.errno]
    return None
