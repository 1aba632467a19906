# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""No capability is inheritable or ambient unless the bundle says so, whatever the caller had.

runc CVE-2022-29162, CVE-2022-27649 to 27651.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ALL_CAPABILITIES, ContainerTest, main, run, OCI  # noqa: E402

NONE = "0000000000000000"
SHOW = ["/bin/cat", "/proc/self/status"]
# A caller that has everything in every set, as podman's own user namespace may leave it.
GENEROUS = ["unshare", "--map-root-user", "setpriv", "--inh-caps=+all", "--ambient-caps=+all"]


def capability_sets(text):
    return {line.split(":")[0]: line.split()[1] for line in text.splitlines() if line.startswith("Cap")}


class InheritableCapabilities(ContainerTest):
    def assert_nothing_passed_on(self, done):
        self.assert_ran(done)
        sets = capability_sets(done.out)
        self.assertEqual((sets["CapInh"], sets["CapAmb"]), (NONE, NONE), done)
        return sets

    def test_run_passes_nothing_on(self):
        for capabilities in ({}, {"bounding": ["CAP_KILL"]}, ALL_CAPABILITIES):
            with self.subTest(capabilities=sorted(capabilities)):
                bundle = self.bundle(*SHOW)
                bundle.config["process"]["capabilities"] = capabilities
                self.assert_nothing_passed_on(self.run_bundle(bundle))

    def test_exec_passes_nothing_on(self):
        bundle = self.bundle("/bin/sleep", "1000")
        bundle.config["process"]["capabilities"] = ALL_CAPABILITIES
        container = self.start_bundle(bundle)
        self.assert_nothing_passed_on(self.oci("exec", container, *SHOW))
        self.assert_nothing_passed_on(self.oci("exec", "--cap", "CAP_KILL", container, *SHOW))

    def test_exec_adds_to_the_other_sets_only(self):
        container = self.start_bundle(self.bundle("/bin/sleep", "1000"))
        sets = self.assert_nothing_passed_on(self.oci("exec", "--cap", "CAP_KILL", container, *SHOW))
        for name in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(sets[name], 16), 1 << 5, name)

    def test_a_generous_caller_changes_nothing(self):
        bundle = self.bundle(*SHOW)
        bundle.config["linux"]["uidMappings"][0]["hostID"] = 0
        bundle.config["linux"]["gidMappings"][0]["hostID"] = 0
        bundle.write()
        done = run([*GENEROUS, OCI, "--root", self.root, "run", "--bundle", bundle.path, self.new_id()])
        sets = self.assert_nothing_passed_on(done)
        self.assertEqual(set(sets.values()), {NONE}, done)

    def test_what_is_asked_for_is_given(self):
        bundle = self.bundle(*SHOW)
        kinds = ("bounding", "permitted", "effective", "inheritable", "ambient")
        bundle.config["process"]["capabilities"] = {kind: ["CAP_KILL"] for kind in kinds}
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertEqual({int(value, 16) for value in capability_sets(done.out).values()}, {1 << 5}, done)


if __name__ == "__main__":
    main()
