# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 600
"""Archives that are made to fool or stop whoever finds out what they are: `load` takes them or says why not, in one
sentence, and what it took can be removed. They are those of hostile_images.py, where their kind is said; `import` takes
them for root file systems."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import hostile_documents  # noqa: E402
import hostile_layouts  # noqa: E402
from harness import FULL, PATIENCE, main, run  # noqa: E402
from hostile_images import Draft  # noqa: E402
from image_test import IMAGE, RUN, ImageTest  # noqa: E402

STEP = 1 if FULL else 12
ARCHIVES = ("oci-archive", "docker-archive")


class HostileArchives(ImageTest):
    def forget_images(self):
        """All names but that of the image that was there before."""
        done = run([RUN, "images", "--json"])
        self.assert_ran(done)
        for image in json.loads(done.out):
            if image["reference"] and not image["reference"].endswith("/base:latest"):
                self.assert_ran(run([RUN, "rmi", image["reference"]]))

    def check(self, done):
        self.assert_no_crash(done)
        self.assertIn(done.status, (0, 1), done)
        if done.status == 1:
            self.assertTrue(done.err.endswith("\n") and done.err.splitlines()[-1].isprintable(), done)
        self.forget_images()
        self.assert_nothing_left()

    def test_load_and_import_of_every_hostile_archive(self):
        cases = [case for family in [*hostile_documents.families(), *hostile_layouts.families(self.canary.path)]
                 for case in family.cases if set(case.sources) & set(ARCHIVES)]
        self.assertGreater(len(cases), 100)
        taken = 0
        for case in cases[::STEP]:
            with self.subTest(image=case.name):
                self.from_oci_archive(Draft(case.steps, self.base))
                done = self.image("load", "-q", self.dir + "/archive")
                taken += done.status == 0
                self.check(done)
                self.check(run([IMAGE, "import", "-q", self.dir + "/archive", "imported"], timeout=PATIENCE * 4))
            self.forget_sources()
        self.assertGreater(taken, 0)


if __name__ == "__main__":
    main()
