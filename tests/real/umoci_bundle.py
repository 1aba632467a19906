# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""An image unpacked by `umoci unpack --rootless` is run as it is."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main  # noqa: E402
from terminal import Terminal  # noqa: E402

ROOTFS = os.path.join(os.environ["BUNDLE"], "rootfs")


class UmociBundle(ContainerTest):
    def umoci(self, *args):
        subprocess.run(["umoci", *args], cwd=self.dir, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def unpacked(self, *settings):
        """An image made from nothing, with one layer; the bundle it unpacks to."""
        self.umoci("init", "--layout", "image")
        self.umoci("new", "--image", "image:one")
        self.umoci("insert", "--rootless", "--image", "image:one", ROOTFS, "/")
        self.umoci("config", "--image", "image:one", *settings)
        self.umoci("unpack", "--rootless", "--image", "image:one", "bundle")
        return os.path.join(self.dir, "bundle")

    def listing(self, path):
        """The tree, without the times of directories that get mount points."""
        found = subprocess.run(["find", "rootfs", "-type", "d", "-printf", "%p %y %m\n", "-o", "-printf",
                                "%p %y %m %s %T@ %l\n"], cwd=path, check=True, stdout=subprocess.PIPE, text=True)
        return sorted(found.stdout.splitlines())

    def test_it_runs_unchanged(self):
        path = self.unpacked("--config.cmd", "/bin/sh", "--config.env", "FROM_IMAGE=yes", "--config.workingdir", "/tmp")
        before = self.listing(path)
        with Terminal([*self.oci_words(), "run", "--bundle", path, self.new_id()]) as terminal:
            terminal.expect("# ")
            terminal.write("echo $FROM_IMAGE in $PWD as $(id -u)\n")
            terminal.expect("yes in /tmp as 0\r\n")
            terminal.write("exit 9\n")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 9)
        gone = set(before) - set(self.listing(path))
        self.assertEqual(gone, set(), "the runtime changed files of the image")


if __name__ == "__main__":
    main()
