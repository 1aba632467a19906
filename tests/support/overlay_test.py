# SPDX-License-Identifier: Apache-2.0
"""What tests with whole programs on a union mount share: two lower layers, the mount, and commands that must succeed."""
import os

from harness import ContainerTest, run
from overlay_mount import Mount, make_layers

WHILE = 300  # seconds that a program may take


class OverlayTest(ContainerTest):
    outside = False  # through fusermount3, as somebody who entered no namespace

    def setUp(self):
        super().setUp()
        self.layers = make_layers(self.dir, 2)
        self.lower = self.layers.lower[1]
        self.path = self.dir + "/mount"

    def mounted(self):
        return Mount(self.layers, self.path, outside=self.outside)

    def must(self, *words, cwd=None, **options):
        """What the command prints."""
        done = run(list(words), cwd=cwd or self.path, timeout=WHILE, **options)
        self.assert_ran(done)
        return done.out

    def put(self, path, text=""):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
