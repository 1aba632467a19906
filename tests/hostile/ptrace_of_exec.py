# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""A process that `exec` brings into a container cannot be traced or looked into before it has become the program.

runc CVE-2016-9962.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ALL_CAPABILITIES, FULL, OCI, ContainerTest, main  # noqa: E402

EXECS = 1000 if FULL else 300


class PtraceOfExec(ContainerTest):
    def test_the_runtime_is_never_exposed(self):
        bundle = self.bundle()
        bundle.config["process"]["args"] = [bundle.helper("hunter"), "/bin/busybox"]
        bundle.config["process"]["capabilities"] = ALL_CAPABILITIES
        report = os.path.join(self.dir, "report")
        bundle.write()
        container = self.new_id()
        with open(report, "wb") as out:
            args = [OCI, "--root", self.root, "run", "--detach", "--bundle", bundle.path, container]
            self.assertEqual(subprocess.run(args, stdin=subprocess.DEVNULL, stdout=out, check=False).returncode, 0)
        canary = {**os.environ, "WOLFFIA_CANARY": "1"}
        for _ in range(EXECS):
            done = self.oci("exec", container, "/bin/true", env=canary)
            self.assert_no_crash(done)
        self.stop(container, bundle)
        with open(report, encoding="ascii") as lines:
            found = lines.read()
        self.assertIn("ready\n", found)
        self.assertNotIn("EXPOSED", found)
        seen = int(found.rsplit("seen ", 1)[1])
        print(f"the hunter saw {seen} of {EXECS} processes")
        self.assertGreater(seen, EXECS // 10, "the hunter came too late for nearly all of them")

    def stop(self, container, bundle):
        """The hunter reports when it finds /stop; the container is gone when its process is."""
        pidfd = os.pidfd_open(self.pid_of(container))
        bundle.file("stop", "")
        self.wait_for_end(pidfd)


if __name__ == "__main__":
    main()
