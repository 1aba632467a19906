# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""The probe finds inside exactly what the bundle promised: every fact of tests/support/probe holds."""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from facts import expectations, make_strict, plant_key  # noqa: E402
from harness import ContainerTest, id_ranges, main  # noqa: E402


class ProbeFacts(ContainerTest):
    def strict_bundle(self):
        bundle = self.bundle()
        make_strict(bundle.config)
        return bundle

    def facts(self, bundle, **changes):
        """Runs the probe in the bundle, started by somebody with a key that must stay outside."""
        container = self.new_id()
        wanted = expectations(bundle.config, keyring=container, **changes)
        bundle.config["process"]["args"] = ["/probe", "facts", *wanted]
        bundle.write()
        return self.oci("run", "--bundle", bundle.path, container, preexec_fn=plant_key)

    def assert_all_hold(self, done):
        self.assert_ran(done)
        self.assertGreaterEqual(sum(line.startswith("ok ") for line in done.out.splitlines()), 60)

    def test_every_fact_holds_with_one_id(self):
        self.assert_all_hold(self.facts(self.strict_bundle()))

    def test_every_fact_holds_with_ranges_of_ids(self):
        ranges = id_ranges()
        if not ranges:
            self.skipTest("this user has no subordinate ids")
        bundle = self.strict_bundle()
        bundle.config["linux"].update(ranges)
        bundle.config["process"]["user"].update({"uid": 5, "gid": 6, "additionalGids": [7, 8]})
        for path in (self.dir, bundle.path, bundle.rootfs):
            os.chmod(path, 0o755)
        self.assert_all_hold(self.facts(bundle, uid="5", gid="6", groups="7 8", setgroups="allow"))

    def test_an_executed_process_is_confined_like_the_first(self):
        bundle = self.strict_bundle()
        bundle.config["process"]["args"] = ["/bin/sleep", "1000"]
        container = self.start_bundle(bundle)
        wanted = expectations(bundle.config)
        done = self.oci("exec", container, "/probe", "security", *wanted, preexec_fn=plant_key)
        self.assert_ran(done)
        self.assertEqual(done.out, "safe\n")

    def test_the_probe_sees_what_is_missing(self):
        """What the probe is worth: a bundle that asks for none of it fails a good part of the facts."""
        bundle = self.strict_bundle()
        bundle.config["process"].update({"noNewPrivileges": False, "oomScoreAdj": 400,
                                         "capabilities": {"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"],
                                                          "effective": ["CAP_KILL"], "inheritable": ["CAP_KILL"],
                                                          "ambient": ["CAP_KILL"]}})
        bundle.config["hostname"] = "other"
        bundle.config["root"]["readonly"] = False
        del bundle.config["linux"]["seccomp"], bundle.config["linux"]["maskedPaths"]
        bundle.config["linux"]["readonlyPaths"] = []
        bundle.config["linux"]["namespaces"].remove({"type": "cgroup"})
        done = self.facts(bundle)
        self.assertEqual(done.status, 1, done)
        missed = [line for line in done.out.splitlines() if line.startswith("not ok")]
        for words in ("no_new_privs", "oom_score_adj", "inheritable", "ambient", "effective", "bounding", "hostname",
                      "root is read-only", "seccomp filters", "masked paths", "read-only paths", "no namespace",
                      "the mounts are"):
            self.assertTrue(any(words in line for line in missed), f"{words} was not noticed:\n{done}")


if __name__ == "__main__":
    main()
