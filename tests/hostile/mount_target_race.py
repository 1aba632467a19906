# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Mounts stay inside the root although their targets are exchanged for symbolic links while they are made.

runc CVE-2021-30465, crun CVE-2019-18837.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from race import RaceTest  # noqa: E402
from harness import main  # noqa: E402


class MountTargetRace(RaceTest):
    def test_no_mount_leaves_the_root(self):
        bundle = self.racing_bundle()
        os.mkdir(bundle.inside("volume/real/place"))
        os.mkdir(os.path.join(self.canary.path, "directory/place"))
        bundle.config["mounts"].append({"destination": "/volume/real/place", "type": "tmpfs", "source": "racing-tmpfs"})
        self.canary_is_taken()
        self.race(bundle, starts=1000, marks=["racing-tmpfs"])

    def test_no_bind_mount_leaves_the_root(self):
        bundle = self.racing_bundle(relative=True)
        for place in ("place", "file"):
            target = bundle.inside("volume/real/" + place)
            os.mkdir(target) if place == "place" else open(target, "w", encoding="ascii").close()
        os.mkdir(os.path.join(self.canary.path, "directory/place"))
        payload = self.payload()
        for source, target in ((payload, "place"), (payload + "/inner", "file")):
            bundle.config["mounts"].append({"destination": "/volume/real/" + target, "type": "bind", "source": source,
                                            "options": ["bind", "ro"]})
        self.canary_is_taken()
        self.race(bundle, starts=1000, marks=["/place ro", "/file ro"])


if __name__ == "__main__":
    main()
