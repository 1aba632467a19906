# SPDX-License-Identifier: Apache-2.0
# timeout: 120
"""What `runc spec --rootless` and `crun spec` write is run as it is: not one byte of config.json is changed."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import OCI, ContainerTest, main  # noqa: E402
from terminal import Terminal  # noqa: E402

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class SpecBundles(ContainerTest):
    def bundle_of(self, program, *args):
        path = os.path.join(self.dir, "bundle")
        shutil.copytree(os.path.join(os.environ["BUNDLE"], "rootfs"), os.path.join(path, "rootfs"), symlinks=True)
        subprocess.run([shutil.which(program, path=PATH), *args], cwd=path, check=True)
        return path

    def talk(self, path):
        """All of them write "sh" on a terminal as the program, and a read-only root."""
        with Terminal([*self.oci_words(), "run", "--bundle", path, self.new_id()]) as terminal:
            terminal.expect("# ")
            terminal.write("echo uid $(id -u) pid $$ of $(hostname)\n")
            terminal.expect(r"uid 0 pid 1 of \w+\r\n")
            terminal.write("touch /made; exit 6\n")
            terminal.expect("Read-only file system")
            terminal.read_to_end()
            self.assertEqual(terminal.wait(), 6)

    def test_runc_spec_rootless(self):
        self.talk(self.bundle_of("runc", "spec", "--rootless"))

    def test_crun_spec(self):
        """Written for root, it runs for anybody: the user namespace is added."""
        self.talk(self.bundle_of("crun", "spec"))

    def test_runc_spec(self):
        self.talk(self.bundle_of("runc", "spec"))

    def test_our_own_spec(self):
        self.talk(self.bundle_of(OCI, "spec"))


if __name__ == "__main__":
    main()
