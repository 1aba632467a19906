# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Mount points that have to be made are made inside the root, although their parents are exchanged meanwhile.

runc CVE-2024-45310.
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from race import RaceTest  # noqa: E402
from harness import main  # noqa: E402


class MkdirRace(RaceTest):
    def racing_mounts(self, bundle):
        payload = self.payload()
        bundle.config["mounts"] += [
            {"destination": "/volume/real/made/deep/directory", "type": "bind", "source": payload,
             "options": ["bind", "ro"]},
            {"destination": "/volume/real/made/deep/file", "type": "bind", "source": payload + "/inner",
             "options": ["bind", "ro"]},
            {"destination": "/volume/real/made/tmpfs", "type": "tmpfs", "source": "racing-tmpfs"}]

    def forget_made(self, bundle):
        """The next start has to make them again."""
        for name in ("real", "link"):
            shutil.rmtree(os.path.join(bundle.inside("volume"), name, "made"), ignore_errors=True)

    def test_nothing_is_made_outside(self):
        bundle = self.racing_bundle()
        self.racing_mounts(bundle)
        self.canary_is_taken()
        self.race(bundle, starts=600, marks=["racing-tmpfs"], before_each=lambda: self.forget_made(bundle))

    def test_nothing_is_made_outside_through_a_relative_link(self):
        bundle = self.racing_bundle(relative=True)
        self.racing_mounts(bundle)
        self.canary_is_taken()
        self.race(bundle, starts=600, marks=["racing-tmpfs"], before_each=lambda: self.forget_made(bundle))


if __name__ == "__main__":
    main()
