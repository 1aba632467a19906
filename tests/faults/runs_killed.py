# SPDX-License-Identifier: Apache-2.0
# run: plain
# run: once
# timeout: 7200
"""kill -9 of anything leaves only what `wolffia rm -f` and `wolffia gc` clean.

Each command is killed at its system calls, in whichever of its processes: wolffia itself, its child in the outer
namespace, the supervisor, wolffia-oci, the container's first process before it executes its program. A few calls of each
command are tried, which ones depends on the commit; WOLFFIA_FULL=1 tries all.
"""
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import (FULL, OCI, PATIENCE, SUPPORT, TMP, ContainerTest, entries, main, processes_naming, run,  # noqa: E402
                     wait_for)
from injection import turn  # noqa: E402

RUN, INJECT = os.environ["WOLFFIA"], os.path.join(SUPPORT, "inject")
SITES = 2  # of each command, in a normal run
HANG = PATIENCE / 3
SLEEP = "trap 'exit 0' TERM; sleep 1000 & wait"


class RunsKilled(ContainerTest):
    def setUp(self):
        super().setUp()
        self.store = self.dir + "/store"
        self.state = os.path.join(os.environ["XDG_RUNTIME_DIR"], "wolffia/oci")
        self.sleep = ["test:1", "sh", "-c", SLEEP, self.dir]  # whatever belongs to a container names self.dir
        self.true = ["test:1", "true", self.dir]
        subprocess.run([os.environ["TOP"] + "/tests/support/make-image", self.dir + "/layout", TMP + "/bundle/rootfs"],
                       check=True)
        self.call([os.environ["WOLFFIA_IMAGE"], "--store", self.store, "pull", "-q", "--name", "test:1",
                   f"oci:{self.dir}/layout"])
        self.wolffia("gc")
        self.empty = self.everything()

    def call(self, words):
        done = run(words)
        self.assertEqual(done.status, 0, done)
        return done.out

    def words(self, *words):
        return [RUN, "--store", self.store, *words]

    def wolffia(self, *words):
        return self.call(self.words(*words))

    def everything(self):
        """What the store and the runtime hold, but for the layers' contents and the runtime's cache of filters."""
        found = []
        for top, depth in (("", 1), ("layers", 2), ("images", 1), ("refs", 1), ("tmp", 1), ("containers", 2)):
            below = [top]
            for _ in range(depth):
                below = [os.path.join(one, name) for one in below for name in entries(os.path.join(self.store, one))]
            found += below
        found += ["state: " + name for name in entries(self.state) if name != "=seccomp"]
        # A filter is known by its hash; anything else there was never finished.
        found += ["filter: " + name for name in entries(self.state + "/=seccomp") if not re.fullmatch("[0-9a-f]{16}", name)]
        return sorted(found)

    def inject(self, to_the_end, orders, words):
        also = ["--also", OCI, *(["--all"] if to_the_end else [])]
        return run([INJECT, *also, *orders, "--", *words], timeout=HANG)

    def clean(self):
        """What a user does; processes that were on their way may take until the next time."""
        for container in self.wolffia("ps", "-a", "-q").split():
            self.wolffia("rm", "-f", container)
        self.wolffia("gc")
        return not processes_naming(self.dir) and self.everything() == self.empty

    def expect_cleaned(self, message):
        if not wait_for(self.clean, HANG):
            left = sorted(set(self.everything()) - set(self.empty))
            missing = sorted(set(self.empty) - set(self.everything()))
            self.fail(f"{message}: left {left}, missing {missing}, running {processes_naming(self.dir)}")
        with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
            self.assertNotIn(self.dir, mounts.read(), message)

    def chosen(self, name, recorded):
        """Another process with each, as long as there are any."""
        sites = {}
        for line in recorded.splitlines():
            if re.fullmatch(r"\d+ \d+ \d+", line):
                process, call, _ = line.split()
                sites.setdefault(int(process), []).append(call)
        if FULL:
            return [(process, call) for process in sorted(sites) for call in sites[process]]
        lot = random.Random(f"{name} {turn()}")
        processes = lot.sample(sorted(sites), len(sites))
        return [(process, lot.choice(sites[process])) for process in (processes * SITES)[:SITES]]

    def kill_all_over(self, *words, before=None, to_the_end=False):
        """`before` makes what the command works on; `to_the_end` where it leaves nothing running."""
        name, words = self.id().rpartition(".")[2], self.words(*words)

        def disturbed(*orders):
            if before:
                self.wolffia(*before)
            return self.inject(to_the_end, orders, words)

        recorded = disturbed("record")
        self.assertEqual(recorded.status, 0, recorded)
        self.expect_cleaned(name)
        chosen = self.chosen(name, recorded.out)
        hits = 0
        for process, call in chosen:
            hits += "hit" in disturbed(str(process), call, "KILL").err
            self.expect_cleaned(f"{name}: killed process {process} at its call {call}")
        print(f"{name}: {len(chosen)} kills, {hits} of them reached")
        self.assertGreater(hits, len(chosen) // 3, "calls are not the same from run to run")

    def test_run(self):
        self.kill_all_over("run", *self.true)

    def test_run_rm(self):
        self.kill_all_over("run", "--rm", *self.true)

    def test_run_init(self):
        self.kill_all_over("run", "--init", *self.true)

    def test_run_detached(self):
        self.kill_all_over("run", "-d", *self.sleep)

    def test_run_detached_rm(self):
        self.kill_all_over("run", "-d", "--rm", *self.sleep)

    def test_run_detached_to_the_end(self):
        self.kill_all_over("run", "-d", *self.true, to_the_end=True)

    def test_run_detached_rm_to_the_end(self):
        self.kill_all_over("run", "-d", "--rm", *self.true, to_the_end=True)

    def test_start(self):
        self.kill_all_over("start", "one", before=["run", "--name", "one", *self.true], to_the_end=True)

    def running(self):
        return ["run", "-d", "--name", "one", *self.sleep]

    def test_exec(self):
        self.kill_all_over("exec", "one", "true", self.dir, before=self.running())

    def test_stop(self):
        self.kill_all_over("stop", "-t", "1", "one", before=self.running())

    def test_kill(self):
        self.kill_all_over("kill", "one", before=self.running())

    def test_rm(self):
        self.kill_all_over("rm", "-f", "one", before=self.running())

    def test_rename(self):
        self.kill_all_over("rename", "one", "two", before=self.running())


if __name__ == "__main__":
    main()
