# SPDX-License-Identifier: Apache-2.0
"""Facts about rename."""
import os

from overlay_calls import RENAME_EXCHANGE, RENAME_NOREPLACE, rename
from overlay_mount import MNT_DETACH, libc, mount_tmpfs
from posix_facts import ANA, BEN, KINDS, SAME, case
from posix_names import ALL_TIMES, sticky

NO_DIRECTORIES = [kind for kind in KINDS if kind != "dir"]


@case
def rename_keeps_the_file(world):
    world.make("dir", "other")
    for kind in KINDS:
        world.make(kind, kind, owner=(ANA, BEN))
    yield
    for kind in KINDS:
        before = os.lstat(kind)
        for old, new in ((kind, kind + "2"), (kind + "2", "other/" + kind), ("other/" + kind, kind)):
            with world.times(True, {os.path.dirname(path) or "." for path in (old, new)}, ALL_TIMES):
                world.tries("", f"{old} to {new}", os.rename, old, new)
            world.exists(f"{old} is gone", old, False)
            found = os.lstat(new)
            world.fact(f"{new} is the same", (found.st_ino, found.st_mode, found.st_uid, found.st_gid, found.st_nlink),
                       (before.st_ino, before.st_mode, ANA, BEN, before.st_nlink))
        world.tries("", f"{kind} to itself", os.rename, kind, kind)
        if kind in ("dir", "symlink"):
            continue
        os.link(kind, kind + "-link")
        os.rename(kind, kind + "-moved")
        world.fact(f"{kind} has two names", (os.lstat(kind + "-link").st_nlink, os.lstat(kind + "-moved").st_ino), (2, before.st_ino))
        world.tries("", f"{kind} over its other name", os.rename, kind + "-moved", kind + "-link")
        world.fact(f"{kind} keeps both", (os.path.lexists(kind + "-moved"), os.lstat(kind + "-link").st_nlink), (True, 2))


@case
def rename_replaces(world):
    for one in NO_DIRECTORIES:
        for other in NO_DIRECTORIES:
            world.make(one, f"{one}-{other}")
            world.make(other, f"{one}-over-{other}")
            os.link(f"{one}-over-{other}", f"{one}-left-{other}", follow_symlinks=False)
    yield
    for one in NO_DIRECTORIES:
        for other in NO_DIRECTORIES:
            inode = os.lstat(f"{one}-{other}").st_ino
            with world.times(True, [f"{one}-left-{other}"]):
                world.tries("", f"{other} by {one}", os.rename, f"{one}-{other}", f"{one}-over-{other}")
            world.fact(f"{other} by {one}, its inode", os.lstat(f"{one}-over-{other}").st_ino, inode)
            world.fact(f"{other} by {one}, links", os.lstat(f"{one}-left-{other}").st_nlink, 1)


@case
def rename_of_directories(world):
    for name in ("from", "from/dir", "from/dir/in", "to", "to/over", "empty", "full", "full/in", "dir", "place"):
        world.make("dir", name)
    for kind in KINDS:
        world.make(kind, kind + "-x")
    yield
    world.fact("links before", (os.lstat("from").st_nlink, os.lstat("to").st_nlink), (3, 3))
    os.rename("from/dir", "to/dir")
    world.fact("links afterwards", (os.lstat("from").st_nlink, os.lstat("to").st_nlink), (2, 4))
    world.fact("its parent", os.lstat("to/dir/..").st_ino, os.lstat("to").st_ino)
    os.rename("to/dir", "to/over")
    world.fact("links where one was replaced", (os.lstat("to").st_nlink, os.listdir("to/over")), (3, ["in"]))
    world.tries("EEXIST|ENOTEMPTY", "over a full one", os.rename, "empty", "full")
    world.tries("EINVAL", "into itself", os.rename, "full", "full/x")
    world.tries("EINVAL", "below itself", os.rename, "full", "full/in/x")
    for path in (".", "full/.", "full/in/.."):
        world.tries("EINVAL|EBUSY", f"of {path}", os.rename, path, "new")
        world.tries("EINVAL|EBUSY|ENOTEMPTY", f"over {path}", os.rename, "empty", path)
    for kind in NO_DIRECTORIES:
        world.tries("ENOTDIR", f"over a {kind}", os.rename, "dir", kind + "-x")
        world.tries("EISDIR", f"of a {kind} over it", os.rename, kind + "-x", "dir")
        world.tries("EISDIR|ENOTEMPTY|EEXIST", f"of a {kind} over a full one", os.rename, kind + "-x", "full")
    mount_tmpfs(os.getcwd() + "/place", "size=64k")
    for old, new in (("place", "new"), ("empty", "place")):
        world.tries("EBUSY|EXDEV", f"where something is mounted, {old}", os.rename, old, new)
    libc.umount2(os.fsencode(os.getcwd() + "/place"), MNT_DETACH)


@case
def rename_refused(world):
    world.make("dir", "open", 0o777)
    world.make("dir", "closed")
    for kind in KINDS:
        world.make(kind, kind)
        world.make(kind, f"open/{kind}")
    yield
    for kind in KINDS:
        with world.times(False, [kind, "."], ALL_TIMES):
            world.tries("EACCES", f"{kind} out of a directory of others", os.rename, kind, f"open/{kind}2", who=(ANA, ANA))
            world.tries("EACCES", f"{kind} into a directory of others", os.rename, f"open/{kind}", "closed/x", who=(ANA, ANA))
        world.tries("ENOENT", f"nothing over a {kind}", os.rename, "none", kind)
        world.exists(f"{kind} is still there", kind, True)


@case
def rename_of_directories_of_others(world):
    """Moving one changes it, which its owner has to allow; in its directory it may have another name."""
    for name in ("one", "two"):
        world.make("dir", name, 0o777)
    world.make("dir", "one/dir", 0o700)
    world.make("file", "one/file")
    yield
    ana = (ANA, ANA)
    for old, new in (("one/dir", "one/dir2"), ("one/dir2", "two/dir"), ("one/dir2", "one/dir")):
        world.tries(SAME, f"{old} to {new}", os.rename, old, new, who=ana)
    world.tries("", "a file", os.rename, "one/file", "two/file", who=ana)


@case
def rename_out_of_sticky_directories(world):
    world.make("dir", "to", 0o777, (ANA, ANA))
    yield from sticky(world, lambda path: os.rename(path, "to/" + path.replace("/", "-")), NO_DIRECTORIES)


@case
def rename_in_sticky_directories(world):
    yield from sticky(world, lambda path: os.rename(path, path + "2"), KINDS)


@case
def rename_over_what_is_in_sticky_directories(world):
    """The name that goes counts as one that is removed."""
    def moving(path):
        world.make("dir" if path.startswith("dir") else "file", path, owner=(ANA, ANA))
    os.chmod(".", 0o777)
    yield from sticky(world, lambda path: os.rename(path[:-2] + "-other", path), KINDS, moving)


@case
def rename_with_flags(world):
    for name in ("one", "two"):
        world.write(name, name.encode())
    world.make("dir", "dir")
    world.make("file", "dir/in")
    yield
    world.tries("EEXIST", "without replacing", rename, "one", "two", RENAME_NOREPLACE)
    world.tries("", "to a new name", rename, "one", "three", RENAME_NOREPLACE)
    world.tries("", "in exchange", rename, "three", "two", RENAME_EXCHANGE)
    with open("two", "rb") as two, open("three", "rb") as three:
        world.fact("they are exchanged", (two.read(), three.read()), (b"one", b"two"))
    world.tries("", "in exchange with a directory", rename, "dir", "two", RENAME_EXCHANGE)
    world.fact("the directory is there", os.listdir("two"), ["in"])
    world.tries("ENOENT", "in exchange with nothing", rename, "dir", "none", RENAME_EXCHANGE)
    world.tries("EINVAL", "both", rename, "dir", "two", RENAME_EXCHANGE | RENAME_NOREPLACE)
