# SPDX-License-Identifier: Apache-2.0
# run: once
"""wolffia-image convert holds no contents: of a file of 100 MiB, and of 10,000 small ones, which are more
than wait for their blocks at once; and writes the same bytes each time."""
import hashlib
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import ContainerTest, main, run  # noqa: E402

IMAGE = os.environ["WOLFFIA_IMAGE"]
MOST = 64 << 10  # KiB
# The most that any process of it had is known to whoever waits for them all.
MEASURE = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)"""


class ConvertTakesLittleMemory(ContainerTest):
    def setUp(self):
        super().setUp()
        os.environ["WOLFFIA_STORE"] = self.dir + "/store"
        self.root = self.dir + "/root"
        os.mkdir(self.root)

    def assert_little(self, *words, name="out.sqfs"):
        """Returns what it has written."""
        path = os.path.join(self.dir, name)
        done = run([sys.executable, "-c", MEASURE, IMAGE, "convert", "-q", *words, self.root, path], timeout=300)
        self.assert_ran(done)
        self.assertLess(int(done.out), MOST)
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).digest()

    def test_of_a_large_file(self):
        with open("/dev/urandom", "rb") as noise, open(self.root + "/large", "wb") as file:
            for _ in range(200):
                file.write(noise.read(1 << 18) * 2)
        self.assert_little("--level", "1")
        self.assert_little("--compression", "lz4")

    def test_of_many_files(self):
        for directory in range(50):
            os.mkdir(f"{self.root}/{directory}")
            for i in range(200):
                with open(f"{self.root}/{directory}/file-{i}", "w", encoding="ascii") as file:
                    file.write(f"{directory} {i}")
        self.assertEqual(self.assert_little("--level", "1"), self.assert_little("--level", "1", name="again"))
        listed = run(["unsquashfs", "-ls", self.dir + "/again"])
        self.assertEqual(len(listed.out.splitlines()), 1 + 50 + 10_000, listed.err)
        shown = run(["unsquashfs", "-q", "-n", "-cat", self.dir + "/again", "0/file-0", "49/file-199"])
        self.assertEqual(shown.out, "0 049 199")


if __name__ == "__main__":
    main()
