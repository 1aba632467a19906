# SPDX-License-Identifier: Apache-2.0
"""Containers with a cgroup below the one that run-shell-test's user was given."""
import json
import os
import unittest

from harness import ContainerTest

OWN = os.environ.get("WOLFFIA_CGROUP", "")
MOUNT = next((place for place in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
              if os.path.exists(place + "/cgroup.procs")), "")
FOREVER = ("sleep", "1000")


@unittest.skipUnless(OWN and MOUNT, "no cgroup of the second version is delegated to this user")
class CgroupTest(ContainerTest):
    """A test with the path of a cgroup, of which nothing is left afterwards."""

    def setUp(self):
        super().setUp()
        self.path = f"{OWN}/{os.path.basename(self.dir)}"
        self.addCleanup(self.check_none_left)

    def check_none_left(self):
        self.assertFalse(os.path.exists(MOUNT + self.path), "a cgroup is left behind")

    def limited(self, *args, resources=None, path=None):
        bundle = self.bundle(*(args or FOREVER))
        bundle.config["linux"]["cgroupsPath"] = path or self.path
        if resources is not None:
            bundle.config["linux"]["resources"] = resources
        return bundle

    def file(self, name, path=None):
        with open(f"{MOUNT}{path or self.path}/{name}", encoding="ascii") as file:
            return file.read().strip()

    def write(self, name, text):
        with open(f"{MOUNT}{self.path}/{name}", "w", encoding="ascii") as file:
            file.write(text)

    def status(self, container):
        return json.loads(self.oci("state", container).out)["status"]

    def delete(self, container):
        self.assert_ran(self.oci("delete", "--force", container))
        self.check_none_left()
