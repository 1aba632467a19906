# SPDX-License-Identifier: Apache-2.0
"""How facts about a file system are told: a case makes files, yields, and then looks what calls answer.

What it makes before it yields can be a lower layer's. A fact is one sentence with what was found and what POSIX or Linux
say; those say nothing of `SAME`, which is whatever a plain directory answers.
"""
import contextlib
import errno
import os
import socket
import stat
import time

SAME = object()
ANA, BEN, CARL = 65534, 65533, 65532  # ids that own nothing else
KINDS = ("file", "dir", "fifo", "socket", "symlink")
PLAIN_KINDS = ("file", "fifo", "socket")
CASES = []
COARSE = 5  # CLOCK_REALTIME_COARSE, linux/time.h: the clock that stamps files


def case(function):
    """A generator over a World, in the order of the files. Its name begins with the call that it is about."""
    CASES.append(function)
    return function


@contextlib.contextmanager
def somebody(who):
    """As another user: (uid, gid, further groups); or as root, with None."""
    if who is None:
        yield
        return
    uid, gid, *groups = who
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups([])


@contextlib.contextmanager
def mask(bits):
    before = os.umask(bits)
    try:
        yield
    finally:
        os.umask(before)


def after(moment):
    """Returns when what changes gets a later time."""
    while time.clock_gettime_ns(COARSE) <= moment:
        pass


class World:
    """Where a case runs: its directory is the current one. `read_only` is a directory that cannot be written, `elsewhere`
    one of another file system."""

    def __init__(self, read_only, elsewhere):
        self.read_only, self.elsewhere = read_only, elsewhere
        self.facts, self.about = {}, ""

    def fact(self, what, found, wanted):
        label = f"{self.about}: {what}"
        while label in self.facts:
            label += "'"
        self.facts[label] = (found, wanted)

    def tries(self, wanted, what, call, *arguments, who=None):
        """`wanted` is the error, several with a bar between them, or "" where it works. Returns what the call did."""
        found, result = "", None
        with somebody(who):
            try:
                result = call(*arguments)
            except OSError as failure:
                found = errno.errorcode[failure.errno]
        right = wanted is not SAME and found in wanted.split("|")
        self.fact(what, found, found if right else wanted)
        return result

    def make(self, kind, name, mode=None, owner=None):
        if kind == "file":
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        elif kind == "dir":
            os.mkdir(name, 0o755)
        elif kind == "fifo":
            os.mkfifo(name, 0o644)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(name)
        elif kind == "symlink":
            os.symlink("nowhere", name)
        if owner is not None:
            os.lchown(name, *owner)
        if mode is not None:
            os.chmod(name, mode)
        return name

    def write(self, name, text, mode=0o644):
        with open(name, "wb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
            file.write(text)

    def mode(self, what, name, wanted):
        found = os.lstat(name).st_mode
        self.fact(what, oct(stat.S_IMODE(found)), SAME if wanted is SAME else oct(wanted))

    def owner(self, what, name, wanted):
        found = os.lstat(name)
        self.fact(what, (found.st_uid, found.st_gid), wanted)

    def size(self, what, name, wanted):
        self.fact(what, os.lstat(name).st_size, wanted)

    def exists(self, what, name, wanted):
        self.fact(what, os.path.lexists(name), wanted)

    @contextlib.contextmanager
    def times(self, changed, names, what=("ctime",)):
        """Which times of some names the block changes, or leaves."""
        before = {name: os.lstat(name) for name in names}
        after(max(getattr(found, f"st_{which}_ns") for found in before.values() for which in {"ctime", *what}))
        yield
        for name, found in before.items():
            for which in what:
                now = getattr(os.lstat(name), f"st_{which}_ns")
                was = getattr(found, f"st_{which}_ns")
                self.fact(f"{which} of {name} {'changes' if changed else 'stays'}", now > was if changed else now == was, True)


def run(cases, world, root):
    """Carries out the first part of every case below `root`; returns what carries out the rest, where it is called."""
    started = []
    for function in cases:
        os.mkdir(f"{root}/{function.__name__}", 0o755)
        os.chdir(f"{root}/{function.__name__}")
        world.about = function.__name__
        generator = function(world)
        next(generator)
        started.append((function.__name__, generator))

    def rest(where):
        for name, generator in started:
            os.chdir(f"{where}/{name}")
            world.about = name
            try:
                next(generator, None)
            except OSError as failure:
                world.fact("went on to its end", f"{type(failure).__name__}: {failure}", "")
        os.chdir("/")
    return rest


def wrong(world, bare):
    """Facts that do not hold here, but on the plain directory `bare`; of that itself, those that do not hold."""
    told = []
    for label, (plain, wanted_there) in bare.facts.items():
        found, wanted = world.facts.get(label, ("not reached", None))
        holds_there = wanted_there is SAME or plain == wanted_there
        right = plain if wanted is SAME else wanted
        if found != right and (world is bare or holds_there):
            told.append(f"{label}: {found!r} instead of {right!r}")
    return told
