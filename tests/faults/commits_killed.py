# SPDX-License-Identifier: Apache-2.0
# run: plain
# run: once
# timeout: 600
"""A commit is killed at its system calls, in whichever of its processes: no image is damaged, gc cleans up all of it,
and the next commit makes what the first one would have made. One call in a few is tried; WOLFFIA_FULL=1 tries all."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, SUPPORT, TMP, ContainerTest, main  # noqa: E402

IMAGE, RUN, INJECT = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"], os.path.join(SUPPORT, "inject")
SITES = 30  # in a normal run


class CommitsKilled(ContainerTest):
    def setUp(self):
        super().setUp()
        self.store = os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
        subprocess.run([os.environ["TOP"] + "/tests/support/make-image", self.dir + "/layout", TMP + "/bundle/rootfs"],
                       check=True)
        self.call(IMAGE, "pull", "-q", "--name", "base:1", f"oci:{self.dir}/layout")
        os.makedirs(self.dir + "/upper/etc")
        for name in ("etc/motd", "new", "more"):
            with open(f"{self.dir}/upper/{name}", "w", encoding="ascii") as file:
                file.write("committed\n")
        self.commit = [IMAGE, "commit", "-q", "--upper", self.dir + "/upper", "base:1", "made:1"]

    def call(self, *words):
        run = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             timeout=60)
        self.assertEqual(run.returncode, 0, f"{words}\n{run.stderr}")
        return run.stdout.strip()

    def inject(self, *orders):
        return subprocess.run([INJECT, *orders, "--", *self.commit], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60).stdout

    def names(self):
        """Every layer, image, name and piece of work that the store holds. A half-written name has a dot in front: gc gives
        whoever may be at it a minute."""
        found = []
        for top, depth in (("layers", 2), ("images", 1), ("refs", 1), ("tmp", 1)):
            below = [""]
            for _ in range(depth):
                below = [os.path.join(one, name) for one in below for name in os.listdir(os.path.join(self.store, top, one))
                         if not name.startswith(".")]
            found += [os.path.join(top, one) for one in below]
        return sorted(found)

    def forget(self):
        """Back to what there was before the commit."""
        if any(image["reference"] == "localhost/made:1" for image in json.loads(self.call(RUN, "images", "--json"))):
            self.call(RUN, "rmi", "made:1")
        self.call(RUN, "gc")
        return self.names()

    def test_whatever_is_killed_gc_cleans_up(self):
        before = self.names()
        made = self.call(*self.commit)
        self.assertEqual(self.forget(), before)
        recorded = self.inject("record")
        self.assertIn(made, recorded)
        sites = [line.split()[:2] for line in recorded.splitlines() if re.fullmatch(r"\d+ \d+ \d+", line)]
        self.assertGreater(len(sites), SITES)
        self.forget()
        hits = 0
        for process, call in sites if FULL else sites[::len(sites) // SITES]:
            hits += "hit" in self.inject(process, call, "KILL")
            self.assertEqual(self.forget(), before, f"killed process {process} at its call {call}")
        self.assertGreater(hits, SITES // 2)
        self.assertEqual(self.call(*self.commit), made)
        self.assertEqual(self.call(RUN, "run", "--rm", "made:1", "cat", "/etc/motd", "/new"), "committed\ncommitted")


if __name__ == "__main__":
    main()
