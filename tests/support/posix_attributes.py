# SPDX-License-Identifier: Apache-2.0
"""Facts about modes, owners and times: chmod, chown, utimensat."""
import os
import stat

from posix_facts import ANA, BEN, CARL, KINDS, SAME, case

WITH_MODE = [kind for kind in KINDS if kind != "symlink"]
NOW, OMIT = (1 << 30) - 1, (1 << 30) - 2  # UTIME_NOW and UTIME_OMIT, linux/stat.h


@case
def chmod_sets_modes(world):
    for kind in WITH_MODE:
        world.make(kind, kind)
        os.symlink(kind, kind + "-link")
    yield
    for kind in WITH_MODE:
        for bits in (0o111, 0o4711, 0o2755, 0o1621, 0o6555, 0o0):
            os.chmod(kind, bits)
            world.mode(f"{kind} {bits:o}", kind, bits)
        os.chmod(kind + "-link", 0o222)
        world.mode(f"{kind} by a link", kind, 0o222)
        world.mode(f"link to a {kind}", kind + "-link", 0o777)
        with world.times(True, [kind]):
            os.chmod(kind, 0o755)


@case
def chmod_is_the_owners(world):
    for kind in WITH_MODE:
        world.make(kind, kind, 0o644, (ANA, ANA))
        os.symlink(kind, kind + "-link")
    yield
    for kind in WITH_MODE:
        world.tries("", f"{kind} by its owner", os.chmod, kind, 0o642, who=(ANA, ANA))
        world.tries("", f"{kind} by a link and its owner", os.chmod, kind + "-link", 0o641, who=(ANA, ANA))
        with world.times(False, [kind]):
            for who in ((BEN, BEN), (BEN, ANA)):
                world.tries("EPERM", f"{kind} by {who}", os.chmod, kind, 0o777, who=who)
                world.tries("EPERM", f"{kind} by a link and {who}", os.chmod, kind + "-link", 0o777, who=who)
        world.mode(f"{kind} afterwards", kind, 0o641)


@case
def chmod_of_set_group_id(world):
    """It goes where the owner is no member of the group; directories and plain files alike."""
    for kind in ("file", "dir"):
        world.make(kind, kind, 0o755, (ANA, ANA))
        world.make(kind, kind + "-other", 0o755, (ANA, BEN))
    yield
    for kind in ("file", "dir"):
        world.tries("", f"{kind} of the own group", os.chmod, kind, 0o2755, who=(ANA, ANA))
        world.mode(f"{kind} of the own group has it", kind, 0o2755)
        world.tries("", f"{kind} of another group", os.chmod, kind + "-other", 0o2755, who=(ANA, ANA))
        world.mode(f"{kind} of another group", kind + "-other", 0o755)
        world.tries("", f"{kind} of a further group", os.chmod, kind + "-other", 0o2755, who=(ANA, ANA, BEN))
        world.mode(f"{kind} of a further group has it", kind + "-other", 0o2755)


@case
def chmod_of_the_sticky_bit(world):
    for kind in WITH_MODE:
        world.make(kind, kind, 0o644, (ANA, ANA))
    yield
    for kind in WITH_MODE:
        world.tries("", kind, os.chmod, kind, 0o1644, who=(ANA, ANA))
        world.mode(f"{kind} has it", kind, 0o1644)


SET_IDS = [(bits << 9) | rest for bits in (4, 2, 6) for rest in (0o777, 0o767, 0o776, 0o666)]


def changed_by(how, path):
    fd = os.open(path, os.O_RDWR)
    try:
        how(fd)
    finally:
        os.close(fd)


def copied(path, fd):
    with open(path, "rb") as file:
        os.copy_file_range(file.fileno(), fd, 5)


CHANGES = {
    "write": lambda fd: os.write(fd, b"x"),
    "pwrite": lambda fd: os.pwrite(fd, b"x", 5),
    "ftruncate": lambda fd: os.ftruncate(fd, 1),
    "fallocate": lambda fd: os.posix_fallocate(fd, 0, 100),
    "copy_file_range": lambda fd: copied("source", fd),
}


@case
def chmod_of_set_ids_ends_with_a_change(world):
    """As soon as somebody changes the contents, be it the owner."""
    world.write("source", b"hello")
    ana = (ANA, ANA)
    roles = {"outsider": (ana, (0, 0)), "owner": (ana, ana), "member": (ana, (BEN, ANA)), "root": (None, ana)}
    for how in CHANGES:
        for bits in SET_IDS:
            for role, (_, owner) in roles.items():
                path = f"{how}-{bits:o}-{role}"
                world.write(path, b"text")
                world.make("none", path, bits, owner)
    yield
    for how, change in CHANGES.items():
        for bits in SET_IDS:
            for role, (who, _) in roles.items():
                path = f"{how}-{bits:o}-{role}"
                world.tries("", path, changed_by, change, path, who=who)
                world.mode(f"{path} afterwards", path, 0o777 if bits & 0o777 == 0o777 and role != "root" else SAME)


@case
def chmod_of_set_ids_ends_with_less(world):
    """truncate(2), O_TRUNC and chown(2) are changes, too, and root of a user namespace has no privilege here."""
    ways = {"truncate": lambda path: os.truncate(path, 1), "O_TRUNC": lambda path: os.close(os.open(path, os.O_WRONLY | os.O_TRUNC)),
            "chown": lambda path: os.chown(path, 0, 0)}
    ways |= {name: lambda path, change=change: changed_by(change, path) for name, change in CHANGES.items()}
    world.write("source", b"hello")
    for way in ways:
        for bits in SET_IDS:
            for who in ("ana", "root"):
                world.write(f"{way}-{bits:o}-{who}", b"text")
                os.chmod(f"{way}-{bits:o}-{who}", bits)
    yield
    for way, change in ways.items():
        for bits in SET_IDS:
            for who in ("ana", "root"):
                path = f"{way}-{bits:o}-{who}"
                world.tries(SAME, path, change, path, who=(ANA, ANA) if who == "ana" else None)
                world.mode(f"{path} afterwards", path, SAME)


@case
def chown_by_root(world):
    for kind in KINDS:
        world.make(kind, kind)
        os.symlink(kind, kind + "-link")
    yield
    for kind in KINDS:
        with world.times(True, [kind]):
            os.lchown(kind, 123, 456)
        world.owner(kind, kind, (123, 456))
        if kind != "symlink":
            os.chown(kind + "-link", ANA, BEN)
            world.owner(f"{kind} by a link", kind, (ANA, BEN))
            world.owner(f"link to a {kind}", kind + "-link", (0, 0))
        os.lchown(kind, -1, CARL)
        os.lchown(kind, 77, -1)
        world.owner(f"{kind} one by one", kind, (77, CARL))
        os.lchown(kind, 0, 0)
        world.owner(f"{kind} is root's again", kind, (0, 0))


@case
def chown_of_the_group_by_the_owner(world):
    for kind in KINDS:
        world.make(kind, kind, owner=(ANA, BEN))
    yield
    ana = (ANA, CARL, 700)
    for kind in KINDS:
        with world.times(True, [kind]):
            world.tries("", f"{kind} to the own group", os.lchown, kind, -1, CARL, who=ana)
        world.tries("", f"{kind} to a further group", os.lchown, kind, ANA, 700, who=ana)
        world.owner(f"{kind} afterwards", kind, (ANA, 700))
        with world.times(False, [kind]):
            world.tries("EPERM", f"{kind} to a group of others", os.lchown, kind, -1, BEN, who=ana)
            world.tries("EPERM", f"{kind} to another owner", os.lchown, kind, BEN, -1, who=ana)
            world.tries("EPERM", f"{kind} by another", os.lchown, kind, BEN, BEN, who=(BEN, BEN))
            world.tries("EPERM", f"{kind} by one of its group", os.lchown, kind, -1, 700, who=(BEN, 700))
        world.tries("", f"{kind} to nobody by anybody", os.lchown, kind, -1, -1, who=(BEN, BEN))
        world.owner(f"{kind} in the end", kind, (ANA, 700))


@case
def chown_takes_set_ids(world):
    for kind in WITH_MODE:
        world.make(kind, kind, 0o6555, (ANA, BEN))
    yield
    for kind in WITH_MODE:
        for what, uid, gid in (("to another group", ANA, CARL), ("group alone", -1, BEN), ("nothing", -1, -1)):
            os.chmod(kind, 0o6555)
            world.tries("", f"{kind} {what}", os.chown, kind, uid, gid, who=(ANA, BEN, CARL))
            if uid + gid != -2:  # else POSIX leaves it open
                world.mode(f"{kind} {what}, mode", kind, 0o555 if kind == "file" else SAME)
        os.chmod(kind, 0o6555)
        os.chown(kind, BEN, BEN)
        world.mode(f"{kind} by root", kind, SAME)


def times_of(path):
    found = os.lstat(path)
    return found.st_atime_ns, found.st_mtime_ns


@case
def utimensat_sets_times(world):
    for kind in KINDS:
        world.make(kind, kind)
    world.make("file", "target")
    os.symlink("target", "link")
    yield
    for kind in KINDS:
        for atime, mtime in ((1_900_000_000_000_000_000, 1_950_000_000_000_000_000), (100_000_000_100, 200_000_000_200),
                             (960_000_000_123_456_789, 960_000_000_987_654_321), (1, 0)):
            with world.times(True, [kind]):
                os.utime(kind, ns=(atime, mtime), follow_symlinks=False)
            world.fact(f"{kind} {mtime}", times_of(kind), (atime, mtime))
    os.utime("link", ns=(10**18, 2 * 10**18))
    world.fact("by a link", times_of("target"), (10**18, 2 * 10**18))
    for second in ((1 << 31) - 1, 1 << 31, 1 << 32, (1 << 33) + 5, -1, -(1 << 31)):
        os.utime("target", ns=(second * 10**9, second * 10**9))
        world.fact(f"second {second}", times_of("target"), SAME)


def set_times(path, atime, mtime):
    """With nanoseconds that mean now or nothing, which Python's own function has not."""
    import ctypes

    from overlay_mount import libc
    pairs = (ctypes.c_long * 4)(*atime, *mtime)
    if libc.utimensat(-100, os.fsencode(path), pairs, 0) != 0:
        raise OSError(ctypes.get_errno(), path)


@case
def utimensat_of_now_and_of_one(world):
    for name in ("now", "atime", "mtime", "none"):
        world.make("file", name)
        os.utime(name, ns=(10**18, 10**18))
    yield
    set_times("now", (0, NOW), (0, NOW))
    found = times_of("now")
    world.fact("both are now", min(found) > 10**18, True)
    set_times("atime", (5, 7), (0, OMIT))
    world.fact("the first alone", times_of("atime"), (5 * 10**9 + 7, 10**18))
    set_times("mtime", (0, OMIT), (5, 7))
    world.fact("the second alone", times_of("mtime"), (10**18, 5 * 10**9 + 7))
    with world.times(False, ["none"]):
        set_times("none", (0, OMIT), (0, OMIT))
    world.fact("neither", times_of("none"), (10**18, 10**18))


@case
def utimensat_permissions(world):
    for name, mode, owner in (("roots", 0o644, (0, 0)), ("open", 0o666, (0, 0)), ("own", 0o444, (ANA, ANA))):
        world.make("file", name, mode, owner)
    yield
    ana, now, then, omit = (ANA, ANA), (0, NOW), (1_900_000_000, 0), (0, OMIT)
    for name, at_once, chosen in (("roots", "EACCES", "EPERM"), ("open", "", "EPERM"), ("own", "", "")):
        world.tries(at_once, f"{name} now", set_times, name, now, now, who=ana)
        for what, atime, mtime in (("both", then, then), ("atime", then, omit), ("mtime", omit, then), ("mixed", now, then),
                                   ("now and nothing", now, omit)):
            world.tries(chosen, f"{name} {what}", set_times, name, atime, mtime, who=ana)
        world.tries("", f"{name} nothing", set_times, name, omit, omit, who=ana)
        world.tries("", f"{name} by root", set_times, name, then, then)
    world.fact("the type is the same", stat.S_ISREG(os.lstat("own").st_mode), True)
