# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 180
"""fio verifies what it wrote to a union mount by every way of doing so, and stress-ng's stressors of file systems fail there
only where they fail on a plain directory."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import FULL, main, run  # noqa: E402
from overlay_test import OverlayTest  # noqa: E402

SECONDS, MEBIBYTES = (60, 8) if FULL else (3, 4)
# These work on other things than the directory they are given: io syncs every mount that there is.
ELSEWHERE = ["bind-mount", "binderfs", "procfs", "io", "ioprio", "eventfd", "dup", "handle", "fanotify"]
ENGINES = ["psync", "mmap", "libaio", "pvsync2"]


class Stress(OverlayTest):
    def test_fio(self):
        """The file is the lower layer's for half of the jobs."""
        for engine in ENGINES:
            with open(f"{self.lower}/{engine}.0.0", "wb") as file:
                file.write(bytes(MEBIBYTES << 20))
        with self.mounted():
            for engine in ENGINES:
                for pattern in ("write", "randwrite", "randrw"):
                    with self.subTest(engine=engine, pattern=pattern):
                        self.must("fio", f"--name={engine}", f"--ioengine={engine}", f"--rw={pattern}", f"--size={MEBIBYTES}m",
                                  "--bsrange=512-128k", "--bs_unaligned=1", "--numjobs=2", "--verify=crc32c", "--iodepth=4",
                                  "--verify_fatal=1", "--thread", "--fallocate=none", "--file_service_type=random",
                                  "--group_reporting", "--end_fsync=1", "--randrepeat=1")

    def failures(self, directory):
        """The stressors that say so."""
        os.makedirs(directory, exist_ok=True)
        done = run(["stress-ng", "--class", "filesystem", "--all", "1", "--verify", "--timeout", str(SECONDS), "--temp-path",
                    directory, "--exclude", ",".join(ELSEWHERE), "--oomable", "--skip-silent"], cwd=directory,
                   timeout=SECONDS * 20 + 100)
        told = re.findall(r"^stress-ng: (?:fail|error): +\[\d+\] ([\w-]+): (.*)", done.out + done.err, re.MULTILINE)
        return {name: what for name, what in told if "Interrupted system call" not in what}  # the time is over

    def test_stressors(self):
        plain = self.failures(self.dir + "/plain")
        with self.mounted():
            mine = self.failures(self.path + "/stress")
            self.assertEqual({name: what for name, what in mine.items() if name not in plain}, {})


if __name__ == "__main__":
    main()
