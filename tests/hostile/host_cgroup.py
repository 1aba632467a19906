# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""A read-only /sys is read-only all the way down: no cgroup of the host can be written, with or without a namespace.

runc CVE-2023-25809.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main, without_mount  # noqa: E402

BOUND_SYS = {"destination": "/sys", "type": "none", "source": "/sys",
             "options": ["rbind", "nosuid", "noexec", "nodev", "ro"]}
CGROUP = {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
          "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}


class HostCgroup(ContainerTest):
    def mounts_below_sys(self, bundle):
        """(mount point, options) of everything mounted at or below /sys."""
        done = self.run_bundle(bundle)
        self.assert_no_crash(done)
        if done.status != 0:
            self.assert_refused(done)
            return []
        lines = (line.split() for line in done.out.splitlines())
        return [(words[4], words[5].split(",")) for words in lines if words[4].startswith("/sys")]

    def sys_bundle(self, *mounts, namespaces=("cgroup", "network")):
        bundle = self.bundle("/bin/cat", "/proc/self/mountinfo")
        without_mount(bundle.config, "/sys")
        bundle.config["mounts"] += mounts
        for kind in {"cgroup", "network"} - set(namespaces):
            bundle.config["linux"]["namespaces"].remove({"type": kind})
        return bundle

    def assert_read_only(self, bundle):
        found = self.mounts_below_sys(bundle)
        for target, options in found:
            self.assertIn("ro", options, target)
        return [target for target, _ in found]

    def test_the_bound_sys_is_read_only_with_everything_below(self):
        for namespaces in (("cgroup", "network"), ("cgroup",), ("network",), ()):
            with self.subTest(namespaces=namespaces):
                targets = self.assert_read_only(self.sys_bundle(BOUND_SYS, namespaces=namespaces))
                self.assertIn("/sys", targets)

    def test_a_new_sys_with_cgroups_is_read_only(self):
        sysfs = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]}
        for namespaces in (("cgroup", "network"), ("network",)):
            with self.subTest(namespaces=namespaces):
                self.assert_read_only(self.sys_bundle(sysfs, CGROUP, namespaces=namespaces))

    def test_a_file_cannot_be_made_anywhere(self):
        bundle = self.sys_bundle(BOUND_SYS, namespaces=())
        script = ("while read -r _ _ _ _ target _; do case $target in /sys*) mkdir $target/wolffia-canary 2>/dev/null &&"
                  " echo $target;; esac; done </proc/self/mountinfo; exit 0")
        bundle.config["process"]["args"] = ["/bin/sh", "-c", script]
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertEqual(done.out, "", "a directory was made here")


if __name__ == "__main__":
    main()
