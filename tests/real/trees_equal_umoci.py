# SPDX-License-Identifier: Apache-2.0
# timeout: 600
# run: once
"""Generated images are unpacked to the trees that umoci makes of them: 20, or 200 in the long run."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
from harness import FULL, ContainerTest, main  # noqa: E402
from oci_image import Generator, Layout, facts_of  # noqa: E402

IMAGE = os.environ["WOLFFIA_IMAGE"]


class TreesEqualUmoci(ContainerTest):
    def umoci(self, seed):
        subprocess.run(["umoci", "raw", "unpack", "--rootless", "--image", f"layout:{seed}", f"umoci-{seed}"],
                       cwd=self.dir, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        return facts_of(os.path.join(self.dir, f"umoci-{seed}"))

    def ours(self, seed):
        subprocess.run([IMAGE, "unpack", "-q", f"oci:layout:{seed}", f"ours-{seed}"], cwd=self.dir, check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        return facts_of(os.path.join(self.dir, f"ours-{seed}"))

    def test_generated_images(self):
        layout = Layout(os.path.join(self.dir, "layout"))
        for seed in range(200 if FULL else 20):
            generator = Generator(seed)
            layout.add_image(str(seed), [generator.layer(12) for _ in range(1 + seed % 5)], packed=seed % 2 == 0)
            with self.subTest(seed=seed):
                self.assertEqual(self.ours(seed), self.umoci(seed))


if __name__ == "__main__":
    main()
