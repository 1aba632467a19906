# SPDX-License-Identifier: Apache-2.0
"""A cgroup that is handed to the program: who owns it, and where in it the program starts."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from cgroup_test import FOREVER, MOUNT, CgroupTest  # noqa: E402
from harness import id_ranges, main, run  # noqa: E402


class DelegatedCgroups(CgroupTest):
    def test_the_program_can_be_put_below_the_root_that_it_sees(self):
        bundle = self.limited("cat", "/proc/self/cgroup")
        bundle.config["annotations"] = {"run.oci.delegate-cgroup": "inner"}
        self.assertIn("0::/inner\n", self.run_bundle(bundle).out)
        bundle.config["process"]["args"] = list(FOREVER)
        container = self.start_bundle(bundle)
        self.assertEqual(self.file("inner/cgroup.procs"), str(self.pid_of(container)))
        self.assertEqual(self.file("cgroup.procs"), "", "nobody keeps it from handing controllers on")
        self.assert_ran(self.oci("exec", container, "true"))
        self.delete(container)
        for name in ("", "..", "a/b"):
            bundle.config["annotations"] = {"run.oci.delegate-cgroup": name}
            refused = self.run_bundle(bundle)
            self.assert_refused(refused)
            self.assertIn("run.oci.delegate-cgroup", refused.err)

    def with_another_user(self):
        """One whose program is not who makes the cgroup, and can write to it."""
        bundle = self.limited()
        bundle.config["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                                        "options": ["rw"]})
        bundle.config["process"]["user"] = {"uid": 1000, "gid": 0}
        return bundle

    @unittest.skipUnless(id_ranges(), "no subordinate ids")
    def test_who_the_program_is_owns_what_is_delegated(self):
        bundle = self.with_another_user()
        # As seen by root of a user namespace, which is this user: the second is the first subordinate one.
        ids = [{"containerID": 0, "hostID": 0, "size": 1}, {"containerID": 1000, "hostID": 1, "size": 1}]
        bundle.config["linux"].update(uidMappings=ids, gidMappings=ids)
        bundle.write()
        oci = " ".join(self.oci_words())
        steps = [f"trap '{oci} delete --force given' EXIT", f"{oci} run --detach --bundle {bundle.path} given",
                 f"cd {MOUNT}{self.path}", "stat -c '%n %u' . *"]
        if MOUNT == "/sys/fs/cgroup":  # beside the first version there is no mount to write to
            steps.append(f"{oci} exec given mkdir /sys/fs/cgroup/made")
        done = run(["unshare", "--user", "--map-root-user", "--map-auto", "sh", "-ec", "\n".join(steps)])
        self.assert_ran(done)
        with open("/sys/kernel/cgroup/delegate", encoding="ascii") as file:
            delegated = {".", *file.read().split()}
        owners = dict(line.split() for line in done.out.splitlines())
        self.assertEqual({name for name, uid in owners.items() if uid == "1"}, delegated & set(owners))
        self.assertLess({"cgroup.procs", "cgroup.subtree_control"}, delegated & set(owners))

    @unittest.skipUnless(id_ranges(), "no subordinate ids")
    def test_one_that_cannot_be_given_away_is_told(self):
        bundle = self.with_another_user()
        bundle.config["linux"].update(id_ranges())
        bundle.config["process"]["args"] = ["true"]
        done = self.run_bundle(bundle)
        self.assert_ran(done)
        self.assertIn("stays ours", done.err)


if __name__ == "__main__":
    main()
