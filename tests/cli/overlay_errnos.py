# SPDX-License-Identifier: Apache-2.0
# run: plain
# timeout: 120
"""What POSIX says that a call on files fails with, as far as it can be provoked without broken hardware: on a union mount,
on files of the lower and of the upper layer, each fails as it does in a plain directory."""
import ctypes
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import main  # noqa: E402
from overlay_mount import libc  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

LONG, PATH_MAX = "n" * 256, 4096
NOREPLACE, EXCHANGE = 1, 2  # renameat2(2)
OTHER = 1000
O_PATH = os.O_PATH


def renameat2(source, target, flags):
    if libc.renameat2(-100, os.fsencode(source), -100, os.fsencode(target), ctypes.c_uint(flags)) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def opened(path, flags, work):
    fd = os.open(path, flags)
    try:
        return work(fd)
    finally:
        os.close(fd)


def make(root):
    """What the calls below are made on."""
    for path in ("d/inner", "full/x", "closed"):
        os.makedirs(f"{root}/{path}")
    for path in ("f", "g", "d/f", "closed/f", "private"):
        with open(f"{root}/{path}", "w", encoding="ascii") as file:
            file.write("contents")
    os.symlink("f", root + "/link")
    os.symlink("nothing", root + "/dangling")
    os.symlink("loop", root + "/loop")
    os.mkfifo(root + "/fifo")
    os.chmod(root + "/private", 0o600)
    os.chmod(root + "/closed", 0o700)
    os.mkdir(root + "/sticky")
    os.chmod(root + "/sticky", 0o1777)
    with open(root + "/sticky/f", "w", encoding="ascii"):
        pass
    os.chmod(root, 0o755)


READ, WRITE, NEW = os.O_RDONLY, os.O_WRONLY, os.O_CREAT | os.O_EXCL | os.O_WRONLY
# Each is made with the root of the files: most by whoever is root.
CALLS = {
    "open ENOENT": lambda r: os.open(r + "/none", READ),
    "open ENOENT empty": lambda r: os.open("", READ),
    "open ENOENT dangling": lambda r: os.open(r + "/dangling", READ),
    "open ENOENT parent": lambda r: os.open(r + "/none/f", os.O_CREAT | WRITE),
    "open ENOTDIR": lambda r: os.open(r + "/f/x", READ),
    "open ENOTDIR slash": lambda r: os.open(r + "/f/", READ),
    "open ENOTDIR asked": lambda r: os.open(r + "/f", os.O_DIRECTORY),
    "open EISDIR": lambda r: os.open(r + "/d", WRITE),
    "open EISDIR create": lambda r: os.open(r + "/new/", os.O_CREAT | WRITE),
    "open EEXIST": lambda r: os.open(r + "/f", NEW),
    "open EEXIST link": lambda r: os.open(r + "/dangling", NEW),
    "open EEXIST directory": lambda r: os.open(r + "/d", NEW),
    "open ELOOP": lambda r: os.open(r + "/loop", READ),
    "open ELOOP nofollow": lambda r: os.open(r + "/link", os.O_NOFOLLOW),
    "open ENAMETOOLONG": lambda r: os.open(f"{r}/{LONG}", READ),
    "open ENAMETOOLONG create": lambda r: os.open(f"{r}/{LONG}", NEW),
    "open ENAMETOOLONG path": lambda r: os.open(r + "/d/.." * PATH_MAX, READ),
    "open ENXIO": lambda r: os.open(r + "/fifo", WRITE | os.O_NONBLOCK),
    "open EINVAL tmpfile read": lambda r: os.open(r + "/d", os.O_TMPFILE),
    "stat ENOENT": lambda r: os.stat(r + "/none"),
    "stat ENOTDIR": lambda r: os.stat(r + "/f/none"),
    "stat ELOOP": lambda r: os.stat(r + "/loop"),
    "lstat ENAMETOOLONG": lambda r: os.lstat(f"{r}/{LONG}"),
    "access ENOENT": lambda r: os.stat(r + "/none/none"),
    "readlink EINVAL": lambda r: os.readlink(r + "/f"),
    "readlink ENOENT": lambda r: os.readlink(r + "/none"),
    "read EISDIR": lambda r: opened(r + "/d", READ, lambda fd: os.read(fd, 1)),
    "read EBADF": lambda r: opened(r + "/f", WRITE, lambda fd: os.read(fd, 1)),
    "write EBADF": lambda r: opened(r + "/f", READ, lambda fd: os.write(fd, b"x")),
    "pread EINVAL": lambda r: opened(r + "/f", READ, lambda fd: os.pread(fd, 1, -1)),
    "lseek EINVAL": lambda r: opened(r + "/f", READ, lambda fd: os.lseek(fd, -1, os.SEEK_SET)),
    "lseek ENXIO data": lambda r: opened(r + "/f", READ, lambda fd: os.lseek(fd, 100, os.SEEK_DATA)),
    "lseek ENXIO hole": lambda r: opened(r + "/f", READ, lambda fd: os.lseek(fd, 100, os.SEEK_HOLE)),
    "lseek ESPIPE": lambda r: opened(r + "/fifo", os.O_RDWR, lambda fd: os.lseek(fd, 0, os.SEEK_SET)),
    "ftruncate EINVAL negative": lambda r: os.truncate(r + "/f", -1),
    "ftruncate EINVAL read": lambda r: opened(r + "/f", READ, lambda fd: os.ftruncate(fd, 0)),
    "truncate EISDIR": lambda r: os.truncate(r + "/d", 0),
    "truncate ENOENT": lambda r: os.truncate(r + "/none", 0),
    "posix_fallocate EBADF": lambda r: opened(r + "/f", READ, lambda fd: os.posix_fallocate(fd, 0, 10)),
    "posix_fallocate EINVAL": lambda r: opened(r + "/f", WRITE, lambda fd: os.posix_fallocate(fd, -1, 10)),
    "mkdir EEXIST": lambda r: os.mkdir(r + "/d"),
    "mkdir EEXIST file": lambda r: os.mkdir(r + "/f"),
    "mkdir EEXIST link": lambda r: os.mkdir(r + "/dangling"),
    "mkdir ENOENT": lambda r: os.mkdir(r + "/none/x"),
    "mkdir ENOTDIR": lambda r: os.mkdir(r + "/f/x"),
    "mkdir ENAMETOOLONG": lambda r: os.mkdir(f"{r}/{LONG}"),
    "mkfifo EEXIST": lambda r: os.mkfifo(r + "/f"),
    "mknod ENOENT": lambda r: os.mknod(r + "/none/x"),
    "symlink EEXIST": lambda r: os.symlink("x", r + "/f"),
    "symlink ENOENT": lambda r: os.symlink("", r + "/new"),
    "symlink ENAMETOOLONG": lambda r: os.symlink("x" * PATH_MAX, r + "/new"),
    "symlink ENAMETOOLONG name": lambda r: os.symlink("x", f"{r}/{LONG}"),
    "link EEXIST": lambda r: os.link(r + "/f", r + "/g"),
    "link ENOENT": lambda r: os.link(r + "/none", r + "/new"),
    "link EPERM": lambda r: os.link(r + "/d", r + "/new"),
    "link ENOTDIR": lambda r: os.link(r + "/f", r + "/g/new"),
    "link EXDEV": lambda r: os.link(r + "/f", "/dev/shm/" + LONG[1:]),
    "link ENAMETOOLONG": lambda r: os.link(r + "/f", f"{r}/{LONG}"),
    "unlink ENOENT": lambda r: os.unlink(r + "/none"),
    "unlink EISDIR": lambda r: os.unlink(r + "/d"),
    "unlink ENOTDIR": lambda r: os.unlink(r + "/f/x"),
    "unlink ENAMETOOLONG": lambda r: os.unlink(f"{r}/{LONG}"),
    "rmdir ENOTEMPTY": lambda r: os.rmdir(r + "/full"),
    "rmdir ENOTDIR": lambda r: os.rmdir(r + "/f"),
    "rmdir ENOTDIR link": lambda r: os.rmdir(r + "/link"),
    "rmdir ENOENT": lambda r: os.rmdir(r + "/none"),
    "rmdir EINVAL": lambda r: os.rmdir(r + "/d/."),
    "rmdir ENOTEMPTY parent": lambda r: os.rmdir(r + "/d/.."),
    "rename ENOENT": lambda r: os.rename(r + "/none", r + "/new"),
    "rename EISDIR": lambda r: os.rename(r + "/f", r + "/d"),
    "rename ENOTDIR": lambda r: os.rename(r + "/d", r + "/f"),
    "rename ENOTEMPTY": lambda r: os.rename(r + "/d", r + "/full"),
    "rename EINVAL": lambda r: os.rename(r + "/d", r + "/d/inner/x"),
    "rename EBUSY dot": lambda r: os.rename(r + "/d/.", r + "/new"),
    "rename EXDEV": lambda r: os.rename(r + "/f", "/dev/shm/" + LONG[1:]),
    "rename ENAMETOOLONG": lambda r: os.rename(r + "/f", f"{r}/{LONG}"),
    "renameat2 EEXIST": lambda r: renameat2(r + "/f", r + "/g", NOREPLACE),
    "renameat2 ENOENT": lambda r: renameat2(r + "/f", r + "/none", EXCHANGE),
    "renameat2 EINVAL": lambda r: renameat2(r + "/f", r + "/g", NOREPLACE | EXCHANGE),
    "renameat2 EINVAL within": lambda r: renameat2(r + "/d", r + "/d/inner", EXCHANGE),
    "chmod ENOENT": lambda r: os.chmod(r + "/none", 0),
    "chmod ELOOP": lambda r: os.chmod(r + "/loop", 0),
    "fchmod EBADF": lambda r: opened(r + "/f", O_PATH, lambda fd: os.fchmod(fd, 0o644)),
    "chown ENOTDIR": lambda r: os.chown(r + "/f/x", -1, -1),
    "utime ENOENT": lambda r: os.utime(r + "/none"),
    "getxattr ENODATA": lambda r: os.getxattr(r + "/f", "user.none"),
    "getxattr ENOTSUP": lambda r: os.getxattr(r + "/f", "nothing.none"),
    "setxattr EEXIST": lambda r: [os.setxattr(r + "/g", "user.a", b"1", os.XATTR_CREATE) for _ in range(2)],
    "setxattr ENODATA": lambda r: os.setxattr(r + "/f", "user.b", b"1", os.XATTR_REPLACE),
    "setxattr ERANGE": lambda r: os.setxattr(r + "/f", "user." + LONG, b"1"),
    "setxattr E2BIG": lambda r: os.setxattr(r + "/f", "user.b", bytes(65537)),
    "setxattr EPERM link": lambda r: os.setxattr(r + "/link", "user.b", b"1", follow_symlinks=False),
    "removexattr ENODATA": lambda r: os.removexattr(r + "/f", "user.b"),
    "listdir ENOTDIR": lambda r: os.listdir(r + "/f"),
    "listdir ENOENT": lambda r: os.listdir(r + "/none"),
    "chdir ENOTDIR": lambda r: os.chdir(r + "/f"),
    "execve EACCES": lambda r: os.execv(r + "/f", ["f"]),
    "execve EACCES directory": lambda r: os.execv(r + "/d", ["d"]),
    "mkdir in a removed directory": lambda r: removed(r, lambda fd: os.mkdir("x", dir_fd=fd)),
    "open in a removed directory": lambda r: removed(r, lambda fd: os.open("x", NEW, dir_fd=fd)),
}
# As another user, where there is one.
OF_OTHERS = {
    "open EACCES": lambda r: os.open(r + "/private", READ),
    "open EACCES write": lambda r: os.open(r + "/f", WRITE),
    "open EACCES directory": lambda r: os.open(r + "/closed/f", READ),
    "open EACCES create": lambda r: os.open(r + "/new", NEW),
    "open EPERM noatime": lambda r: os.open(r + "/f", os.O_NOATIME),
    "mkdir EACCES": lambda r: os.mkdir(r + "/new"),
    "unlink EACCES": lambda r: os.unlink(r + "/f"),
    "unlink EPERM sticky": lambda r: os.unlink(r + "/sticky/f"),
    "rename EPERM sticky": lambda r: os.rename(r + "/sticky/f", r + "/sticky/x"),
    "rename EACCES": lambda r: os.rename(r + "/f", r + "/x"),
    "link refused": lambda r: os.link(r + "/f", r + "/x"),
    "rmdir EACCES": lambda r: os.rmdir(r + "/d/inner"),
    "chmod EPERM": lambda r: os.chmod(r + "/f", 0o777),
    "chown EPERM": lambda r: os.chown(r + "/f", OTHER, OTHER),
    "utime EPERM": lambda r: os.utime(r + "/f", (1, 1)),
    "utime EACCES": lambda r: os.utime(r + "/private"),
    "truncate EACCES": lambda r: os.truncate(r + "/f", 0),
    "setxattr EACCES": lambda r: os.setxattr(r + "/f", "user.x", b"1"),
    "stat EACCES": lambda r: os.stat(r + "/closed/f"),
    "listdir EACCES": lambda r: os.listdir(r + "/closed"),
    "chdir EACCES": lambda r: os.chdir(r + "/closed"),
}


def removed(root, work):
    os.mkdir(root + "/gone")
    fd = os.open(root + "/gone", READ)
    os.rmdir(root + "/gone")
    try:
        return work(fd)
    finally:
        os.close(fd)


def answers(calls, root):
    """The name of the error of each; a call that does not fail has none."""
    found = {}
    for name, call in calls.items():
        try:
            call(root)
            found[name] = "none"
        except OSError as failure:
            found[name] = errno.errorcode[failure.errno]
    return found


class Errnos(OverlayTest):
    def of_other(self, calls, root):
        """The same in a process of another user, which sends the names through a pipe."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setresgid(OTHER, OTHER, OTHER)
                os.setresuid(OTHER, OTHER, OTHER)
                os.write(writing, repr(answers(calls, root)).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading, "rb") as pipe:
            told = pipe.read().decode()
        os.waitpid(child, 0)
        return dict(eval(told))  # noqa: S307  our own child's

    def check(self, at):
        """On files made `at`, of which the mount shows those in the directory "files"."""
        plain = self.dir + "/plain/files"
        os.makedirs(plain)
        make(plain)
        for directory in (os.path.dirname(self.dir), self.dir, self.dir + "/plain"):
            os.chmod(directory, 0o755)
        if at == "lower":
            make_at = self.lower + "/files"
            os.mkdir(make_at)
            make(make_at)
        with self.mounted():
            mounted = self.path + "/files"
            if at == "upper":
                os.mkdir(mounted)
                make(mounted)
            if overlay_mount.has_ids():
                expected = self.of_other(OF_OTHERS, plain)
                self.assertEqual(self.of_other(OF_OTHERS, mounted), expected)
                self.assertNotIn("none", expected.values())
            expected = answers(CALLS, plain)
            self.assertEqual(answers(CALLS, mounted), expected)
            self.assertGreater(len({name for name in expected.values() if name != "none"}), 15)

    def test_of_lower_files(self):
        self.check("lower")

    def test_of_upper_files(self):
        self.check("upper")


if __name__ == "__main__":
    main()
