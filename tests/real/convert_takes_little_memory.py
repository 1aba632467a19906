# SPDX-License-Identifier: Apache-2.0
# run: once
"""wolffia-image convert holds no contents: of a file of 100 MiB, and of 10,000 small ones, with every compression."""
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

    def assert_little(self, *words):
        done = run([sys.executable, "-c", MEASURE, IMAGE, "convert", "-q", *words, self.root, self.dir + "/out.sqfs"], timeout=300)
        self.assert_ran(done)
        self.assertLess(int(done.out), MOST)

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
        self.assert_little("--level", "1")


if __name__ == "__main__":
    main()
