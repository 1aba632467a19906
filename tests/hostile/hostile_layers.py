# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Layers made to reach, fill or stop the host are refused in one sentence, or end up inside the tree and nowhere else.

containerd CVE-2021-32760, CVE-2025-47290; umoci CVE-2021-29136; podman CVE-2025-11395; CVE-2025-58183. Each is unpacked
in a confined process and, as confinement would hide an escape, once more without.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from hostile_tars import Layers  # noqa: E402
from harness import FULL, SUPPORT, TMP, Canary, main  # noqa: E402
from tar_forge import archive, entry  # noqa: E402

PATIENCE = 10  # seconds that no layer may take
UNPACK = os.path.join(SUPPORT, "unpack_layer")
RACES = 400 if FULL else 24


class Exchanger(threading.Thread):
    """Makes "real" below `tree` a directory and a link to `target` by turns, whatever others make of it."""

    def __init__(self, tree, target):
        super().__init__()
        self.real, self.aside, self.target = tree + "/real", tree + "/aside", target
        self.ended = threading.Event()
        self.count = 0

    def run(self):
        while not self.ended.is_set():
            with contextlib.suppress(OSError):
                os.rename(self.real, self.aside)
            with contextlib.suppress(OSError):
                os.symlink(self.target, self.real)
                self.count += 1
            time.sleep(0.0001)
            with contextlib.suppress(OSError):
                os.unlink(self.real)
            with contextlib.suppress(OSError):
                os.rename(self.aside, self.real)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


class HostileLayers(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=TMP)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.canary = Canary(os.path.join(self.dir, "canary"))
        self.layer = os.path.join(self.dir, "layer")
        self.tree = os.path.join(self.dir, "tree")

    def fresh_tree(self, lower):
        subprocess.run(["rm", "-rf", self.tree], check=True)
        os.mkdir(self.tree)
        if lower:
            os.symlink(self.canary.path, self.tree + "/lower-absolute")
            os.symlink("../canary", self.tree + "/lower-relative")

    def unpack(self, options):
        begin = time.monotonic()
        done = subprocess.run([UNPACK, *options, self.layer, self.tree], capture_output=True, timeout=6 * PATIENCE,
                              check=False)
        self.assertLess(time.monotonic() - begin, PATIENCE)
        return done

    def assert_contained(self):
        """Whatever the layer says, no device, no name of ours and nobody else's mark is in the tree."""
        def found(*conditions):
            return subprocess.run(["find", self.tree, *conditions, "-print0"], capture_output=True,
                                  check=True).stdout.split(b"\0")[:-1]
        self.assertEqual(found("(", "-name", ".wh.*", "-o", "-type", "b", ")"), [])
        self.assertEqual([path for path in found("-type", "c") if os.lstat(path).st_rdev != 0], [])

    def check(self, layer, options, refused):
        for extra in ([], ["--direct"]):
            self.fresh_tree("--apply" in options)
            done = self.unpack([*options, *extra])
            self.assertIn(done.returncode, (0, 1), done)
            self.assertEqual(self.canary.changes(), [])
            self.assertEqual(sorted(os.listdir(self.dir)), ["canary", "layer", "tree"])
            if refused is not None:
                self.assertEqual(done.returncode == 1, refused, done)
            if done.returncode == 1:
                self.assertEqual(done.stderr.count(b"\n"), 1, done)
                self.assertTrue(done.stderr[:-1].decode().isprintable(), done)
            else:
                self.assert_contained()

    def test_every_hostile_layer(self):
        layers = Layers(self.canary.path).rows
        self.assertGreaterEqual(len(layers), 120)
        chosen = {name: layers[name] for i, name in enumerate(layers) if FULL or i % 8 == 0}
        for name, (layer, options, refused) in chosen.items():
            with self.subTest(layer=name):
                with open(self.layer, "wb") as file:
                    file.write(layer())
                self.check(layer, options, refused)
        print(f"{len(chosen)} of {len(layers)} layers")

    def test_a_victim_tree_that_is_exchanged_meanwhile(self):
        """Somebody exchanges a directory of the tree for a link to the canary while a layer goes through it."""
        with open(self.layer, "wb") as file:
            file.write(archive(*(entry(f"real/d{i}/file", content=b"changed") for i in range(50)),
                               entry("real/file", content=b"changed"), entry("real/directory/file", content=b"changed"),
                               entry("real/.wh.file"), entry("real/directory/.wh..wh..opq")))
        ended = exchanged = 0
        for options in (["--direct"], ["--direct", "--apply"]):
            self.fresh_tree(False)
            with Exchanger(self.tree, self.canary.path) as exchanger:
                for _ in range(RACES):
                    done = self.unpack(options)
                    self.assertIn(done.returncode, (0, 1), done)
                    ended += done.returncode == 0
            exchanged += exchanger.count
            self.assertEqual(self.canary.changes(), [])
        print(f"{2 * RACES} layers, {ended} of them unpacked, {exchanged} exchanges")
        self.assertGreater(ended, 0, "no layer was unpacked: the race proves nothing")
        self.assertGreater(exchanged, RACES, "too few exchanges: the race proves nothing")


if __name__ == "__main__":
    main()
