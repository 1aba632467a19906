# SPDX-License-Identifier: Apache-2.0
# timeout: 300
"""Random histories of some eighty kinds of operation end on the union mount as on a plain directory: after each step,
after another mount, and through the kernel's overlayfs on the same layers.

WOLFFIA_SEED=N runs one history again; WOLFFIA_FULL=1 runs 500 of 1,000 operations.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import overlay_mount  # noqa: E402

overlay_mount.enter_namespace()
from harness import FULL, ContainerTest, main  # noqa: E402
from overlay_model import SHRINKING, check  # noqa: E402
from overlay_operations import KINDS  # noqa: E402

STEPS = int(os.environ.get("WOLFFIA_STEPS", "1000" if FULL else "500"))
HISTORIES = 500 if FULL else 10 if overlay_mount.has_ids() else 3
ENOUGH = 3  # failures tell the same again


class Histories(ContainerTest):
    def seeds(self):
        """Those of a commit are always the same."""
        if chosen := os.environ.get("WOLFFIA_SEED"):
            return [int(seed) for seed in chosen.split(",")]
        return range(1, HISTORIES + 1)

    def test_kinds(self):
        self.assertGreaterEqual(len(KINDS), 40)

    def test_histories(self):
        failures = []
        for seed in self.seeds():
            print(f"seed {seed}", flush=True)
            told = check(seed, f"{self.dir}/world", overlay_mount.PROGRAM, STEPS,
                         float(os.environ.get("WOLFFIA_SHRINKING", SHRINKING)))
            if told:
                failures.append(told)
                print(told, flush=True)
            if len(failures) == ENOUGH:
                break
        self.assertFalse(failures, f"{len(failures)} histories, see above")


if __name__ == "__main__":
    main()
