# SPDX-License-Identifier: Apache-2.0
# run: once
# timeout: 900
"""Whole images made to reach, fool or stop the host end as their table says, in one sentence, and leave nothing behind.

Each is one mutation of a good image (tests/support/hostile_images.py), and comes from a layout, an archive or a
registry: in the normal run every sixth from one of its sources, in the long one all from all of them.
"""
import dataclasses
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests/support"))
import hostile_contents  # noqa: E402
import hostile_documents  # noqa: E402
import hostile_layouts  # noqa: E402
import hostile_programs  # noqa: E402
from harness import FULL, Canary, ContainerTest, main, run  # noqa: E402
from hostile_images import GOOD, Draft  # noqa: E402
from oci_image import INDEX, Layout, digest_of  # noqa: E402
from registry import Registry, make_certificates  # noqa: E402
from tar_forge import archive, entry  # noqa: E402

IMAGE, RUN = os.environ["WOLFFIA_IMAGE"], os.environ["WOLFFIA"]
MOST_SECONDS = 10  # that no image may take
MOST_WORDS = 4096  # bytes that a stranger may make us say
STEP = 1 if FULL else 6


@dataclasses.dataclass
class Content:
    """What the registry serves: every blob under its digest, and as a manifest too."""
    blobs: dict
    manifests: dict
    types: dict
    tags: dict


class HostileImages(ContainerTest):
    def setUp(self):
        super().setUp()
        self.canary = Canary(os.path.join(self.dir, "canary"))
        self.store = os.environ["WOLFFIA_STORE"] = os.path.join(self.dir, "store")
        self.base = hostile_programs.trap_layer(self.canary.path)
        Layout(self.dir + "/base").add_image("base", [self.base], packed=False)
        self.assert_ran(self.image("pull", "-q", "--name", "base", f"oci:{self.dir}/base"))
        self.assert_ran(run([RUN, "run", "--rm", "base", "true"]))
        self.assert_ran(run([RUN, "gc"]))
        self.before = self.names_in_store()
        make_certificates(self.dir)
        self.registry = self.enterContext(Registry(self.dir))
        os.makedirs(f"{self.dir}/certs/{self.registry.host}")
        os.symlink(self.dir + "/ca.crt", f"{self.dir}/certs/{self.registry.host}/ca.crt")

    def image(self, *words):
        return run([IMAGE, *words])

    def names_in_store(self):
        return sorted(os.path.join(directory, name) for directory, below, files in os.walk(self.store)
                      for name in below + files if "/tree" not in directory)

    # Where the image comes from.

    def from_oci(self, draft):
        path = os.path.join(self.dir, "layout")
        os.mkdir(path)
        for name, data in draft.files.items():
            if isinstance(data, bytes):
                os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
                with open(os.path.join(path, name), "wb") as file:
                    file.write(data)
        for name, make in draft.files.items():
            if callable(make):
                make(os.path.join(path, name))
        return ["oci:" + path]

    def from_archive(self, draft, kind="oci-archive"):
        raw = draft.files.get("")
        if raw is None:
            raw = archive(*(entry(name, content=data) for name, data in draft.files.items()))
        with open(self.dir + "/archive", "wb") as file:
            file.write(raw)
        return [f"{kind}:{self.dir}/archive"]

    def from_docker_archive(self, draft):
        return self.from_archive(draft, "docker-archive")

    def from_registry(self, draft):
        top = digest_of(draft.index)
        self.registry.content = Content(draft.blobs, draft.blobs | {top: draft.index},
                                        {digest: "application/json" for digest in draft.blobs} | {top: INDEX}, {"1": top})
        return ["--cert-dir", self.dir + "/certs", self.registry.reference]

    # What must hold.

    def assert_one_sentence(self, done):
        self.assertEqual(done.err.count("\n"), 1, done)
        self.assertTrue(done.err[:-1].isprintable(), done)
        self.assertLess(len(done.err), MOST_WORDS, done)

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
        words = getattr(self, "from_" + source.replace("oci-archive", "archive").replace("-", "_"))(
            Draft(case.steps, self.base))
        begin = time.monotonic()
        done = self.image("pull", "-q", "--name", "mine", *words)
        try:
            self.assert_outcome(done, case.outcome)
            if done.status == 0 and case.run:
                self.assert_run(case)
            self.assertLess(time.monotonic() - begin, MOST_SECONDS)
        finally:
            self.assert_ran(run([RUN, "rmi", "mine"] if done.status == 0 else [RUN, "gc"]))
        self.assertEqual(self.canary.changes(), [])
        self.assertEqual(self.names_in_store(), self.before)

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
                subprocess.run(["rm", "-rf", self.dir + "/layout", self.dir + "/archive"], check=True)
                count += 1
        print(f"{count} images of {len(cases)} mutations")


if __name__ == "__main__":
    main()
