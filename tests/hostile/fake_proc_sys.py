# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""A root file system or a volume that offers its own /proc or /sys gets no write of ours and no way out.

CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-52881; youki CVE-2025-54867.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import Canary, ContainerTest, main, without_mount  # noqa: E402

# Ends well in any case: what it prints decides, not whether it could.
LOOK = "stat -f -c %T /proc || echo none; cat /proc/self/mountinfo; exit 0"
# What a runtime may want to write to; in a fake /proc these are ordinary files that remember it.
WRITTEN = ["self/attr/exec", "self/attr/current", "self/oom_score_adj", "self/uid_map", "self/gid_map",
           "self/setgroups", "self/timens_offsets", "sys/net/ipv4/ip_forward", "sys/kernel/domainname",
           "sys/kernel/hostname", "thread-self/attr/exec", "1/attr/exec", "sys/net/ipv4/ping_group_range"]


class FakeProcSys(ContainerTest):
    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))

    def shapes(self):
        """Everything that is not a directory, as (name, how to make it)."""
        target = os.path.join(self.canary.path, "directory")
        up = "../" * 20
        return [
            ("absolute link", lambda path: os.symlink(target, path)),
            ("relative link", lambda path: os.symlink(up + target[1:], path)),
            ("link inside", lambda path: os.symlink("tmp", path)),
            ("link to the root", lambda path: os.symlink("/", path)),
            ("dangling link", lambda path: os.symlink("/nowhere/at/all", path)),
            ("link to itself", lambda path: os.symlink(os.path.basename(path), path)),
            ("file", lambda path: open(path, "w", encoding="ascii").close()),
            ("fifo", os.mkfifo),
        ]

    def assert_real_or_refused(self, done):
        self.assert_no_crash(done)
        self.assertEqual(self.canary.changes(), [])
        if done.status == 0:
            self.assertEqual(done.out.splitlines()[0], "proc", done)
            self.assertIn(" /proc ", done.out, done)
        else:
            self.assert_refused(done)

    def test_a_root_with_another_shape_of_proc(self):
        for name, make in self.shapes():
            with self.subTest(shape=name):
                bundle = self.bundle("/bin/sh", "-c", LOOK)
                bundle.replace("proc", make)
                self.assert_real_or_refused(self.run_bundle(bundle))

    def test_a_root_with_another_shape_of_sys(self):
        for name, make in self.shapes():
            with self.subTest(shape=name):
                bundle = self.bundle("/bin/sh", "-c", LOOK)
                bundle.replace("sys", make)
                self.assert_real_or_refused(self.run_bundle(bundle))

    def fake_proc(self):
        """A directory that looks like /proc to whoever does not look twice."""
        path = os.path.join(self.dir, "fake")
        for name in WRITTEN:
            os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
            with open(os.path.join(path, name), "w", encoding="ascii") as file:
                file.write("untouched\n")
        return path

    def assert_untouched(self, path, done):
        for name in WRITTEN:
            with open(os.path.join(path, name), encoding="ascii") as file:
                self.assertEqual(file.read(), "untouched\n", f"{name}: {done}")

    def demanding_bundle(self, fake, destination):
        """A bundle whose settings end in /proc, which is covered by `fake` before they are applied."""
        bundle = self.bundle("/bin/sh", "-c", "cat /proc/self/oom_score_adj")
        bundle.config["process"]["oomScoreAdj"] = 500
        bundle.config["linux"]["sysctl"] = {"net.ipv4.ping_group_range": "0 0", "kernel.domainname": "probed"}
        bundle.config["mounts"].append({"destination": destination, "type": "bind", "source": fake,
                                        "options": ["rbind", "rw"]})
        return bundle

    def test_a_volume_over_proc_gets_no_write_of_ours(self):
        fake = self.fake_proc()
        for destination, source in (("/proc", fake), ("/proc/sys", fake + "/sys"), ("/proc/self", fake + "/self"),
                                    ("/proc/1", fake + "/1"), ("/proc/self/attr", fake + "/self/attr")):
            with self.subTest(destination=destination):
                done = self.run_bundle(self.demanding_bundle(source, destination))
                self.assert_no_crash(done)
                self.assert_untouched(fake, done)

    def test_a_volume_instead_of_proc_gets_no_write_of_ours(self):
        fake = self.fake_proc()
        bundle = self.demanding_bundle(fake, "/proc")
        without_mount(bundle.config, "/proc")
        bundle.config["mounts"].insert(0, {"destination": "/proc", "type": "bind", "source": fake,
                                           "options": ["rbind", "rw"]})
        done = self.run_bundle(bundle)
        self.assert_no_crash(done)
        self.assert_untouched(fake, done)

    def test_a_tmpfs_instead_of_proc_is_no_proc(self):
        for destination in ("/proc", "/sys"):
            with self.subTest(destination=destination):
                bundle = self.bundle("/bin/true")
                without_mount(bundle.config, destination)
                bundle.config["mounts"].insert(0, {"destination": destination, "type": "tmpfs", "source": "tmpfs"})
                bundle.config["linux"]["sysctl"] = {"net.ipv4.ping_group_range": "0 0"}
                self.assert_no_crash(self.run_bundle(bundle))
                self.assertEqual(self.canary.changes(), [])

    def test_settings_arrive_although_proc_is_covered(self):
        """A refused start is safe; a start that claims success must have applied what was asked."""
        fake = self.fake_proc()
        bundle = self.demanding_bundle(fake + "/sys", "/proc/sys")
        done = self.run_bundle(bundle)
        if done.status == 0:
            self.assertEqual(done.out, "500\n", done)


if __name__ == "__main__":
    main()
