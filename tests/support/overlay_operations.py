# SPDX-License-Identifier: Apache-2.0
"""The kinds of operation that random histories consist of: what each does on a tree, and what its arguments are drawn
from (overlay_draws.py). What it returns is compared with what it returns on another tree."""
import errno
import mmap
import os
import stat

from overlay_calls import (FALLOC_KEEP_SIZE, FALLOC_PUNCH_HOLE, FALLOC_ZERO_RANGE, RENAME_EXCHANGE, RENAME_NOREPLACE,
                           fallocate, removed, rename, same_file)
from overlay_layers import content

KINDS = {}


def kind(*draws, weight=2):
    """An operation whose arguments are made by those functions of a Draw."""
    def register(run):
        KINDS[run.__name__] = (run, draws, weight)
        return run
    return register


def opened(side, path, flags, work, mode=0o644):
    """What `work` returns for the descriptor of an open file. A named pipe is only opened: nobody waits for its other end, and
    what goes through it the file system does not see."""
    fd = os.open(side.at(path), flags | os.O_NONBLOCK, mode)
    try:
        return None if stat.S_ISFIFO(os.fstat(fd).st_mode) else work(fd)
    finally:
        os.close(fd)


# Names.

@kind("new", "mode", weight=3)
def create(side, path, mode):
    return opened(side, path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, lambda fd: stat.S_IMODE(os.fstat(fd).st_mode), mode)


@kind("new", "mode", "data", weight=4)
def create_or_truncate(side, path, mode, data):
    return opened(side, path, os.O_CREAT | os.O_TRUNC | os.O_RDWR, lambda fd: os.write(fd, content(*data)), mode)


@kind("new", "mode", weight=4)
def mkdir(side, path, mode):
    os.mkdir(side.at(path), mode)


@kind("new", "mode")
def mkfifo(side, path, mode):
    os.mkfifo(side.at(path), mode)
    return os.lstat(side.at(path)).st_mode


@kind("new", "mode")
def mksocket(side, path, mode):
    os.mknod(side.at(path), stat.S_IFSOCK | mode)
    return os.lstat(side.at(path)).st_mode


@kind("new", "mode")
def mknod_of_a_file(side, path, mode):
    os.mknod(side.at(path), stat.S_IFREG | mode)
    return os.lstat(side.at(path)).st_mode


@kind("text", "new")
def symlink(side, text, path):
    os.symlink(text, side.at(path))
    return os.readlink(side.at(path))


@kind("path", "new", weight=4)
def link(side, path, new):
    os.link(side.at(path), side.at(new), follow_symlinks=False)
    return side.links(os.lstat(side.at(new)))


@kind("path", "new", weight=6)
def rename_plain(side, path, new):
    os.rename(side.at(path), side.at(new))


@kind("path", "new")
def rename_noreplace(side, path, new):
    rename(side.at(path), side.at(new), RENAME_NOREPLACE)


@kind("path", "path", weight=4)
def rename_exchange(side, one, other):
    rename(side.at(one), side.at(other), RENAME_EXCHANGE)


@kind("directory", "new", weight=4)
def rename_directory(side, path, new):
    os.rename(side.at(path), side.at(new))


@kind("file", "file", weight=3)
def rename_over(side, path, other):
    os.rename(side.at(path), side.at(other))


@kind("directory", weight=1)
def rename_into_itself(side, path):
    os.rename(side.at(path), side.at(path + "/inside"))


@kind("path", weight=5)
def unlink(side, path):
    os.unlink(side.at(path))


@kind("directory", weight=3)
def rmdir(side, path):
    os.rmdir(side.at(path))


@kind("directory")
def remove_tree(side, path):
    return removed(side.at(path))


@kind("directory")
def remove_what_is_inside(side, path):
    return sorted(removed(side.at(os.path.join(path, name))) for name in os.listdir(side.at(path)))


@kind("file", "mode")
def replace_file_by_directory(side, path, mode):
    os.unlink(side.at(path))
    os.mkdir(side.at(path), mode)
    return os.listdir(side.at(path))


@kind("directory", "data")
def replace_directory_by_file(side, path, data):
    removed(side.at(path))
    return opened(side, path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, lambda fd: os.write(fd, content(*data)))


@kind("directory", "mode")
def make_directory_anew(side, path, mode):
    """An opaque one, where there are lower ones."""
    removed(side.at(path))
    os.mkdir(side.at(path), mode)
    return os.listdir(side.at(path))


@kind("file", "new", "data", weight=3)
def write_by_the_other_name(side, path, new, data):
    os.link(side.at(path), side.at(new), follow_symlinks=False)
    opened(side, new, os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, content(*data)))
    return opened(side, path, os.O_RDONLY, lambda fd: os.read(fd, 1 << 21)), same_file(side.at(path), side.at(new))


# Contents.

@kind("file", "offset", "data", weight=4)
def write_at(side, path, offset, data):
    return opened(side, path, os.O_WRONLY, lambda fd: os.pwrite(fd, content(*data), offset))


@kind("file", "data", weight=3)
def append(side, path, data):
    return opened(side, path, os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, content(*data)))


def another(size, found):
    """truncate(2) need not change the time where the size stays."""
    return size + 1 if found.st_size == size else size


@kind("path", "offset")
def truncate(side, path, size):
    os.truncate(side.at(path), another(size, os.stat(side.at(path))))


@kind("file", "offset")
def ftruncate(side, path, size):
    return opened(side, path, os.O_RDWR, lambda fd: os.ftruncate(fd, another(size, os.fstat(fd))) or os.fstat(fd).st_size)


@kind("file")
def open_truncating(side, path):
    return opened(side, path, os.O_WRONLY | os.O_TRUNC, lambda fd: os.fstat(fd).st_size)


@kind("file", "offset", "offset")
def punch_hole(side, path, offset, size):
    def punch(fd):
        fallocate(fd, FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, offset, size)
        return os.pread(fd, 1 << 21, 0)
    return opened(side, path, os.O_RDWR, punch)


@kind("file", "offset", "offset")
def zero_range(side, path, offset, size):
    return opened(side, path, os.O_RDWR, lambda fd: fallocate(fd, FALLOC_ZERO_RANGE, offset, size))


@kind("file", "offset", "offset")
def allocate(side, path, offset, size):
    return opened(side, path, os.O_RDWR, lambda fd: fallocate(fd, 0, offset, size) or os.fstat(fd).st_size)


@kind("file")
def holes_are_empty(side, path):
    """Where they are is for each file system to say; EINVAL says that it cannot be told while somebody writes."""
    def holes(fd):
        at, size, wrong = 0, os.fstat(fd).st_size, []
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        while at < size:
            try:
                begin = os.lseek(fd, at, os.SEEK_HOLE)
                at = os.lseek(fd, begin, os.SEEK_DATA)
            except OSError as failure:
                if failure.errno == errno.EINVAL:
                    break
                if failure.errno != errno.ENXIO:
                    raise
                at = size
            if os.pread(fd, at - begin, begin).strip(b"\0"):
                wrong.append((begin, at))
        return wrong
    return opened(side, path, os.O_RDONLY, holes)


@kind("file")
def seek_behind_the_end(side, path):
    def seek(fd):
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return None
        try:
            return os.lseek(fd, found.st_size, os.SEEK_DATA)
        except OSError as failure:
            return "nothing" if failure.errno in (errno.ENXIO, errno.EINVAL) else failure.errno
    return opened(side, path, os.O_RDONLY, seek)


@kind("file", "file", "offset", "offset")
def copy_range(side, source, target, offset, to):
    return opened(side, source, os.O_RDONLY, lambda reader: opened(
        side, target, os.O_WRONLY, lambda writer: os.copy_file_range(reader, writer, 5000, offset, to)))


@kind("file", "new", weight=1)
def send_file(side, source, target):
    return opened(side, source, os.O_RDONLY, lambda reader: opened(
        side, target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, lambda writer: os.sendfile(writer, reader, 0, 1 << 16)))


@kind("file", "data")
def write_through_shared_memory(side, path, data):
    def write(fd):
        size = os.fstat(fd).st_size
        if size == 0:
            return None
        with mmap.mmap(fd, size, mmap.MAP_SHARED) as memory:
            piece = content(*data)[:size]
            memory[size - len(piece):] = piece
            memory.flush()
        return os.pread(fd, 1 << 21, 0)
    return opened(side, path, os.O_RDWR, write)


@kind("file")
def read_through_private_memory(side, path):
    def read(fd):
        size = os.fstat(fd).st_size
        with mmap.mmap(fd, size, mmap.MAP_PRIVATE, mmap.PROT_READ) as memory:
            return bytes(memory)
    return opened(side, path, os.O_RDONLY, read) if os.path.getsize(side.at(path)) else None


@kind("path")
def synchronize(side, path):
    return opened(side, path, os.O_RDONLY, lambda fd: (os.fsync(fd), os.fdatasync(fd)))
