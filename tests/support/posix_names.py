# SPDX-License-Identifier: Apache-2.0
"""Facts about names: link, mkdir, mkfifo, mknod, symlink, unlink, rmdir."""
import os
import stat

from overlay_mount import MNT_DETACH, libc, mount_tmpfs
from posix_facts import ANA, BEN, CARL, KINDS, SAME, case, mask

ALL_TIMES = ("ctime", "mtime")


def kind_of(path):
    return stat.S_IFMT(os.lstat(path).st_mode)


MAKERS = {
    "open": (stat.S_IFREG, lambda path, mode=0o644: os.close(os.open(path, os.O_CREAT | os.O_WRONLY, mode))),
    "mkdir": (stat.S_IFDIR, lambda path, mode=0o755: os.mkdir(path, mode)),
    "mkfifo": (stat.S_IFIFO, lambda path, mode=0o644: os.mkfifo(path, mode)),
    "mknod": (stat.S_IFIFO, lambda path, mode=0o644: os.mknod(path, stat.S_IFIFO | mode)),
    "mknod_of_a_file": (stat.S_IFREG, lambda path, mode=0o644: os.mknod(path, stat.S_IFREG | mode)),
    "symlink": (stat.S_IFLNK, lambda path, mode=None: os.symlink("nowhere", path)),
}


def making(name):
    kind, make = MAKERS[name]

    def of_a_new_file(world):
        world.make("dir", "anas", 0o777, (ANA, ANA))
        world.make("dir", "grouped", 0o2777, (0, CARL))
        for there in KINDS:
            world.make(there, there)
        yield
        for number, (mode, bits, wanted) in enumerate(((0o755, 0o22, 0o755), (0o151, 0, 0o151), (0o151, 0o77, 0o100),
                                                      (0o345, 0o70, 0o305), (0o345, 0o501, 0o244), (0, 0, 0))):
            with mask(bits):
                make(f"new{number}", mode)
            world.fact(f"kind {number}", kind_of(f"new{number}"), kind)
            if name != "symlink":
                world.mode(f"mode {mode:o} with {bits:o}", f"new{number}", wanted)
        for who in ((ANA, ANA), (ANA, BEN), (CARL, BEN)):
            world.tries("", f"by {who}", make, f"anas/{who[0]}-{who[1]}", who=who)
            world.owner(f"owner by {who}", f"anas/{who[0]}-{who[1]}", who)
        world.tries("", "where the group is handed down", make, "grouped/new", who=(ANA, ANA))
        world.owner("its group", "grouped/new", (ANA, CARL))
        if name == "mkdir":
            world.mode("hands down its group itself", "grouped/new", 0o2755)
        before = os.lstat(".").st_ctime_ns
        with world.times(True, ["."], ALL_TIMES):
            make("timed")
        new = os.lstat("timed")
        world.fact("has no times of before", min(new.st_mtime_ns, new.st_ctime_ns, new.st_atime_ns) > before, True)
        for there in KINDS if name != "open" else ():
            world.tries("EEXIST", f"a {there} is there", make, there)
    of_a_new_file.__name__ = name + "_makes_a_file"
    return of_a_new_file


for maker in MAKERS:
    case(making(maker))


@case
def mknod_of_devices(world):
    os.chmod(".", 0o777)
    yield
    for what, kind in (("char", stat.S_IFCHR), ("block", stat.S_IFBLK)):
        world.tries("EPERM", f"{what} by a user", os.mknod, what, kind | 0o644, os.makedev(1, 2), who=(ANA, ANA))
        world.exists(f"{what} is not made", what, False)


@case
def link_gives_another_name(world):
    for kind in KINDS:
        if kind != "dir":
            world.make(kind, kind)
    yield
    for kind in KINDS:
        if kind == "dir":
            continue
        inode = os.lstat(kind).st_ino
        with world.times(True, [kind]), world.times(True, ["."], ALL_TIMES):
            os.link(kind, kind + "2", follow_symlinks=False)
        os.link(kind + "2", kind + "3", follow_symlinks=False)
        os.lchown(kind + "2", ANA, BEN)
        if kind != "symlink":
            os.chmod(kind + "3", 0o201)
        for name in (kind, kind + "2", kind + "3"):
            found = os.lstat(name)
            world.fact(f"{name} is the same", (found.st_ino, found.st_nlink, found.st_uid), (inode, 3, ANA))
            world.fact(f"{name} has its mode", found.st_mode & 0o7777, 0o777 if kind == "symlink" else 0o201)
        for left, name in ((2, kind), (1, kind + "2")):
            with world.times(True, [kind + "3"]):
                os.unlink(name)
            world.fact(f"{kind} has {left} left", (os.lstat(kind + "3").st_nlink, os.lstat(kind + "3").st_ino), (left, inode))


@case
def link_refused(world):
    for kind in KINDS:
        world.make(kind, kind, owner=(ANA, ANA))
    os.chmod(".", 0o755)
    world.make("dir", "anas", 0o777, (ANA, ANA))
    yield
    for kind in KINDS:
        with world.times(False, [kind, "."]):
            world.tries("EACCES|EPERM", f"{kind} in a directory of others", os.link, kind, kind + "2", who=(BEN, BEN))
    for who in (None, (ANA, ANA)):
        world.tries("EPERM", f"a directory by {who}", os.link, "dir", "anas/dir2", who=who)
        world.exists(f"no name of a directory by {who}", "anas/dir2", False)
    for kind in KINDS:
        world.tries("EEXIST", f"to a {kind} that is there", os.link, "file", kind)
    world.tries("ENOENT", "of nothing", os.link, "none", "anas/x")
    world.tries("ENOTDIR", "of something below a file", os.link, "file/x", "anas/x")
    world.tries("ENOENT", "below nothing", os.link, "file", "none/x")


@case
def symlink_holds_any_text(world):
    yield
    for length in (1, 255, 256, 1000, 4095):
        with world.times(True, ["."], ALL_TIMES):
            world.tries("", f"of {length} bytes", os.symlink, "t" * length, f"link{length}")
        world.fact(f"text of {length} bytes", os.readlink(f"link{length}"), "t" * length)
        world.size(f"size of {length} bytes", f"link{length}", length)
    world.tries("ENAMETOOLONG", "of 4,096 bytes", os.symlink, "t" * 4096, "long")
    world.tries("ENOENT", "of none", os.symlink, "", "empty")
    world.tries("EEXIST", "again", os.symlink, "t", "link1")


@case
def unlink_removes_names(world):
    for kind in KINDS:
        world.make(kind, kind)
        world.make("dir", kind + "-in")
        world.make(kind, f"{kind}-in/x")
        world.make(kind, kind + "-kept")
    yield
    for kind in KINDS:
        if kind == "dir":
            continue
        with world.times(True, [kind + "-in"], ALL_TIMES):
            world.tries("", f"{kind} of a directory", os.unlink, f"{kind}-in/x")
        world.tries("", kind, os.unlink, kind)
        world.exists(f"{kind} is gone", kind, False)
        world.tries("ENOENT", f"{kind} again", os.unlink, kind)
        with world.times(False, [kind + "-kept", "."], ALL_TIMES):
            world.tries("EACCES", f"{kind} by others", os.unlink, kind + "-kept", who=(ANA, ANA))
    world.tries("EISDIR", "a directory", os.unlink, "dir")
    world.tries("ENOTDIR", "a file with a slash", os.unlink, "file-kept/")


@case
def unlink_leaves_what_is_open(world):
    world.write("file", b"Hello")
    world.write("linked", b"Hello")
    os.link("linked", "linked2")
    yield
    fd = os.open("file", os.O_RDWR)
    os.unlink("file")
    world.fact("its names", os.fstat(fd).st_nlink, 0)
    os.pwrite(fd, b"World", 5)
    world.fact("its contents", os.pread(fd, 99, 0), b"HelloWorld")
    os.ftruncate(fd, 3)
    os.fchmod(fd, 0o600)
    world.fact("its size and mode", (os.fstat(fd).st_size, os.fstat(fd).st_mode & 0o7777), (3, 0o600))
    world.exists("its name", "file", False)
    os.close(fd)
    fd = os.open("linked", os.O_RDONLY)
    os.unlink("linked")
    world.fact("one name is left", (os.fstat(fd).st_nlink, os.lstat("linked2").st_nlink), (1, 1))
    os.unlink("linked2")
    world.fact("none is left", os.fstat(fd).st_nlink, 0)
    os.close(fd)


@case
def rmdir_removes_directories(world):
    for name in ("empty", "full", "full/in", "parent", "parent/dir", "kept", "place"):
        world.make("dir", name)
    for kind in KINDS:
        world.make(kind, kind)
        world.make("dir", kind + "-in")
        world.make(kind, f"{kind}-in/x")
    yield
    world.fact("links of the parent", os.lstat("parent").st_nlink, 3)
    with world.times(True, ["parent"], ALL_TIMES):
        world.tries("", "a directory", os.rmdir, "parent/dir")
    world.fact("links of the parent afterwards", os.lstat("parent").st_nlink, 2)
    world.tries("ENOENT", "again", os.rmdir, "parent/dir")
    for kind in KINDS:
        world.tries("ENOTEMPTY", f"with a {kind}", os.rmdir, kind + "-in")
        if kind != "dir":
            world.tries("ENOTDIR", f"a {kind}", os.rmdir, kind)
    with world.times(False, ["kept", "."], ALL_TIMES):
        world.tries("EACCES", "by others", os.rmdir, "kept", who=(ANA, ANA))
    world.tries("EINVAL", "its dot", os.rmdir, "empty/.")
    world.tries("ENOTEMPTY", "its two dots", os.rmdir, "full/in/..")
    here = os.getcwd()
    mount_tmpfs(here + "/place", "size=64k")
    world.tries("EBUSY", "where something is mounted", os.rmdir, "place")
    libc.umount2(os.fsencode(here + "/place"), MNT_DETACH)
    world.tries("", "where nothing is mounted any more", os.rmdir, "place")


def sticky(world, call, kinds, more=lambda path: None):
    """Of whom a name in a sticky directory is: its own and the directory's owner may take it away."""
    pairs = [(directory, owner) for directory in (ANA, BEN, 0) for owner in (ANA, BEN, 0)]
    for directory, owner in pairs:
        for kind in kinds:
            parent = f"{kind}-{directory}-{owner}"
            world.make("dir", parent, 0o1777, (directory, directory))
            world.make(kind, parent + "/x", owner=(owner, owner))
            more(parent + "-other")
    yield
    for directory, owner in pairs:
        for kind in kinds:
            path = f"{kind}-{directory}-{owner}/x"
            wanted = "" if ANA in (directory, owner) else "EPERM|EACCES"
            world.tries(wanted, f"{kind} of {owner} in a directory of {directory}", call, path, who=(ANA, ANA))
            world.exists(f"{kind} of {owner} in a directory of {directory} afterwards", path, SAME)


@case
def unlink_in_sticky_directories(world):
    yield from sticky(world, os.unlink, [kind for kind in KINDS if kind != "dir"])


@case
def rmdir_in_sticky_directories(world):
    yield from sticky(world, os.rmdir, ["dir"])
