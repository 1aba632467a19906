# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""What the runtime writes to /proc (attributes, limits, sysctl) reaches procfs, while mounts and names move around it.

runc CVE-2025-52881.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, ContainerTest, helper, main  # noqa: E402

STARTS = 1000 if FULL else 200
FAKES = ["self/attr/exec", "self/oom_score_adj", "thread-self/attr/exec", "sys/net/ipv4/ping_group_range",
         "sys/kernel/domainname", "sysrq-trigger", "sys/kernel/core_pattern"]
SHOW = "cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ping_group_range; stat -f -c %T /proc /proc/sys"


class RedirectedProcWrites(ContainerTest):
    def fake(self, path):
        for name in FAKES:
            os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
            with open(os.path.join(path, name), "w", encoding="ascii") as file:
                file.write("untouched\n")

    def writing_bundle(self):
        bundle = self.bundle("/bin/sh", "-c", SHOW)
        bundle.config["process"]["oomScoreAdj"] = 123
        bundle.config["linux"]["sysctl"] = {"net.ipv4.ping_group_range": "0 0"}
        return bundle

    def assert_untouched(self, path, done):
        for name in FAKES:
            with open(os.path.join(path, name), encoding="ascii") as file:
                self.assertEqual(file.read(), "untouched\n", f"{name}: {done}")

    def assert_written(self, done):
        """Whoever starts has all of it in the true /proc."""
        self.assert_no_crash(done)
        if done.status == 0:
            self.assertEqual(done.out.split(), ["123", "0", "0", "proc", "proc"], done)
        return done.status == 0

    def test_the_ordinary_case_is_written(self):
        self.assertTrue(self.assert_written(self.run_bundle(self.writing_bundle())))

    def test_proc_is_exchanged_for_a_fake(self):
        """/proc of the root is exchanged for a link to a directory of fakes during the start."""
        bundle = self.writing_bundle()
        self.fake(bundle.inside("fake"))
        os.symlink("fake", bundle.inside("link"))
        bundle.write()
        with helper("swap", bundle.rootfs, "proc", "link") as swap:
            ran = 0
            for number in range(STARTS):
                done = self.oci("run", "--bundle", bundle.path, f"race{os.getpid()}-{number}")
                self.assert_no_crash(done)
                ran += done.status == 0
            self.assertIsNone(swap.poll(), "the race ended too early")
        self.assert_untouched(bundle.inside("fake"), done)
        self.assertGreater(ran, 0, "no start succeeded: the race proves nothing")

    def test_a_shared_volume_below_proc_is_exchanged(self):
        """A volume mounted over parts of /proc, whose own content is exchanged meanwhile."""
        volume = os.path.join(self.dir, "volume")
        self.fake(os.path.join(volume, "real"))
        os.symlink("/proc/self/attr", os.path.join(volume, "link"))
        bundle = self.writing_bundle()
        bundle.config["mounts"].append({"destination": "/proc/self/attr", "type": "bind",
                                        "source": os.path.join(volume, "real/self/attr"), "options": ["rbind"]})
        bundle.write()
        with helper("swap", volume, "real", "link"):
            for number in range(STARTS // 4):
                done = self.oci("run", "--bundle", bundle.path, f"race{os.getpid()}-{number}")
                self.assert_no_crash(done)
        real = os.path.join(volume, "link" if os.path.islink(os.path.join(volume, "real")) else "real")
        self.assert_untouched(real, done)

    def test_masks_do_not_land_on_sysrq(self):
        """A masked path that is a link into /proc must not move what is written or mounted there."""
        bundle = self.bundle("/bin/cat", "/proc/self/mountinfo")
        for name, target in (("masked", "/proc/sysrq-trigger"), ("deep", "/proc/sys/kernel/core_pattern")):
            os.symlink(target, bundle.inside(name))
        bundle.config["linux"]["readonlyPaths"] = ["/masked", "/deep"]
        done = self.run_bundle(bundle)
        self.assert_no_crash(done)
        if done.status == 0:
            for line in done.out.splitlines():
                words = line.split()
                if words[4] in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern"):
                    self.assertIn("ro", words[5].split(","), line)


if __name__ == "__main__":
    main()
