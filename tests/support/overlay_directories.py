# SPDX-License-Identifier: Apache-2.0
"""Further kinds of operation (overlay_operations.py): on directories as a whole, and by somebody else than root."""
import contextlib
import os
import pickle

from overlay_calls import Listing, error_of, make_chain, open_chain, remove_inside, removed
from overlay_layers import content
from overlay_operations import KINDS, kind
from overlay_sides import outcome

LEVELS, LONG = 24, 200  # beyond PATH_MAX, 4096


@kind("directory", weight=3)
def list_names(side, path):
    return sorted(os.listdir(side.at(path)))


@kind("directory", weight=3)
def list_while_it_changes(side, path):
    """What is there all the time is listed once, whatever else comes and goes."""
    stays, goes = [f"stays{i}" for i in range(30)], [f"goes{i}" for i in range(30)]
    top = side.at(path)
    for name in stays + goes:
        os.close(os.open(f"{top}/{name}", os.O_CREAT | os.O_EXCL))
    before, seen = sorted(set(os.listdir(top)) - set(goes)), []
    fd = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listing = Listing(fd)
        seen += listing.piece()
        for name in goes:
            os.unlink(f"{top}/{name}")
            os.close(os.open(f"{top}/comes{name}", os.O_CREAT | os.O_EXCL))
        while piece := listing.piece():
            seen += piece
    finally:
        os.close(fd)
        for name in stays + ["comes" + name for name in goes]:
            os.unlink(f"{top}/{name}")
    return sorted(name for name in seen if name in before), [name for name in goes if seen.count(name) > 1]


@kind("directory", weight=1)
def rewind_a_listing(side, path):
    fd = os.open(side.at(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        listing = Listing(fd, 4096)
        first = listing.piece()
        os.lseek(fd, 0, os.SEEK_SET)
        return sorted(first) == sorted(listing.piece())
    finally:
        os.close(fd)


@kind("directory", weight=1)
def list_after_removal(side, path):
    """Of a directory that is only held open."""
    fd = os.open(side.at(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        removed(side.at(path))
        return sorted(Listing(fd).piece()), error_of(os.mkdir, f"/proc/self/fd/{fd}/late")  # a link's directory is still there
    finally:
        os.close(fd)


@kind("directory", weight=1)
def longest_names(side, path):
    """255 bytes are a name, 256 are none."""
    fits, over = side.at(os.path.join(path, "N" * 255)), side.at(os.path.join(path, "N" * 256))
    done = [error_of(os.mkdir, fits), error_of(os.rmdir, fits), error_of(os.mkdir, over), error_of(os.lstat, over),
            error_of(os.unlink, over), error_of(os.symlink, "x", over), error_of(os.rename, fits, over)]
    with contextlib.suppress(OSError):
        removed(fits)
    return done


@kind("directory", "data", weight=1)
def deeper_than_any_path(side, path, data):
    names = [chr(ord("a") + level) * LONG for level in range(LEVELS)]
    top = os.open(side.at(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        bottom = make_chain(top, names)
        file = os.open("file", os.O_CREAT | os.O_RDWR, dir_fd=bottom)
        os.write(file, content(*data))
        os.close(file)
        os.close(bottom)
        bottom = open_chain(top, names)
        found = os.listdir(bottom), os.stat("file", dir_fd=bottom).st_size
        os.rename("file", "FILE", src_dir_fd=bottom, dst_dir_fd=top)
        os.close(bottom)
        os.unlink("FILE", dir_fd=top)
        chain = os.open(names[0], os.O_RDONLY | os.O_DIRECTORY, dir_fd=top)
        count = remove_inside(chain)
        os.close(chain)
        os.rmdir(names[0], dir_fd=top)
        return found, count
    finally:
        os.close(top)


# What needs no descriptor of the parent, and has no loop that could end early.
BY_OTHERS = ["create", "mkdir", "unlink", "rmdir", "rename_plain", "rename_exchange", "chmod", "chown", "append", "truncate",
             "link", "symlink", "list_names", "access", "setxattr", "set_times_to_now", "open_truncating", "use_after_unlink",
             "read_through_private_memory", "set_acl", "listxattr"]


@kind("id", "by_others", weight=8)
def by_another(side, who, order):
    """As an ordinary user: what permissions, the sticky bit and access control lists make of it."""
    name, *arguments = order
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(who, who, who)
            os.setresuid(who, who, who)
            os.write(writer, pickle.dumps(outcome(KINDS[name][0], side, arguments)))
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        data = answer.read()
    os.waitpid(child, 0)
    return pickle.loads(data) if data else "no answer"
