# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 900
"""Whole images made to reach, fool or stop the host end as their table says, in one sentence, and leave nothing behind.

Each is one mutation of a good image (tests/support/hostile_images.py), and comes from a layout, an archive or a
registry: in the normal run every ninth from one of its sources, in the long one all from all of them.
"""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import hostile_contents  # noqa: E402
import hostile_documents  # noqa: E402
import hostile_layouts  # noqa: E402
import hostile_programs  # noqa: E402
from harness import FULL, main, run  # noqa: E402
from hostile_images import GOOD, Draft  # noqa: E402
from image_test import RUN, ImageTest  # noqa: E402

MOST_SECONDS = 10  # that no image may take
STEP = 1 if FULL else 9


class HostileImages(ImageTest):
    def base_layer(self):
        return hostile_programs.trap_layer(self.canary.path)

    def assert_outcome(self, done, outcome):
        self.assert_no_crash(done)
        if done.status == 0:
            self.assertRegex(GOOD, f"^({outcome})$", "it was accepted")
        else:
            self.assertEqual(done.status, 1, done)
            self.assert_one_sentence(done)
            self.assertRegex(done.err, outcome)

    def assert_run(self, case):
        words, status, outcome = case.run
        flags = [word for word in words if word == "--read-only"]
        done = run([RUN, "run", "--rm", *flags, "mine", *words[len(flags):]])
        self.assert_no_crash(done)
        if status is not None:
            self.assertEqual(done.status, status, done)
        self.assertIsNotNone(re.search(outcome, done.out if done.status == 0 else done.err), (outcome, str(done)))
        if done.status == 125:
            self.assert_one_sentence(done)

    def check(self, case, source):
        words = self.from_source(source, Draft(case.steps, self.base))
        begin = time.monotonic()
        done = self.image("pull", "-q", "--name", "mine", *words)
        try:
            self.assert_outcome(done, case.outcome)
            if done.status == 0 and case.run:
                self.assert_run(case)
            self.assertLess(time.monotonic() - begin, MOST_SECONDS)
        finally:
            if done.status == 0:
                self.assert_ran(run([RUN, "rmi", "mine"]))
        self.assert_nothing_left()

    def test_every_hostile_image(self):
        families = [*hostile_documents.families(), *hostile_contents.families(), *hostile_programs.families(),
                    *hostile_layouts.families(self.canary.path)]
        cases = [case for family in families for case in family.cases]
        self.assertGreaterEqual(len(cases), 300)
        count = 0
        for number, case in enumerate(cases[::STEP]):
            for source in case.sources if FULL else [case.sources[number % len(case.sources)]]:
                with self.subTest(image=case.name, source=source):
                    self.check(case, source)
                self.forget_sources()
                count += 1
        print(f"{count} images of {len(cases)} mutations")


if __name__ == "__main__":
    main()
