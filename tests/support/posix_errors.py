# SPDX-License-Identifier: Apache-2.0
"""Facts about errors that the calls on names have in common, one row for each call."""
import ctypes
import os
import stat

from overlay_mount import libc
from posix_facts import ANA, PLAIN_KINDS, case

OLD = 1_000_000_000  # a second in 2001
WRITE_NEW = os.O_CREAT | os.O_WRONLY


def opened(path, flags, mode=0o644):
    os.close(os.open(path, flags, mode))


class Call:
    """`kind` is what has to be at the path for the call to work: None where it makes something there."""

    def __init__(self, name, run, kind, follows=False, changes_parent=True):
        self.name, self.run, self.kind = name, run, kind
        self.follows, self.changes_parent = follows, changes_parent

    def prepare(self, world, path, owner=None):
        if self.kind:
            world.make(self.kind, path, owner=owner)


CALLS = [
    Call("chmod", lambda path: os.chmod(path, 0o600), "file", True, False),
    Call("chown", lambda path: os.chown(path, -1, -1), "file", True, False),
    Call("lchown", lambda path: os.lchown(path, -1, -1), "file", False, False),
    Call("link-from", lambda path: os.link(path, f"new{len(os.listdir())}"), "file"),
    Call("link-to", lambda path: os.link("source", path), None),
    Call("mkdir", os.mkdir, None),
    Call("mkfifo", os.mkfifo, None),
    Call("mknod", lambda path: os.mknod(path, stat.S_IFREG | 0o644), None),
    Call("open", lambda path: opened(path, os.O_RDONLY), "file", True, False),
    Call("open-new", lambda path: opened(path, WRITE_NEW | os.O_EXCL), None),
    Call("rename-from", lambda path: os.rename(path, f"new{len(os.listdir())}"), "file"),
    Call("rename-to", lambda path: os.rename("moving", path), None),
    Call("rmdir", os.rmdir, "dir"),
    Call("symlink", lambda path: os.symlink("target", path), None),
    Call("truncate", lambda path: os.truncate(path, 3), "file", True, False),
    Call("unlink", os.unlink, "file"),
    Call("utimensat", lambda path: os.utime(path, (OLD, OLD)), "file", True, False),
]


def again(world):
    """What link-to and rename-to take; the other may be somebody's who is not root."""
    if not os.path.lexists("moving"):
        world.make("file", "moving", owner=(ANA, ANA))


def common(call):
    """A case for one call, with what its manual page promises whatever else it does."""
    def errors(world):
        world.make("file", "source", owner=(ANA, ANA))
        for kind in PLAIN_KINDS:
            world.make(kind, kind)
        os.symlink("two", "one")
        os.symlink("one", "two")
        for name, mode in (("locked", 0o644), ("guarded", 0o555)):
            os.mkdir(name)
            call.prepare(world, name + "/x", (ANA, ANA))
            world.make("none", name, mode, (ANA, ANA))
        long_name, long_path = "n" * 255, "./" * 2046 + "ab" + "c"
        call.prepare(world, long_name)
        call.prepare(world, "abc")
        os.chmod(".", 0o777)
        yield
        again(world)
        world.tries("", "a name of 255 bytes", call.run, long_name)
        again(world)
        world.tries("ENAMETOOLONG", "a name of 256 bytes", call.run, "n" * 256)
        world.tries("", "a path of 4,095 bytes", call.run, long_path)
        world.tries("ENAMETOOLONG", "a path of 4,096 bytes", call.run, "/" + long_path)
        again(world)
        for kind in PLAIN_KINDS:
            world.tries("ENOTDIR", f"below a {kind}", call.run, kind + "/x")
        world.tries("ENOENT", "below nothing", call.run, "none/x")
        if call.kind:
            world.tries("ENOENT", "nothing", call.run, "none")
        world.tries("ELOOP", "below links in a circle", call.run, "one/x")
        if call.follows:
            world.tries("ELOOP", "links in a circle", call.run, "one")
        elif not call.kind and call.name != "rename-to":
            world.tries("EEXIST", "a link in a circle is there", call.run, "one")
        permissions(world, call)
    errors.__name__ = call.name.replace("-", "_") + "_common_errors"
    return errors


def permissions(world, call):
    ana = (ANA, ANA)
    world.tries("EACCES", "in a directory that may not be searched", call.run, "locked/x", who=ana)
    os.chmod("locked", 0o755)
    world.tries("", "now it may", call.run, "locked/x", who=ana)
    again(world)
    wanted = "EACCES" if call.changes_parent and call.name != "link-from" else ""
    world.tries(wanted, "in a directory that may not be written", call.run, "guarded/x", who=ana)
    if wanted:
        os.chmod("guarded", 0o755)
        world.tries("", "now it may be written", call.run, "guarded/x", who=ana)


for row in CALLS:
    case(common(row))


@case
def read_only_file_system(world):
    yield
    for call in CALLS:
        if call.name in ("link-to", "rename-to"):
            continue  # from another file system, which is told first
        path = f"{world.read_only}/{call.kind or 'none'}"
        world.tries("" if call.name == "open" else "EROFS|EXDEV", call.name, call.run, path)
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC):
        world.tries("EROFS", f"open with {flags}", opened, world.read_only + "/file", flags)
    world.tries("EROFS", "link", os.link, world.read_only + "/file", world.read_only + "/none")
    world.tries("EROFS", "rename", os.rename, world.read_only + "/file", world.read_only + "/none")
    world.tries("EEXIST|EROFS", "mkdir of what is there", os.mkdir, world.read_only + "/dir")
    world.tries("ENOENT|EROFS", "unlink of nothing", os.unlink, world.read_only + "/none")


@case
def other_file_system(world):
    world.make("file", "file")
    world.make("dir", "dir")
    yield
    for kind in ("file", "dir"):
        world.tries("EXDEV", f"rename of a {kind} to another", os.rename, kind, f"{world.elsewhere}/none")
    world.tries("EXDEV", "link to another", os.link, "file", world.elsewhere + "/none")


BAD = ctypes.c_void_p(1)  # where no process has memory


@case
def bad_addresses(world):
    world.make("file", "file")
    yield
    for name, arguments in (("chmod", (BAD, 0o600)), ("chown", (BAD, 0, 0)), ("link", (BAD, b"x")), ("link", (b"file", BAD)),
                            ("mkdir", (BAD, 0o755)), ("mkfifo", (BAD, 0o644)), ("open", (BAD, 0)), ("rename", (BAD, b"x")),
                            ("rename", (b"file", BAD)), ("rmdir", (BAD,)), ("symlink", (BAD, b"x")), ("symlink", (b"x", BAD)),
                            ("truncate", (BAD, 0)), ("unlink", (BAD,))):
        world.tries("EFAULT", name, checked, name, *arguments)


def checked(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)
