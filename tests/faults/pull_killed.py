# SPDX-License-Identifier: Apache-2.0
# needs: no ids
# timeout: 300
"""A pull is killed at 30 of the system calls, at 200 in the long run, of all its processes: what has a name is whole, the next pull succeeds, and
gc leaves what was there before. newuidmap cannot be traced: hence the user who has no use for it."""
import concurrent.futures
import itertools
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, SUPPORT, TMP, ContainerTest, main, run, wait_for  # noqa: E402
from image_test import IMAGE, RUN  # noqa: E402
from oci_image import Generator, Layout, facts_of  # noqa: E402
from registry import Registry, make_certificates  # noqa: E402
from registry_faults import HALF, changed  # noqa: E402
from served import Served, one_file  # noqa: E402

POINTS, WORKERS = 200 if FULL else 30, 2
INJECT = os.path.join(SUPPORT, "inject")


class Store:
    """A store of a worker, that has one image, "base"."""

    def __init__(self, path, layout):
        self.path, self.layout = path, layout
        self.pull(0, "base")
        self.collect()
        self.before = self.names()

    def words(self, tag, name):
        return [IMAGE, "pull", "-q", "--store", self.path, "--name", name, f"oci:{self.layout}:{tag}"]

    def pull(self, tag, name, *before):
        return run([*before, *self.words(tag, name)])

    def runner(self, *words):
        return run([RUN, "--store", self.path, *words])

    def collect(self):
        """As if some time had passed: what a killed process was naming is told from what a living one names by its age."""
        past = time.time() - 7200
        images = [os.path.join("images", name) for name in os.listdir(os.path.join(self.path, "images"))]
        for directory in ("", "locks", "refs", *images):
            for entry in os.scandir(os.path.join(self.path, directory)):
                if entry.name.startswith("."):
                    os.utime(entry.path, (past, past), follow_symlinks=False)
        return self.runner("gc")

    def names(self):
        found = (os.path.relpath(os.path.join(directory, name), self.path)
                 for directory, below, files in os.walk(self.path) for name in below + files if "/tree" not in directory)
        return sorted(set(found) - {"locks/store"})

    def trees(self):
        """Whiteouts are without their time, which nobody sees."""
        return sorted([re.sub(r" 0o20000 .*", " whiteout", fact) for fact in facts_of(directory + "/tree")]
                      for directory, below, _ in os.walk(self.path + "/layers") if "tree" in below)


class PullKilled(ContainerTest):
    def setUp(self):
        super().setUp()
        self.layout = Layout(self.dir + "/layout")
        generator = Generator(1)
        base = generator.layer(5)
        self.layout.add_image("0", [base.bytes()])
        self.layout.add_image("1", [base.bytes(), generator.layer(12), generator.layer(12)])

    def sites(self, store):
        """Every call of every process, as (process, call)."""
        recorded = store.pull(1, "mine", INJECT, "record", "--")
        self.assert_ran(recorded)
        self.trees = store.trees()
        found = [line.split()[:2] for line in recorded.out.splitlines() if line.count(" ") == 2]
        self.forget(store)
        return found

    def forget(self, store):
        self.assert_ran(store.runner("rmi", "mine"))
        self.assert_ran(store.collect())
        self.assertEqual(store.names(), store.before)

    def check(self, store, site):
        """Whether the pull was killed there: another time a thread may be a call quicker."""
        killed = store.pull(1, "mine", INJECT, *site, "KILL", "--")
        named = store.runner("run", "--pull", "never", "--dry-run", "mine", "true").err
        if "there is no image" not in named:  # then all of it is there
            self.assertEqual(store.trees(), self.trees, site)
        self.assert_ran(store.pull(1, "mine"), site)
        self.assertEqual(store.trees(), self.trees, site)
        self.forget(store)
        return "hit " in killed.err

    def test_at_many_points(self):
        stores = [Store(f"{self.dir}/store{i}", self.layout.path) for i in range(WORKERS)]
        sites = self.sites(stores[0])
        self.assertGreater(len(sites), POINTS)
        chosen = [sites[i * len(sites) // POINTS] for i in range(POINTS)]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            parts = pool.map(lambda store, mine: [self.check(store, site) for site in mine], stores,
                             [chosen[i::WORKERS] for i in range(WORKERS)])
            hits = sum(itertools.chain(*parts))
        print(f"{hits} of {POINTS} points of {len(sites)} calls")
        self.assertGreater(hits, POINTS * 3 // 4)

    def test_what_was_fetched_is_not_fetched_again(self):
        """It is killed in the middle of a layer; the registry then sends only the rest."""
        certificates = os.path.join(TMP, "certificates")
        os.makedirs(certificates)
        make_certificates(certificates)
        content = Served()
        document = content.manifest([one_file("greeting", os.urandom(2 * HALF))])
        content.put(document)
        layer = document["layers"][0]

        def stalls(_registry, request, reply):
            return changed(reply, cut=HALF, end="silence") if request.path.endswith(layer["digest"]) else reply
        store = self.dir + "/store"
        with Registry(certificates, stalls, content=content) as registry:
            os.makedirs(f"{self.dir}/certs/{registry.host}")
            os.symlink(certificates + "/ca.crt", f"{self.dir}/certs/{registry.host}/ca.crt")
            words = [IMAGE, "pull", "-q", "--store", store, "--cert-dir", self.dir + "/certs", registry.reference]
            with subprocess.Popen(words, start_new_session=True, stderr=subprocess.DEVNULL) as process:
                arrived = wait_for(lambda: any(name.stat().st_size == HALF for name in parts_of(store)))
                os.killpg(process.pid, signal.SIGKILL)
            self.assertTrue(arrived, "the first half does not arrive")
            registry.fault = None
            self.assert_ran(run(words))
            asked = [request for request in registry.log if request.path.endswith(layer["digest"])]
            self.assertEqual([request.headers.get("range") for request in asked], [None, f"bytes={HALF}-"])
            self.assertEqual(sum(request.sent for request in asked), layer["size"])


def parts_of(store):
    try:
        return [entry for entry in os.scandir(store + "/tmp") if entry.name.startswith("part-")]
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    main()
