# SPDX-License-Identifier: Apache-2.0
"""Further kinds of operation (overlay_operations.py): on what is known about a file besides its contents."""
import fcntl
import os
import struct

from overlay_layers import ACL, DEFAULT_ACL, GROUP, USER, acl, content
from overlay_operations import kind, opened

FS_IOC_GETFLAGS, FS_NODUMP_FL = 0x80086601, 0x40  # linux/fs.h


@kind("path", "mode", weight=4)
def chmod(side, path, mode):
    os.chmod(side.at(path), mode)


@kind("path", "owner", weight=3)
def chown(side, path, owner):
    os.chown(side.at(path), *owner)


@kind("path", "owner")
def lchown(side, path, owner):
    os.lchown(side.at(path), *owner)


@kind("path", "time", weight=3)
def set_times(side, path, time):
    os.utime(side.at(path), ns=(time, time), follow_symlinks=False)


@kind("path", weight=1)
def set_times_to_now(side, path):
    os.utime(side.at(path))


@kind("path", "attribute", "data", weight=3)
def setxattr(side, path, name, data):
    os.setxattr(side.at(path), name, content(*data)[:300], follow_symlinks=False)


@kind("path", "attribute", "data")
def setxattr_create(side, path, name, data):
    os.setxattr(side.at(path), name, content(*data)[:300], os.XATTR_CREATE)


@kind("path", "attribute", "data")
def setxattr_replace(side, path, name, data):
    os.setxattr(side.at(path), name, content(*data)[:300], os.XATTR_REPLACE)


@kind("path", "attribute", weight=3)
def removexattr(side, path, name):
    os.removexattr(side.at(path), name, follow_symlinks=False)


@kind("path", "attribute")
def getxattr(side, path, name):
    return os.getxattr(side.at(path), name, follow_symlinks=False)


@kind("path")
def listxattr(side, path):
    return sorted(os.listxattr(side.at(path), follow_symlinks=False))


@kind("path", "mode", "id")
def set_acl(side, path, mode, who):
    os.setxattr(side.at(path), ACL, acl(mode, (USER, who, 6), (GROUP, who, 4)))
    return os.stat(side.at(path)).st_mode


@kind("directory", "mode", "id")
def set_default_acl(side, path, mode, who):
    """What is made there from now on inherits it."""
    os.setxattr(side.at(path), DEFAULT_ACL, acl(mode, (USER, who, 7)))
    return sorted(os.listxattr(side.at(path)))


@kind("path")
def remove_acl(side, path):
    os.removexattr(side.at(path), ACL)


@kind("file", "data")
def write_to_a_file_with_capabilities(side, path, data):
    os.setxattr(side.at(path), "security.capability", struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))
    had = "security.capability" in os.listxattr(side.at(path))
    opened(side, path, os.O_WRONLY, lambda fd: os.write(fd, b"changed" + content(*data)))
    return had, sorted(os.listxattr(side.at(path)))


@kind("path")
def get_flags(side, path):
    def flags(fd):
        return struct.unpack("<Q", fcntl.ioctl(fd, FS_IOC_GETFLAGS, bytes(8)))[0] & FS_NODUMP_FL
    return opened(side, path, os.O_RDONLY, flags)


@kind("path")
def access(side, path):
    return [os.access(side.at(path), mode) for mode in (os.F_OK, os.R_OK, os.W_OK, os.X_OK)]


@kind("path", weight=1)
def statvfs(side, path):
    found = os.statvfs(side.at(path))
    return found.f_namemax, found.f_bsize, found.f_blocks, found.f_files


@kind("path", weight=1)
def readlink(side, path):
    return os.readlink(side.at(path))


@kind("path", weight=1)
def look_below_it(side, path):
    return os.lstat(side.at(path + "/nothing"))


@kind("path")
def inode_stays(side, path):
    """Through whatever a copy to the upper layer does."""
    before = os.lstat(side.at(path)).st_ino
    os.utime(side.at(path), ns=(1, 10**18), follow_symlinks=False)
    return os.lstat(side.at(path)).st_ino == before
