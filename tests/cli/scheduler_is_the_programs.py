# SPDX-License-Identifier: Apache-2.0
"""process.scheduler is how the container's program begins, and what exec starts from a process file too; a policy that
the kernel keeps from ordinary users is refused by name."""
import json
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main  # noqa: E402


class Scheduler(ContainerTest):
    def bundle_with(self, scheduler, *args):
        bundle = self.bundle(*args)
        bundle.config["process"]["scheduler"] = scheduler
        return bundle

    def test_policy_and_flags_are_the_programs(self):
        container = self.start_bundle(self.bundle_with(
            {"policy": "SCHED_BATCH", "nice": 19, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}, "/bin/sleep", "1000"))
        pid = json.loads(self.oci("state", container).out)["pid"]
        self.assertEqual(os.sched_getscheduler(pid), os.SCHED_BATCH | os.SCHED_RESET_ON_FORK)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, pid), 19)

    def test_what_the_kernel_refuses_is_named(self):
        beyond = resource.getrlimit(resource.RLIMIT_RTPRIO)[0] + 1
        for policy, more in (("SCHED_FIFO", {"priority": beyond}),
                             ("SCHED_DEADLINE", {"runtime": 10**6, "deadline": 10**7, "period": 10**7})):
            with self.subTest(policy):
                done = self.run_bundle(self.bundle_with({"policy": policy, **more}, "/bin/true"))
                self.assert_refused(done)
                self.assertIn(f"process.scheduler: {policy} needs root", done.err)


if __name__ == "__main__":
    main()
