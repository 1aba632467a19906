# SPDX-License-Identifier: Apache-2.0
"""What crun's suite uses of the binding to libmount, which Debian has no package of: the options of a mount in a file
of /proc/PID/mountinfo's form. Without a module of this name the suite runs none of its tests of mounts."""


class Mount:
    def __init__(self, line):
        before, after = line.split(" - ", 1)
        self.target, self.vfs_options = before.split(" ")[4:6]
        self.fs_options = after.split(" ")[2].rstrip("\n")


class Table:
    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            self.mounts = [Mount(line) for line in lines if " - " in line]

    def find_target(self, target):
        return next(mount for mount in reversed(self.mounts) if mount.target == target)
