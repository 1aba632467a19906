# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""/dev/console, /dev/null and the other nodes of an image are replaced, never followed.

runc CVE-2025-52565, crun CVE-2026-88264, CVE-2026-88265.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import Canary, ContainerTest, main, without_mount  # noqa: E402
from terminal import Terminal  # noqa: E402

NODES = ["console", "null", "zero", "tty", "ptmx", "fd", "stdin", "pts", "shm"]
# What must never become a mount point: the link's targets, inside and in /proc.
LOOK = "cat /proc/self/mountinfo; stat -c '%F %t:%T' /etc/target"
GUARDED = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/etc/target", "/etc"]


class DevFollowed(ContainerTest):
    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))
        outside = os.path.join(self.canary.path, "file")
        self.links = ["/etc/target", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", outside,
                      "../" * 20 + outside[1:], "/proc/1/root" + outside, os.path.join(self.canary.path, "directory"),
                      os.path.join(self.canary.path, "new")]

    def linked_bundle(self, node, link, with_dev):
        bundle = self.bundle("/bin/sh", "-c", LOOK)
        bundle.file("etc/target", "target\n")
        bundle.replace("dev/" + node, lambda path: os.symlink(link, path))
        # Without them a mount on one of these would be the bundle's own wish.
        bundle.config["linux"].update({"maskedPaths": [], "readonlyPaths": []})
        if not with_dev:
            without_mount(bundle.config, "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue")
        return bundle

    def assert_not_followed(self, bundle, status, out):
        self.assertEqual(self.canary.changes(), [])
        with open(bundle.inside("etc/target"), encoding="ascii") as file:
            self.assertEqual(file.read(), "target\n")
        if status != 0:
            return
        targets = [line.split()[4] for line in out.splitlines() if " - " in line]
        self.assertEqual(set(targets) & set(GUARDED), set(), out)
        self.assertIn("regular file", out)

    def test_without_a_terminal(self):
        for node in NODES:
            for link in self.links:
                for with_dev in (True, False):
                    with self.subTest(node=node, link=link, with_dev=with_dev):
                        bundle = self.linked_bundle(node, link, with_dev)
                        done = self.run_bundle(bundle)
                        self.assert_no_crash(done)
                        self.assert_not_followed(bundle, done.status, done.out)

    def test_with_a_terminal(self):
        for node in ("console", "null", "ptmx", "pts"):
            for link in self.links:
                for with_dev in (True, False):
                    with self.subTest(node=node, link=link, with_dev=with_dev):
                        bundle = self.linked_bundle(node, link, with_dev)
                        bundle.config["process"]["terminal"] = True
                        bundle.write()
                        with Terminal([*self.oci_words(), "run", "--bundle", bundle.path, self.new_id()]) as terminal:
                            out = terminal.read_to_end()
                            self.assert_not_followed(bundle, terminal.wait(), out)


if __name__ == "__main__":
    main()
