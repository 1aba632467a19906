# SPDX-License-Identifier: Apache-2.0
"""Starts of a bundle whose mount targets somebody exchanges for symbolic links all the while."""
import concurrent.futures
import os

from harness import FULL, Canary, ContainerTest, helper

WORKERS = 2


class RaceTest(ContainerTest):
    def racing_bundle(self, relative=False):
        """/volume/real is a directory, /volume/link leads to the host's canary; both names are exchanged for ever."""
        self.canary = Canary(os.path.join(self.dir, "canary"))
        bundle = self.bundle("/bin/cat", "/proc/self/mountinfo")
        self.volume = bundle.inside("volume")
        os.makedirs(os.path.join(self.volume, "real"))
        target = os.path.join(self.canary.path, "directory")
        os.symlink("../" * 30 + target[1:] if relative else target, os.path.join(self.volume, "link"))
        return bundle

    def payload(self):
        path = os.path.join(self.dir, "payload")
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, "inner"), "w", encoding="ascii") as file:
            file.write("payload\n")
        return path

    def canary_is_taken(self):
        """What the test itself had to put beside the canary is part of it."""
        self.canary.before = self.canary.picture()

    def race(self, bundle, starts, marks, before_each=None):
        """Every start fails, or every mount named in `marks` is found inside the root; outside nothing changes.

        A normal run makes a quarter of `starts`: enough to see that a defence is gone, which fails within some dozens.
        With `before_each` one start follows the other: removing a mount point takes the mounts of others along.
        """
        starts = starts * 5 if FULL else starts // 4
        workers = 1 if before_each else WORKERS
        bundle.write()
        ran = 0
        with helper("swap", self.volume, "real", "link") as swap, \
                concurrent.futures.ThreadPoolExecutor(workers) as pool:
            def start(number):
                if before_each:
                    before_each()
                return self.oci("run", "--bundle", bundle.path, f"race{os.getpid()}-{number}")
            for done in pool.map(start, range(starts)):
                self.assert_no_crash(done)
                if done.status != 0:
                    continue
                ran += 1
                for mark in marks:
                    self.assertEqual(sum(mark in line for line in done.out.splitlines()), 1, f"{mark}: {done}")
            self.assertIsNone(swap.poll(), "the race ended too early")
        self.assertEqual(self.canary.changes(), [])
        print(f"{starts} starts, {ran} of them ran")
        self.assertGreater(ran, 0, "no start succeeded: the race proves nothing")
