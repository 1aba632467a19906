# SPDX-License-Identifier: Apache-2.0
# needs: ids
# timeout: 900
"""Generated images are unpacked to the trees that Podman makes of them, owners included: 20, or 200 in the long run."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, PATIENCE, ContainerTest, main  # noqa: E402
from oci_image import Generator, Layout  # noqa: E402

IMAGE, COUNT = os.environ["WOLFFIA_IMAGE"], 200 if FULL else 20
# In Podman's user namespace, where owners are those of the image: the facts of both trees of each image.
LOOK = """
import json, os, subprocess, sys
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from oci_image import facts_of
podman, ids = json.loads(sys.argv[1]), sys.argv[2:]
mounted = json.loads(subprocess.run([*podman, "image", "mount", "--format", "json", *ids], check=True,
                                    stdout=subprocess.PIPE).stdout)
places = {one["id"]: one["mountpoint"] for one in mounted}
json.dump([[facts_of(f"ours-{seed}", True), facts_of(places[id], True)] for seed, id in enumerate(ids)], sys.stdout)
subprocess.run([*podman, "image", "umount", "--all"], check=True, stdout=subprocess.DEVNULL)
"""


class TreesEqualPodman(ContainerTest):
    def setUp(self):
        super().setUp()
        store = self.dir + "/podman"
        self.podman = ["podman", "--root", store + "/root", "--runroot", store + "/run", "--tmpdir", store + "/tmp",
                       "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "file"]
        self.addCleanup(self.says, "system", "migrate")  # ends the process that keeps Podman's user namespace
        self.addCleanup(self.says, "unshare", "rm", "-rf", store + "/root", *(f"{self.dir}/ours-{seed}" for seed in range(COUNT)))

    def says(self, *words):
        return subprocess.run([*self.podman, *words], cwd=self.dir, check=True, stdout=subprocess.PIPE, text=True,
                              timeout=PATIENCE * 20).stdout

    def test_generated_images(self):
        layout = Layout(os.path.join(self.dir, "layout"))
        for seed in range(COUNT):
            generator = Generator(seed, owners=True)
            layout.add_image(str(seed), [generator.layer(12) for _ in range(1 + seed % 5)], packed=seed % 2 == 0)
            subprocess.run([IMAGE, "unpack", "-q", f"oci:layout:{seed}", f"ours-{seed}"], cwd=self.dir, check=True,
                           stdout=subprocess.DEVNULL, timeout=PATIENCE)
        # One call each: a start of Podman takes longer than an image.
        ids = self.says("pull", "-q", *(f"oci:layout:{seed}" for seed in range(COUNT))).split()
        self.assertEqual(len(set(ids)), COUNT)
        for seed, (ours, theirs) in enumerate(json.loads(self.says("unshare", "python3", "-c", LOOK,
                                                                   json.dumps(self.podman), *ids))):
            with self.subTest(seed=seed):
                self.assertEqual(ours, theirs)
        self.assertTrue(any(" 33:" in fact for fact in ours), "owners were not compared")


if __name__ == "__main__":
    main()
