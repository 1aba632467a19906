# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 120
"""Whoever waits for a container for days has at most 2 MiB of its own: the supervisor, with a terminal too and with
those who were attached gone, and `wolffia run` in the foreground. The init of --init has 32 KiB."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "support"))
from harness import ContainerTest, main, run, wait_for  # noqa: E402
from terminal import Terminal  # noqa: E402

RUN, IMAGE, TOP = os.environ["WOLFFIA"], os.environ["WOLFFIA_IMAGE"], os.environ["TOP"]
MOST = 2048  # KiB


def private(pid):
    """What only this process has in memory, in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB$", file.read(), re.M))


def has_settled(pid):
    """It has given back what starting took: there is less than there was at most."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        sizes = dict(re.findall(r"^(VmHWM|VmRSS):\s+(\d+) kB$", file.read(), re.M))
    return int(sizes["VmRSS"]) * 4 < int(sizes["VmHWM"]) * 3


class Waiting(ContainerTest):
    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        subprocess.run([TOP + "/tests/support/make-image", self.dir + "/layout", os.environ["BUNDLE"] + "/rootfs"],
                       check=True)
        self.assert_ran(run([IMAGE, "pull", "-q", "--name", "localhost/test:latest", f"oci:{self.dir}/layout"]))
        self.addCleanup(run, [RUN, "rm", "-f", "box"])

    def start(self, *words):
        self.assert_ran(run([RUN, "run", "-d", "--name", "box", *words]))

    def runner(self):
        with open(f"{self.store}/containers/{os.readlink(self.store + '/containers/@box')}/container.json",
                  encoding="utf-8") as file:
            return json.load(file)["runner"]["pid"]

    def assert_small(self, pid, most=MOST):
        self.assertTrue(wait_for(lambda: has_settled(pid)), f"{private(pid)} KiB, not given back")
        self.assertLessEqual(private(pid), most)
        print(f"{private(pid)} KiB", end=" ", flush=True)

    def inspected(self, member):
        done = run([RUN, "inspect", "box"])
        return json.loads(done.out)[member] if done.status == 0 else None

    def test_a_supervisor(self):
        self.start("test", "sleep", "1000")
        self.assert_small(self.runner())

    def test_a_supervisor_after_much_output(self):
        self.start("--log-opt", "max-size=100k", "test", "sh", "-c", "busybox seq 1 100000; exec sleep 1000")
        self.assertTrue(wait_for(lambda: "100000" in run([RUN, "logs", "--tail", "1", "box"]).out))
        self.assert_small(self.runner())

    def test_a_supervisor_with_a_terminal_when_those_attached_are_gone(self):
        self.start("-i", "-t", "--restart", "always", "test", "sh", "-c", "while read word; do busybox seq 1 10000; done")
        for _ in range(3):
            with Terminal([RUN, "attach", "box"]) as terminal:
                terminal.write("x\r")
                terminal.expect("10000\r\n")
                terminal.write("\x10\x11")
                self.assertEqual(terminal.wait(), 0)
        self.assert_small(self.runner())

    def test_run_in_the_foreground(self):
        with subprocess.Popen([RUN, "run", "--name", "box", "test", "sleep", "1000"], stdin=subprocess.DEVNULL) as runner:
            self.assertTrue(wait_for(lambda: self.inspected("status") == "running"))
            self.assert_small(runner.pid)
            runner.kill()

    def test_the_init_inside(self):
        self.start("--init", "test", "sleep", "1000")
        self.assertLessEqual(private(self.inspected("pid")), 32)


if __name__ == "__main__":
    main()
