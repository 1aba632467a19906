# SPDX-License-Identifier: Apache-2.0
"""Facts about what is in files: open, truncate, ftruncate, posix_fallocate."""
import os
import subprocess

from posix_errors import opened
from posix_facts import ANA, BEN, CARL, KINDS, SAME, case
from posix_names import ALL_TIMES

ACCESSES = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR}
TEXT = b"0123456789" * 1234


@case
def open_obeys_modes(world):
    """Of the three sets of bits one counts."""
    roles = {"owner": ((ANA, ANA), 6), "group": ((BEN, ANA), 3), "further group": ((BEN, CARL, ANA), 3), "other": ((BEN, BEN), 0)}
    for role, (_, shift) in roles.items():
        for bits in range(8):
            mode = (bits << shift) | (0o777 & ~(7 << shift))
            world.make("file", f"{role}-{bits}", mode, (ANA, ANA))
            world.make("dir", f"{role}-{bits}-dir", mode, (ANA, ANA))
    yield
    for role, (who, _) in roles.items():
        for bits in range(8):
            path = f"{role}-{bits}"
            for access, flags in ACCESSES.items():
                needs = 4 * ("r" in access) | 2 * ("w" in access)
                world.tries("" if bits & needs == needs else "EACCES", f"{path} {access}", opened, path, flags, who=who)
            world.tries("" if bits & 2 else "EACCES", f"{path} cut", opened, path, os.O_WRONLY | os.O_TRUNC, who=who)
            world.tries("" if bits & 6 == 6 else "EACCES", f"{path} read and cut", opened, path, os.O_RDONLY | os.O_TRUNC, who=who)
            world.tries("" if bits & 3 == 3 else "EACCES", f"{path} made in", opened, path + "-dir/new", os.O_CREAT | os.O_WRONLY, who=who)
            world.tries("" if bits & 4 else "EACCES", f"{path} listed", os.listdir, path + "-dir", who=who)


@case
def open_changes_times(world):
    world.write("file", b"text")
    world.write("empty", b"")
    yield
    with world.times(False, ["."], ALL_TIMES):
        opened("file", os.O_CREAT | os.O_RDONLY)
    for name in ("file", "empty"):
        with world.times(True, [name], ALL_TIMES):
            opened(name, os.O_WRONLY | os.O_TRUNC)
        world.size(f"{name} is cut", name, 0)


@case
def open_refused(world):
    for kind in KINDS:
        world.make(kind, kind)
    os.symlink("file", "link")
    yield
    for access in ("w", "rw"):
        world.tries("EISDIR", f"directory {access}", opened, "dir", ACCESSES[access])
    world.tries("EISDIR", "directory to be cut", opened, "dir", os.O_RDONLY | os.O_TRUNC)
    world.tries("EISDIR", "directory to be made", opened, "dir", os.O_RDONLY | os.O_CREAT)
    for flags in (0, os.O_CREAT):
        world.tries("ELOOP|EMLINK", f"a link itself {flags}", opened, "link", os.O_RDONLY | os.O_NOFOLLOW | flags)
    for kind in KINDS:
        world.tries("EEXIST", f"a {kind} that has to be new", opened, kind, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        if kind != "dir":
            world.tries("ENOTDIR|ENOENT", f"a {kind} as a directory", opened, kind, os.O_RDONLY | os.O_DIRECTORY)
    for access in ("r", "w", "rw"):
        world.tries("ENXIO|EOPNOTSUPP", f"a socket {access}", opened, "socket", ACCESSES[access])
    world.tries("ENXIO", "a pipe that nobody reads", opened, "fifo", os.O_WRONLY | os.O_NONBLOCK)
    world.tries("", "a pipe that nobody writes", opened, "fifo", os.O_RDONLY | os.O_NONBLOCK)
    world.tries("", "a pipe by both ends", opened, "fifo", os.O_RDWR)


@case
def open_of_a_running_program(world):
    with open("/bin/cat", "rb") as program:
        world.write("cat", program.read(), 0o755)
    os.chmod("cat", 0o755)
    yield
    with subprocess.Popen(["./cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b"x")
        process.stdin.flush()
        process.stdout.read(1)
        for what, flags in (("w", os.O_WRONLY), ("rw", os.O_RDWR), ("cut", os.O_RDONLY | os.O_TRUNC)):
            world.tries("ETXTBSY", what, opened, "cat", flags)
        world.tries("ETXTBSY", "truncate", os.truncate, "cat", 123)
    world.tries("", "after its end", opened, "cat", os.O_RDWR)


def through_descriptor(path, size):
    fd = os.open(path, os.O_RDWR)
    try:
        os.ftruncate(fd, size)
    finally:
        os.close(fd)


TRUNCATES = {"truncate": os.truncate, "ftruncate": through_descriptor}


def truncating(name):
    cut = TRUNCATES[name]

    def of_sizes(world):
        for path in ("file", "other", "timed", "ro"):
            world.write(path, TEXT)
        world.make("dir", "dir", 0o777)
        os.chmod("other", 0o644)
        world.make("file", "anas", 0o644, (ANA, ANA))
        yield
        for size in (567, 20_000, 0, 123, 1 << 33, 5):
            world.tries("", f"to {size}", cut, "file", size)
            world.size(f"of {size}", "file", size)
        with open("file", "rb") as file:
            world.fact("what was not there is zeros", file.read(), bytes(5))
        cut("other", 1000)
        cut("other", 2000)
        with open("other", "rb") as file:
            world.fact("beginning and zeros", file.read(), TEXT[:1000] + bytes(1000))
        for size in (12_345, 100, 0):
            with world.times(True, ["timed"]):
                cut("timed", size)
        with world.times(False, ["other"], ALL_TIMES):
            world.tries("EACCES", "by others", cut, "other", 5, who=(ANA, ANA))
            world.tries("EINVAL", "to less than nothing", cut, "other", -1)
        world.tries("", "by the owner", cut, "anas", 5, who=(ANA, ANA))
        world.tries("EISDIR", "of a directory", cut, "dir", 5)
        world.tries(SAME, "to more than can be", cut, "other", (1 << 63) - 1)
        world.size("afterwards", "other", SAME)
    of_sizes.__name__ = name + "_changes_sizes"
    return of_sizes


for way in TRUNCATES:
    case(truncating(way))


def made_without_rights(path, change):
    """The mode of a new file says nothing of who made it."""
    fd = os.open(path, os.O_CREAT | os.O_RDWR, 0)
    try:
        change(fd)
    finally:
        os.close(fd)


@case
def ftruncate_needs_a_file_open_to_write(world):
    world.write("file", TEXT)
    os.chmod(".", 0o777)
    yield
    fd = os.open("file", os.O_RDONLY)
    world.tries("EINVAL|EBADF", "a file open to read", os.ftruncate, fd, 5)
    os.close(fd)
    world.tries("", "a new file of mode 0", made_without_rights, "new", lambda fd: os.ftruncate(fd, 5))
    world.tries("", "a user's new file of mode 0", made_without_rights, "anas", lambda fd: os.ftruncate(fd, 5), who=(ANA, ANA))


@case
def posix_fallocate_makes_room(world):
    for name in ("empty", "full", "timed"):
        world.write(name, TEXT if name == "full" else b"")
    os.chmod(".", 0o777)
    yield
    for name, offset, size, wanted in (("empty", 0, 567, 567), ("full", 20_000, 3456, 23_456), ("full", 0, 10, 23_456)):
        fd = os.open(name, os.O_RDWR)
        world.tries("", f"{name} {offset} {size}", os.posix_fallocate, fd, offset, size)
        world.size(f"{name} {offset} {size} has the size", name, wanted)
        os.close(fd)
    with open("full", "rb") as file:
        world.fact("what was there stays", file.read(), TEXT + bytes(23_456 - len(TEXT)))
    fd = os.open("timed", os.O_RDWR)
    with world.times(True, ["timed"], ALL_TIMES):
        world.tries("", "of a file that grows", os.posix_fallocate, fd, 0, 123)
    with world.times(False, ["timed"], ALL_TIMES):
        for offset, size in ((0, 0), (0, -1), (-1, 1)):
            world.tries("EINVAL", f"{offset} {size}", os.posix_fallocate, fd, offset, size)
    os.close(fd)
    fd = os.open("timed", os.O_RDONLY)
    world.tries("EBADF", "a file open to read", os.posix_fallocate, fd, 0, 1)
    os.close(fd)
    world.tries("", "a new file of mode 0", made_without_rights, "new", lambda fd: os.posix_fallocate(fd, 0, 1))
    world.tries("", "a user's", made_without_rights, "anas", lambda fd: os.posix_fallocate(fd, 0, 1), who=(ANA, ANA))
