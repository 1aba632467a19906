# SPDX-License-Identifier: Apache-2.0
# run: sanitized
# timeout: 900
"""What tests/hostile sends to the network daemon goes to one with sanitizers as well: fewer frames in a normal run, as each
takes several times as long."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.environ["TOP"] + "/tests/support")

from harness import main

FEW = {} if os.environ.get("WOLFFIA_FULL") == "1" else {"ODD_FRAMES": "5000"}


class Sanitized(unittest.TestCase):
    def test_what_is_odd_ends_nothing(self):
        for name in ("net_frames", "net_large_datagrams"):
            with self.subTest(name):
                done = subprocess.run([sys.executable, "-B", f"{os.environ['TOP']}/tests/hostile/{name}.py"],
                                      env={**os.environ, **FEW}, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    main()
